"""Stopping a site's applications while its databases are replaced, and starting them with the counts they had."""

import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from switchback.domain.errors import HalfDone, Unreachable
from switchback.domain.journal import Record
from switchback.domain.model import Change, Plan, Side
from switchback.rollback.records import as_facts, intent
from switchback.settings import Environment
from switchback.systems import kubernetes
from switchback.systems.azure_errors import AzureNotFound
from switchback.systems.kubernetes.cluster import Cluster

READY_S = 300.0
ASK_AGAIN_S = 0.5
LOG = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class ReplicasSeen:
    """How many pods each of the platform's deployments wants, by its name."""

    replicas: dict[str, int]


@dataclass(eq=False)
class NotStarted(HalfDone):
    """Applications were started and do not become ready."""

    problem: ClassVar[str] = "{side}: after {waited_s:g} s, {pods}."
    remedy: ClassVar[str] = "Nobody was sent there. Look at those pods, then resume."
    side: str
    waited_s: float
    pods: str


class _Applications:
    """What both steps look at."""

    facts = ReplicasSeen

    def __init__(self, environment: Environment, side: Side) -> None:
        self._environment = environment
        self._side = side

    def look(self) -> ReplicasSeen:
        """See Step."""
        return ReplicasSeen(replicas=self._cluster().wanted(self._selectors))

    def refuse_if_unsafe(self, seen: ReplicasSeen, planned: ReplicasSeen | None) -> None:
        """See Step. The order of the runbook makes it safe: nobody is on that site."""

    @property
    def _selectors(self) -> tuple[str, ...]:
        return tuple(service.selector for service in self._environment.services)

    def _cluster(self) -> Cluster:
        return kubernetes.open_cluster(self._environment, self._side)

    def _scale(self, now: ReplicasSeen, wanted: dict[str, int]) -> None:
        cluster = self._cluster()
        for name, replicas in wanted.items():
            if now.replicas.get(name) != replicas:
                cluster.scale(name, replicas)

    def _changes(self, now: ReplicasSeen, wanted: dict[str, int], until: str = "") -> tuple[Change, ...]:
        return tuple(
            Change(
                system="kubernetes",
                subject=f"deployment {name} on {self._side}",
                before=f"{now.replicas.get(name, 0)} replicas",
                after=f"{replicas} replicas{until}",
            )
            for name, replicas in wanted.items()
            if now.replicas.get(name, 0) != replicas
        )


class StopApplications(_Applications):
    """No pod of the platform runs on a site; how many each deployment wanted is in the journal."""

    @property
    def name(self) -> str:
        """See Step."""
        return f"stop the applications of {self._side}"

    def plan(self, seen: ReplicasSeen) -> Plan:
        """See Step."""
        until = ", until it is started again with as many as before"
        return Plan(title=self.name, changes=self._changes(seen, dict.fromkeys(seen.replicas, 0), until))

    def apply(self, seen: ReplicasSeen) -> None:
        """See Step."""
        self._scale(seen, dict.fromkeys(seen.replicas, 0))

    def undo(self, before: ReplicasSeen) -> None:
        """See Step."""
        self._scale(self.look(), before.replicas)


class StopWhatAnswers(StopApplications):
    """The same of a site that may be gone altogether: a cluster that is silent, or not there, is left as it is."""

    def look(self) -> ReplicasSeen:
        """See Step."""
        try:
            return super().look()
        except (Unreachable, AzureNotFound) as met:
            LOG.warning("%s: %s", self.name, met)
            return ReplicasSeen(replicas={})


class StartApplications(_Applications):
    """Every deployment wants as many pods as before it was stopped, and has them (procedure 004 loses those counts)."""

    def __init__(self, environment: Environment, side: Side, own: Sequence[Record]) -> None:
        super().__init__(environment, side)
        begun = intent(own, StopApplications(environment, side).name)
        self._wanted = as_facts(ReplicasSeen, begun.data["before"]).replicas if begun else {}

    @property
    def name(self) -> str:
        """See Step."""
        return f"start the applications of {self._side}"

    def plan(self, seen: ReplicasSeen) -> Plan:
        """See Step. Before they are stopped there is nothing to start."""
        return Plan(title=self.name, changes=self._changes(seen, self._wanted))

    def apply(self, seen: ReplicasSeen) -> None:
        """See Step. Waits until all of them are ready; raises NotStarted."""
        self._scale(seen, self._wanted)
        cluster, deadline = self._cluster(), time.monotonic() + READY_S
        while unready := cluster.unready(self._selectors):
            if time.monotonic() > deadline:
                raise NotStarted(self._side, READY_S, "; ".join(map(str, unready)))
            time.sleep(ASK_AGAIN_S)

    def undo(self, before: ReplicasSeen) -> None:
        """See Step. A cluster that is silent is left: what runs there cannot write to a site that is fenced."""
        try:
            self._scale(self.look(), before.replicas)
        except Unreachable as met:
            LOG.warning("%s: %s", self.name, met)
