"""What the control plane holds before anything happened: users are on old, and nothing is locked."""

from infra.local.azure import clusters, vaults, zones
from infra.local.azure.groups import Group, Resource
from infra.local.azure.kubernetes.workloads import Cluster, Deployment, Ingress, Template
from infra.local.azure.records import Kind, Properties, RecordSet, Zone, key
from infra.local.azure.vaults import Vault, Version
from infra.local.layout import Layout
from infra.local.secrets import Secrets
from switchback.domain.model import Side
from switchback.settings import Environment, Site

#: how long "no such name" is kept by resolvers, in seconds
NEGATIVE_TTL = 2
SERVER_KIND = "Microsoft.DBforPostgreSQL/flexibleServers"
_LOCATION = {Side.OLD: "eastus", Side.NEW: "southafricanorth"}
_NAME_SERVERS = tuple(f"ns{number}-01.azure-dns.test." for number in range(1, 5))


def groups(environment: Environment) -> list[Group]:
    """Each side's groups, the first with its cluster, vault and database server, and the zone's group."""
    made = [
        Group(
            name=name, location=_LOCATION[site.side], resources=_resources(site) if name == site.resource_group else ()
        )
        for site in (environment.old, environment.new)
        for name in site.groups
    ]
    zone = Resource(kind=zones.KIND, name=environment.dns.zone)
    return [*made, Group(name=environment.dns.resource_group, location="eastus", resources=(zone,))]


def _resources(site: Site) -> tuple[Resource, ...]:
    return (
        Resource(kind=clusters.KIND, name=site.cluster),
        Resource(kind=vaults.KIND, name=site.vault),
        Resource(kind=SERVER_KIND, name=site.postgres),
    )


def zone(environment: Environment, layout: Layout) -> Zone:
    """The zone with every service on old, with a TTL that a cutover has to lower first: twice the wanted one."""
    soa = {"host": _NAME_SERVERS[0], "email": "hostmaster.azure-dns.test.", "minimumTTL": NEGATIVE_TTL}
    sets = [
        _record_set("@", Kind.NS, {"TTL": 60, "NSRecords": [{"nsdname": each} for each in _NAME_SERVERS]}),
        _record_set("@", Kind.SOA, {"TTL": 60, "SOARecord": soa}),
    ]
    address = {"ipv4Address": layout.ingress(Side.OLD).host}
    for service in environment.services:
        content = {"TTL": 2 * environment.dns.ttl_s, "ARecords": [address]}
        sets.append(_record_set(environment.record_name(service), Kind.A, content))
    return Zone(
        name=environment.dns.zone,
        group=environment.dns.resource_group,
        name_servers=_NAME_SERVERS,
        sets={key(each.name, each.kind): each for each in sets},
    )


def vault(site: Site, secrets: Secrets) -> Vault:
    """A side's vault with its secrets."""
    values = secrets.vault(site.side)
    return Vault(name=site.vault, secrets={name: (Version(value=value),) for name, value in values.items()})


def cluster(site: Site, environment: Environment, layout: Layout) -> Cluster:
    """A side's cluster: two pods of each service, its ingress, and the controller whose log is the access log."""
    deployments, ingresses = [], []
    for service in environment.services:
        label, name = service.selector.split("=", 1)
        deployments.append(_deployment(site, site.namespace, name, {label: name}))
        hosts, addresses = (environment.host(service),), (layout.ingress(site.side).host,)
        ingresses.append(Ingress(namespace=site.namespace, name=name, hosts=hosts, addresses=addresses))
    label, value = environment.ingress.controller_selector.split("=", 1)
    controller = _deployment(site, environment.ingress.controller_namespace, f"{value}-controller", {label: value})
    served = controller.model_copy(update={"replicas": 1, "log": f"ingress-{site.side}.jsonl"})
    return Cluster(name=site.cluster, deployments=(*deployments, served), ingresses=tuple(ingresses))


def _deployment(site: Site, namespace: str, name: str, labels: dict[str, str]) -> Deployment:
    template = Template(image=f"registry.test/{name}:{site.side}")
    return Deployment(namespace=namespace, name=name, labels=labels, replicas=2, revisions=(template,))


def _record_set(name: str, kind: Kind, properties: dict[str, object]) -> RecordSet:
    return RecordSet(name=name, kind=kind, properties=Properties.model_validate(properties))
