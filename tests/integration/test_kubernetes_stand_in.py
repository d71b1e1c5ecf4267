"""The Kubernetes APIs of the stand-in, driven by the kubernetes client through AKS's kubeconfig."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from kubernetes import client

from switchback.domain.model import Side
from tests.fix_azure import AzureSite


@pytest.fixture
def api(fresh_azure: AzureSite) -> client.ApiClient:
    """Old's cluster."""
    return fresh_azure.kubernetes(Side.OLD)


def access_log(azure: AzureSite, side: Side, count: int) -> datetime:
    """Writes an access log with one request a second, the last of them now, and returns that time."""
    now = datetime.now(UTC)
    times = [now - timedelta(seconds=count - 1 - number) for number in range(count)]
    lines = [json.dumps({"time": time.isoformat(), "path": f"/{number}"}) for number, time in enumerate(times)]
    path = azure.layout.var / "log" / f"ingress-{side}.jsonl"
    path.parent.mkdir(exist_ok=True)
    path.write_text("\n".join(lines) + '\n{"time": "half a li')
    return now


def controller(azure: AzureSite, core: client.CoreV1Api) -> str:
    """The ingress controller's pod."""
    ingress = azure.environment.ingress
    pods = core.list_namespaced_pod(ingress.controller_namespace, label_selector=ingress.controller_selector)
    return str(pods.items[0].metadata.name)


def test_a_services_pods_are_found_by_its_selector(fresh_azure: AzureSite, api: client.ApiClient) -> None:
    """Two pods each, ready, and none for an unknown label."""
    core, site = client.CoreV1Api(api), fresh_azure.environment.old
    for service in fresh_azure.environment.services:
        pods = core.list_namespaced_pod(site.namespace, label_selector=service.selector).items
        assert [pod.status.container_statuses[0].ready for pod in pods] == [True, True]
    assert not core.list_namespaced_pod(site.namespace, label_selector="app=unknown").items


def test_a_pod_can_be_made_unready(fresh_azure: AzureSite, api: client.ApiClient) -> None:
    """Tests decide which pods are ready; the deployment counts them."""
    core, site, service = client.CoreV1Api(api), fresh_azure.environment.old, fresh_azure.environment.services[0]
    pod = core.list_namespaced_pod(site.namespace, label_selector=service.selector).items[0].metadata.name
    fresh_azure.faults.set_ready(site.cluster, pod, ready=False)
    conditions = core.read_namespaced_pod(pod, site.namespace).status.conditions
    assert {each.status for each in conditions if each.type == "Ready"} == {"False"}
    found = client.AppsV1Api(api).list_namespaced_deployment(site.namespace, label_selector=service.selector)
    assert found.items[0].status.ready_replicas == 1


def test_an_ingress_tells_its_hosts_and_address(fresh_azure: AzureSite, api: client.ApiClient) -> None:
    """Each service has its own; an ingress can be without an address."""
    network, site = client.NetworkingV1Api(api), fresh_azure.environment.old
    found = {each.spec.rules[0].host: each for each in network.list_namespaced_ingress(site.namespace).items}
    assert set(found) == {fresh_azure.environment.host(service) for service in fresh_azure.environment.services}
    addresses = {each.status.load_balancer.ingress[0].ip for each in found.values()}
    assert addresses == {fresh_azure.layout.ingress(Side.OLD).host}
    name = next(iter(found.values())).metadata.name
    fresh_azure.faults.set_addresses(site.cluster, name, ())
    assert not network.read_namespaced_ingress(name, site.namespace).status.load_balancer.ingress


def test_scaling_to_nothing_ends_the_pods(fresh_azure: AzureSite, api: client.ApiClient) -> None:
    """And scaling back brings as many again."""
    apps, core = client.AppsV1Api(api), client.CoreV1Api(api)
    site, service = fresh_azure.environment.old, fresh_azure.environment.services[0]
    name = apps.list_namespaced_deployment(site.namespace, label_selector=service.selector).items[0].metadata.name
    for replicas in (0, 3):
        apps.patch_namespaced_deployment_scale(name, site.namespace, {"spec": {"replicas": replicas}})
        pods = core.list_namespaced_pod(site.namespace, label_selector=service.selector).items
        assert len(pods) == apps.read_namespaced_deployment_scale(name, site.namespace).spec.replicas == replicas


def test_another_image_is_another_revision(fresh_azure: AzureSite, api: client.ApiClient) -> None:
    """The replica sets keep what each revision ran."""
    apps, site = client.AppsV1Api(api), fresh_azure.environment.old
    name = apps.list_namespaced_deployment(site.namespace).items[0].metadata.name
    containers = [{"name": name, "image": "registry.test/other:1"}]
    apps.patch_namespaced_deployment(name, site.namespace, {"spec": {"template": {"spec": {"containers": containers}}}})
    sets = [
        each
        for each in apps.list_namespaced_replica_set(site.namespace).items
        if each.metadata.owner_references[0].name == name
    ]
    images = {each.spec.replicas: each.spec.template.spec.containers[0].image for each in sets}
    assert images == {0: f"registry.test/{name}:old", 2: "registry.test/other:1"}


def test_the_access_log_is_the_controllers_log(fresh_azure: AzureSite, api: client.ApiClient) -> None:
    """Whole lines only: by number, by seconds, by nothing."""
    core, namespace = client.CoreV1Api(api), fresh_azure.environment.ingress.controller_namespace
    access_log(fresh_azure, Side.OLD, 20)
    pod = controller(fresh_azure, core)
    last = core.read_namespaced_pod_log(pod, namespace, tail_lines=2).splitlines()
    assert [json.loads(line)["path"] for line in last] == ["/18", "/19"]
    assert len(core.read_namespaced_pod_log(pod, namespace, since_seconds=5).splitlines()) in (4, 5)
    stamped = core.read_namespaced_pod_log(pod, namespace, timestamps=True).splitlines()
    assert len(stamped) == 20
    time, line = stamped[0].split(" ", 1)
    assert abs(datetime.fromisoformat(time) - datetime.fromisoformat(json.loads(line)["time"])) < timedelta(seconds=0.1)


def test_the_end_of_a_long_log_costs_what_the_end_costs(fresh_azure: AzureSite, api: client.ApiClient) -> None:
    """The tail spans several blocks of the file and is exact; the sides' logs are apart."""
    core, namespace = client.CoreV1Api(api), fresh_azure.environment.ingress.controller_namespace
    access_log(fresh_azure, Side.OLD, 20_000)
    pod = controller(fresh_azure, core)
    lines = core.read_namespaced_pod_log(pod, namespace, tail_lines=5_000).splitlines()
    assert [json.loads(line)["path"] for line in lines] == [f"/{number}" for number in range(15_000, 20_000)]
    new = client.CoreV1Api(fresh_azure.kubernetes(Side.NEW))
    assert new.read_namespaced_pod_log(controller(fresh_azure, new), namespace) == ""


def test_a_wrong_token_is_unauthorized(fresh_azure: AzureSite, api: client.ApiClient) -> None:
    """401 with a Status body, as the real API answers; and one cluster's token does not open the other."""
    mixed = client.Configuration(host=fresh_azure.kubernetes(Side.NEW).configuration.host)
    mixed.api_key, mixed.ssl_ca_cert = api.configuration.api_key, api.configuration.ssl_ca_cert
    with pytest.raises(client.ApiException) as caught:
        client.CoreV1Api(client.ApiClient(mixed)).list_namespaced_pod(fresh_azure.environment.new.namespace)
    assert (caught.value.status, json.loads(caught.value.body)["reason"]) == (401, "Unauthorized")


def test_what_is_not_there_is_a_404(fresh_azure: AzureSite, api: client.ApiClient) -> None:
    """With the Status that kubectl would print."""
    with pytest.raises(client.ApiException) as caught:
        client.NetworkingV1Api(api).read_namespaced_ingress("nothing", fresh_azure.environment.old.namespace)
    assert (caught.value.status, json.loads(caught.value.body)["message"]) == (404, 'ingresses "nothing" not found')
