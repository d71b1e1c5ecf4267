"""Which address serves which host, by the ingresses' own rules and never by their order (defect 22)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from switchback.domain.errors import Refused
from switchback.systems.kubernetes.objects import Ingress


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
    cluster: str, namespace: str, ingresses: Sequence[Ingress], hosts: Iterable[str]
) -> dict[str, tuple[str, ...]]:
    """The sorted IP addresses of each host; raises NoIngress or IngressWithoutAddress for the first without."""
    result = {}
    for host in hosts:
        serving = [ingress for ingress in ingresses if ingress.serves(host)]
        if not serving:
            raise NoIngress(cluster, namespace, host)
        found = {address for ingress in serving for address in _addresses(namespace, host, ingress)}
        result[host] = tuple(sorted(found))
    return result


def _addresses(namespace: str, host: str, ingress: Ingress) -> list[str]:
    points = ingress.status.load_balancer.ingress
    found = [point.ip for point in points if point.ip]
    if not found:
        names = ", ".join(point.hostname for point in points if point.hostname)
        found_instead = f"only the name {names}" if names else "still pending"
        raise IngressWithoutAddress(namespace, host, ingress.metadata.name, found_instead)
    return found
