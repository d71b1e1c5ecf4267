"""Probing steps: a site proves itself at its own address before anybody is sent there."""

import time
from dataclasses import dataclass
from typing import ClassVar

from switchback.domain.errors import Refused
from switchback.domain.model import Side
from switchback.settings import Environment
from switchback.systems import kubernetes, probe
from switchback.systems.probe import Health

RECONNECTED_S = 20.0
ASK_AGAIN_S = 0.2


@dataclass(frozen=True, kw_only=True)
class ServingSeen:
    """Each service's health at each of its pinned addresses."""

    healths: tuple[Health, ...]


@dataclass(eq=False)
class PodsNotReady(Refused):
    """Fewer pods are ready than the deployment wants (defect 21)."""

    problem: ClassVar[str] = "{side}: {pods}."
    remedy: ClassVar[str] = "Bring the pods up first; nobody was sent there."
    side: str
    pods: str


@dataclass(eq=False)
class DoesNotWrite(Refused):
    """A service answers, but its database takes no write."""

    problem: ClassVar[str] = "{services} on {side}: answers, but for {waited_s:g} s its database has taken no write."
    remedy: ClassVar[str] = "Look at that service's connection to its database; nobody was sent there."
    services: str
    side: str
    waited_s: float


#: What is wrong with a site itself, not with who looks at it.
FAULTS = (
    PodsNotReady,
    DoesNotWrite,
    probe.CertificateExpired,
    probe.CertificateUntrusted,
    probe.WrongSite,
    probe.Unhealthy,
    probe.ProbeSilent,
)


class Serves:
    """Every service of a site answers at its ingress address: pods, certificate, identity, and a write.

    With `writes=False` the database may be fenced: what can be known before anything is changed. With
    writes, applications are given some seconds to find out that their database is open again.
    """

    facts = ServingSeen

    def __init__(self, environment: Environment, side: Side, *, writes: bool) -> None:
        self._environment = environment
        self._side = side
        self._writes = writes

    @property
    def name(self) -> str:
        """See Check."""
        return f"{self._side} serves" if self._writes else f"{self._side} answers"

    def look(self) -> ServingSeen:
        """See Check. Raises PodsNotReady, NoIngress, CertificateExpired, WrongSite, Unhealthy, DoesNotWrite."""
        environment = self._environment
        cluster = kubernetes.open_cluster(environment, self._side)
        unready = cluster.unready(tuple(service.selector for service in environment.services))
        if unready:
            raise PodsNotReady(self._side, "; ".join(_words(state) for state in unready))
        hosts = {environment.host(service): service for service in environment.services}
        addresses = cluster.ingress_addresses(tuple(hosts))
        asked = [(hosts[host], address) for host, found in addresses.items() for address in found]
        deadline = time.monotonic() + RECONNECTED_S
        while True:
            healths = tuple(probe.health(environment, service, self._side, address) for service, address in asked)
            mute = [health.service for health in healths if self._writes and not health.accepts_writes]
            if not mute:
                return ServingSeen(healths=healths)
            if time.monotonic() > deadline:
                raise DoesNotWrite(", ".join(mute), self._side, RECONNECTED_S)
            time.sleep(ASK_AGAIN_S)


def _words(state: kubernetes.PodState) -> str:
    why = f" ({', '.join(state.reasons)})" if state.reasons else ""
    return f"{state.selector}: {state.ready} of {state.desired} pods are ready{why}"
