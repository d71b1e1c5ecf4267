"""Which address serves which host, by the ingresses' own rules and never by their order (defect 22)."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from switchback.domain.errors import Refused

if TYPE_CHECKING:
    from kubernetes.client import V1Ingress


@dataclass(eq=False)
class NoIngress(Refused):
    """No ingress has a rule for the host."""

    problem: ClassVar[str] = "No ingress of namespace {namespace} in cluster {cluster} has a rule for {host}."
    remedy: ClassVar[str] = "Deploy the service's ingress on that site; users sent there would find nothing."
    cluster: str
    namespace: str
    host: str


@dataclass(eq=False)
class IngressWithoutAddress(Refused):
    """The host's ingress has no IP address yet, or only a load balancer's name."""

    problem: ClassVar[str] = "The ingress {ingress} for {host} in namespace {namespace} has no IP address ({found})."
    remedy: ClassVar[str] = "Wait for its load balancer, or give it a static IP; a record set needs an address."
    namespace: str
    host: str
    ingress: str
    found: str


def addresses(
    cluster: str, namespace: str, ingresses: Iterable["V1Ingress"], hosts: Iterable[str]
) -> dict[str, tuple[str, ...]]:
    """The sorted IP addresses of each host; raises NoIngress or IngressWithoutAddress for the first without."""
    known = tuple(ingresses)
    result = {}
    for host in hosts:
        serving = [ingress for ingress in known if _serves(ingress, host)]
        if not serving:
            raise NoIngress(cluster, namespace, host)
        found = {address for ingress in serving for address in _addresses(namespace, host, ingress)}
        result[host] = tuple(sorted(found))
    return result


def _serves(ingress: "V1Ingress", host: str) -> bool:
    rules = ingress.spec.rules if ingress.spec else None
    return any((rule.host or "").casefold() == host.casefold() for rule in rules or ())


def _addresses(namespace: str, host: str, ingress: "V1Ingress") -> list[str]:
    balancer = ingress.status.load_balancer if ingress.status else None
    points = (balancer.ingress if balancer else None) or ()
    found = [point.ip for point in points if point.ip]
    if not found:
        names = ", ".join(point.hostname for point in points if point.hostname)
        name = (ingress.metadata.name if ingress.metadata else None) or "without a name"
        raise IngressWithoutAddress(namespace, host, name, f"only the name {names}" if names else "still pending")
    return found
