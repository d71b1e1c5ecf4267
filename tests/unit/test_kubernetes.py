"""What is read out of clusters: kubeconfigs, ingresses, readiness, access logs."""

import json
from base64 import b64encode
from datetime import UTC, datetime, timedelta

import pytest
import yaml  # type: ignore[import-untyped] # its stubs are not worth a dependency

from switchback.domain.model import NaiveInstant
from switchback.systems.kubernetes import (
    IngressWithoutAddress,
    NoIngress,
    PodState,
    UnreadableAccessLog,
    UnusableKubeconfig,
    access_log,
    ingress,
    kubeconfig,
)
from switchback.systems.kubernetes.objects import Deployment, Ingress, Listing, Pod

NOON = datetime(2026, 1, 31, 12, tzinfo=UTC)


def config(**user: object) -> bytes:
    """A kubeconfig of two contexts, as AKS writes it; the second is the current one."""
    ca = b64encode(b"PEM").decode()
    clusters = [
        {"name": name, "cluster": {"server": f"https://{name}.test/", "certificate-authority-data": ca}}
        for name in ("other", "ours")
    ]
    contexts = [{"name": name, "context": {"cluster": name, "user": "us"}} for name in ("other", "ours")]
    users = [{"name": "us", "user": user}]
    content = {"current-context": "ours", "clusters": clusters, "contexts": contexts, "users": users}
    return bytes(yaml.safe_dump(content).encode())


def entry(**changed: object) -> str:
    """A line of the agreed access log."""
    usual: dict[str, object] = {
        "time": NOON.isoformat(),
        "client": "192.0.2.7:40000",
        "host": "dev.chain.mystira.test",
        "method": "POST",
        "path": "/entries",
        "status": 201,
        "agent": "browser",
    }
    return json.dumps(usual | changed)


def one_ingress(host: str, *points: dict[str, str], name: str = "web") -> Ingress:
    """An ingress as the API writes it."""
    content = {
        "metadata": {"name": name},
        "spec": {"rules": [{"host": host}]},
        "status": {"loadBalancer": {"ingress": list(points)}},
    }
    return Ingress.model_validate(content)


def test_a_kubeconfig_is_read_in_its_current_context() -> None:
    """Never simply the first cluster (defect 20)."""
    access = kubeconfig.parse("ours", config(token="t"))
    assert (access.server, access.ca, access.token) == ("https://ours.test", "PEM", "t")


def test_credentials_do_not_show() -> None:
    """Tracebacks print arguments."""
    key = {"client-certificate-data": b64encode(b"cert").decode(), "client-key-data": b64encode(b"hidden").decode()}
    access = kubeconfig.parse("ours", config(token="hunter2", **key))
    assert "hunter2" not in repr(access)
    assert "hidden" not in repr(access)


def test_a_kubelogin_kubeconfig_names_whom_to_ask_for_a_token() -> None:
    """So that no program of the operator's is run."""
    login = {"command": "kubelogin", "args": ["get-token", "--login", "spn", "--server-id", "6dae42f8"]}
    assert kubeconfig.parse("ours", config(exec=login)).audience == "6dae42f8"


@pytest.mark.parametrize(
    "text",
    [b"", b"{", b"[]", b"current-context: ours", config(), config(exec={"command": "kubelogin", "args": None})],
    ids=["empty", "not YAML", "a list", "no clusters", "no credential", "a login that needs a person"],
)
def test_a_kubeconfig_that_leads_nowhere_is_refused(text: bytes) -> None:
    """The cluster is named; the content, which may hold a token, is not."""
    with pytest.raises(UnusableKubeconfig, match="cluster ours"):
        kubeconfig.parse("ours", text)


def test_each_host_gets_its_own_ingress_address() -> None:
    """By rule, whatever the order, IPv6 included (defect 22)."""
    found = [
        one_ingress("b.test", {"ip": "192.0.2.2"}),
        one_ingress("a.test", {"ip": "2001:db8::1"}, {"ip": "192.0.2.1"}),
    ]
    expected = {"a.test": ("192.0.2.1", "2001:db8::1"), "b.test": ("192.0.2.2",)}
    assert ingress.addresses("aks", "ns", found, ["a.test", "b.test"]) == expected


def test_a_host_without_an_ingress_is_refused_by_name() -> None:
    """Another host's address would be worse than none."""
    with pytest.raises(NoIngress, match=r"namespace ns .* rule for c\.test"):
        ingress.addresses("aks", "ns", [one_ingress("a.test", {"ip": "192.0.2.1"})], ["c.test"])


@pytest.mark.parametrize(
    ("points", "found"), [([], "still pending"), ([{"hostname": "lb.test"}], r"only the name lb\.test")]
)
def test_an_ingress_without_an_ip_address_is_refused(points: list[dict[str, str]], found: str) -> None:
    """An A record set cannot hold a name, nor nothing."""
    with pytest.raises(IngressWithoutAddress, match=rf"web for a\.test in namespace ns .*{found}"):
        ingress.addresses("aks", "ns", [one_ingress("a.test", *points)], ["a.test"])


def test_kubernetes_writes_empty_lists_as_null() -> None:
    """Go does that; it is not an error."""
    assert Listing[Pod].model_validate_json('{"items": null}').items == ()


@pytest.mark.parametrize(
    ("desired", "ready", "healthy"), [(2, 2, True), (2, 3, True), (2, 1, False), (2, 0, False), (0, 0, False)]
)
def test_no_pods_at_all_is_not_healthy(desired: int, ready: int, *, healthy: bool) -> None:
    """`kubectl get pods` exits with 0 on all of these (defect 21)."""
    state = PodState(selector="app=web", deployments=("web",), desired=desired, ready=ready, reasons=())
    assert state.healthy is healthy


def test_a_pod_that_is_leaving_does_not_count_and_a_waiting_one_says_why() -> None:
    """Ready is not enough when it is about to go."""
    serving = {"conditions": [{"type": "Ready", "status": "True"}]}
    crashing = {"containerStatuses": [{"state": {"waiting": {"reason": "CrashLoopBackOff"}}}]}
    leaving = Pod.model_validate({"metadata": {"deletionTimestamp": "2026-01-31T12:00:00Z"}, "status": serving})
    assert Pod.model_validate({"metadata": {}, "status": serving}).ready
    assert not leaving.ready
    assert Pod.model_validate({"metadata": {}, "status": crashing}).reasons == {"CrashLoopBackOff"}


def test_a_deployment_is_chosen_by_the_labels_of_its_pods() -> None:
    """A deployment's own labels may differ."""
    spec = {"template": {"metadata": {"labels": {"app": "web", "tier": "front"}}}}
    deployment = Deployment.model_validate({"metadata": {"labels": {"app": "other"}}, "spec": spec})
    assert deployment.makes("app=web,tier=front")
    assert not deployment.makes("app=other")


def test_requests_since_an_instant_are_read_between_the_controllers_own_lines() -> None:
    """Our own probes included: the caller decides what counts."""
    early = entry(time=(NOON - timedelta(microseconds=1)).isoformat())
    lines = ["I0131 12:00:00 controller.go:1] starting", early, entry(agent="switchback-probe"), "2026/01/31 [notice]"]
    (request,) = access_log.parse("pod", lines, NOON)
    assert (request.agent, request.status, request.client) == ("switchback-probe", 201, "192.0.2.7:40000")


@pytest.mark.parametrize(
    "line",
    [
        '192.0.2.7 - - [31/Jan/2026:12:00:00 +0000] "GET / HTTP/1.1" 200 615 "-" "browser"',
        '{"time": ',
        '{"status": 200}',
    ],
    ids=["the default format", "half a line", "other fields"],
)
def test_requests_that_cannot_be_read_are_not_silence(line: str) -> None:
    """Else traffic would be 'gone' wherever the log format differs."""
    with pytest.raises(UnreadableAccessLog, match="controller pod"):
        tuple(access_log.parse("pod", [line], NOON))


def test_a_request_without_a_time_zone_is_refused() -> None:
    """It could be hours away (defect 41)."""
    with pytest.raises(NaiveInstant):
        tuple(access_log.parse("pod", [entry(time="2026-01-31T12:00:00")], NOON))
