"""Clusters, entered through AKS and read over their own API."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from infra.local.azure.faults import Fault
from switchback.domain.model import Side
from switchback.systems import kubernetes
from switchback.systems.azure_errors import AzureDenied
from switchback.systems.kubernetes import Cluster, ClusterSilent, NotInCluster, kubeconfig
from switchback.systems.kubernetes.api import Api
from tests.fix_azure import AzureSite

CHAIN = "mys-chain"


@pytest.fixture
def old(fresh_azure: AzureSite) -> Cluster:
    """Old's cluster."""
    return kubernetes.open_cluster(fresh_azure.environment, Side.OLD)


@pytest.fixture
def access_log(fresh_azure: AzureSite) -> Iterator[Path]:
    """Old's access log, removed afterwards."""
    path = fresh_azure.layout.var / "log" / "ingress-old.jsonl"
    path.parent.mkdir(exist_ok=True)
    yield path
    path.unlink(missing_ok=True)


def logged(at: datetime, agent: str = "browser") -> str:
    """A line of an access log."""
    client, host = "192.0.2.7:40000", "local.chain.mystira.test"
    entry = {"client": client, "host": host, "method": "GET", "path": "/", "status": 200, "agent": agent}
    return json.dumps({"time": at.isoformat(), **entry}) + "\n"


def wanted(cluster: Cluster) -> int:
    """How many pods one deployment wants."""
    return cluster.wanted([f"app.kubernetes.io/name={CHAIN}"])[CHAIN]


def test_every_host_has_its_sites_ingress_address(fresh_azure: AzureSite) -> None:
    """Each side has its own."""
    environment = fresh_azure.environment
    hosts = [environment.host(service) for service in environment.services]
    for side in Side:
        found = kubernetes.open_cluster(environment, side).ingress_addresses(hosts)
        assert found == dict.fromkeys(hosts, (fresh_azure.layout.ingress(side).host,))


def test_an_ingress_that_lost_its_address_is_refused(fresh_azure: AzureSite, old: Cluster) -> None:
    """DNS is never set to nothing (defect 22)."""
    environment = fresh_azure.environment
    fresh_azure.faults.set_addresses(environment.old.cluster, CHAIN, ())
    with pytest.raises(kubernetes.IngressWithoutAddress, match=environment.old.namespace):
        old.ingress_addresses(["local.chain.mystira.test"])


def test_a_service_with_a_pod_that_is_not_ready_is_listed(fresh_azure: AzureSite, old: Cluster) -> None:
    """And nothing is listed while all is well (defect 21)."""
    selectors = [service.selector for service in fresh_azure.environment.services]
    assert old.unready(selectors) == ()
    selector = f"app.kubernetes.io/name={CHAIN}"
    pod = old._pods(fresh_azure.environment.old.namespace, selector)[0].metadata.name
    fresh_azure.faults.set_ready(fresh_azure.environment.old.cluster, pod, ready=False)
    (state,) = old.unready(selectors)
    assert str(state) == f"{CHAIN}: 1 of 2 pods ready"


def test_a_service_without_pods_is_not_healthy(old: Cluster) -> None:
    """Neither scaled to nothing nor never deployed."""
    old.scale(CHAIN, 0)
    scaled, unknown = old.unready([f"app.kubernetes.io/name={CHAIN}", "app=nope"])
    assert str(scaled) == f"{CHAIN}: 0 of 0 pods ready"
    assert str(unknown) == "no deployment has pods app=nope"


def test_a_deployment_is_scaled_and_scaled_back(old: Cluster) -> None:
    """Asking twice is harmless."""
    for count in (3, 3, 2):
        old.scale(CHAIN, count)
        assert wanted(old) == count


def test_a_deployment_that_is_not_there_is_refused_by_name(old: Cluster) -> None:
    """A wrong name, not a missing pod."""
    with pytest.raises(NotInCluster, match="deployment nope"):
        old.scale("nope", 1)


def test_requests_are_read_from_the_controllers_log(old: Cluster, access_log: Path) -> None:
    """Since an instant, by time, our own probes included."""
    now = datetime.now(UTC)
    times = [now - timedelta(seconds=seconds) for seconds in (600, 3, 1)]
    access_log.write_text("".join([logged(times[0]), logged(times[2], "switchback-probe"), logged(times[1])]))
    found = old.requests_since(now - timedelta(seconds=5))
    assert [request.time for request in found] == times[1:]
    assert found[1].agent == "switchback-probe"
    assert old.requests_since(now) == ()


def test_without_a_controller_silence_proves_nothing(fresh_azure: AzureSite) -> None:
    """A wrong selector must not look like a site without users."""
    here = fresh_azure.environment
    elsewhere = replace(here, ingress=here.ingress.model_copy(update={"controller_selector": "app=nope"}))
    with pytest.raises(kubernetes.NoController, match="app=nope"):
        kubernetes.open_cluster(elsewhere, Side.OLD).requests_since(datetime.now(UTC))


def test_the_operators_kubeconfig_is_not_touched(
    fresh_azure: AzureSite, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Neither read nor written, and nothing is left in the temporary folder (defect 20)."""
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("KUBECONFIG", str(tmp_path / "kubeconfig"))
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    assert wanted(kubernetes.open_cluster(fresh_azure.environment, Side.OLD)) == 2
    assert list(tmp_path.iterdir()) == []


def test_a_cluster_that_does_not_let_us_in_is_refused(fresh_azure: AzureSite, old: Cluster) -> None:
    """AKS and the cluster say so separately."""
    fresh_azure.faults.add(Fault.DENY, path="listClusterUserCredential")
    with pytest.raises(AzureDenied, match=fresh_azure.environment.old.cluster):
        kubernetes.open_cluster(fresh_azure.environment, Side.OLD)
    fresh_azure.faults.add(Fault.DENY, path="/deployments")
    with pytest.raises(kubernetes.ClusterDenied):
        wanted(old)


@pytest.mark.parametrize("fault", [Fault.ERROR, Fault.DROP, Fault.THROTTLE])
def test_one_bad_answer_is_asked_again(fresh_azure: AzureSite, old: Cluster, fault: Fault) -> None:
    """Retry-After is honoured."""
    fresh_azure.faults.add(fault, path="/deployments", seconds=1)
    assert wanted(old) == 2


def test_a_cluster_that_keeps_failing_is_silent(fresh_azure: AzureSite, old: Cluster) -> None:
    """And so is one that nobody reaches."""
    fresh_azure.faults.add(Fault.DROP, path="/deployments", times=None)
    with pytest.raises(ClusterSilent):
        wanted(old)


def test_a_token_that_the_cluster_does_not_know_is_refused(fresh_azure: AzureSite) -> None:
    """As after a rotation of its credentials."""
    environment = fresh_azure.environment
    stale = replace(kubeconfig.fetch(environment, Side.OLD), token="stale")
    with pytest.raises(kubernetes.ClusterDenied, match="401"):
        wanted(Cluster(environment, Side.OLD, Api(environment.old.cluster, stale)))
