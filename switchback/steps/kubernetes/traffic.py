"""Traffic steps: by the ingress controllers' own logs, the users have left a site, or have never come to it."""

import logging
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import ClassVar

from switchback.domain.errors import HalfDone
from switchback.domain.evidence import Evidence, none_of
from switchback.domain.journal import Record
from switchback.domain.model import Side
from switchback.settings import Environment
from switchback.steps import unused
from switchback.systems import kubernetes, resources
from switchback.systems.azure_errors import AzureNotFound
from switchback.systems.probe import AGENT

ASK_AGAIN_S = 0.5
LOG = logging.getLogger(__name__)
NAMED = 5  #: how many stragglers an error names
ADVICE = "Find those clients, and ask again when nobody has come for that long."


@dataclass(frozen=True, kw_only=True)
class Straggler:
    """A client that came to a site after users were sent elsewhere."""

    client: str
    requests: int


@dataclass(frozen=True, kw_only=True)
class TrafficSeen:
    """When a site fell quiet, and who came last."""

    quiet_since: datetime
    stragglers: tuple[Straggler, ...]


@dataclass(eq=False)
class StragglersRemain(HalfDone):
    """Clients keep coming to a site that users were sent away from (defect 17)."""

    problem: ClassVar[str] = "{requests} requests still reached {side} in the last {window_s:g} s, from {clients}."
    remedy: ClassVar[str] = "They cannot write there, it is fenced. Find those clients, then resume."
    requests: int
    side: str
    window_s: float
    clients: str


class UsersHaveLeft:
    """No request but our own probes for `quiet_s`; waits up to `drain_s`. Nobody comes to a cluster that is gone."""

    facts = TrafficSeen

    def __init__(self, environment: Environment, side: Side) -> None:
        self._environment = environment
        self._side = side

    @property
    def name(self) -> str:
        """See Check."""
        return f"users have left {self._side}"

    def look(self) -> TrafficSeen:
        """See Check. Raises StragglersRemain with the clients that are left."""
        policy, began = self._environment.policy, datetime.now(UTC)
        try:
            cluster = kubernetes.open_cluster(self._environment, self._side)
        except AzureNotFound as met:
            LOG.warning("%s: %s", self.name, met)
            return TrafficSeen(quiet_since=began, stragglers=())
        quiet, deadline = timedelta(seconds=policy.quiet_s), time.monotonic() + policy.drain_s
        since = began - quiet
        while True:
            now = datetime.now(UTC)
            seen = [request for request in cluster.requests_since(since) if request.agent != AGENT]
            last = max((request.time for request in seen), default=began)
            if now - last >= quiet:
                return TrafficSeen(quiet_since=last, stragglers=_by_client(seen))
            if time.monotonic() > deadline:
                still = [request for request in seen if now - request.time < quiet]
                named = ", ".join(f"{found.client} ({found.requests})" for found in _by_client(still)[:NAMED])
                raise StragglersRemain(len(still), self._side, policy.quiet_s, named)
            time.sleep(ASK_AGAIN_S)


class NobodyCame:
    """No request but our own probes reached new in the last `unused_s`."""

    facts = Evidence
    name = "nobody has come to new"

    def __init__(self, environment: Environment, own: Sequence[Record]) -> None:
        self._environment, self._own = environment, own

    def look(self) -> Evidence:
        """See Check. Raises SomebodyOnNew, or what a log that cannot be read raises."""
        environment, window_s = self._environment, self._environment.policy.unused_s
        if kept := unused.stands(self._own, self.name):
            return kept
        of = f"requests in the last {window_s:g} s"
        if not unused.has(environment, resources.CLUSTER):
            where = f"{environment.new.resource_group}: Azure knows no cluster in it"
            return Evidence(of=of, found=0, looked_at=(where,))
        since = datetime.now(UTC) - timedelta(seconds=window_s)
        requests = kubernetes.open_cluster(environment, Side.NEW).requests_since(since)
        found = [
            f"{each.client} for {each.host} at {each.time:%H:%M:%S} UTC" for each in requests if each.agent != AGENT
        ]
        looked_at = (
            f"{environment.new.cluster}: the ingress controllers' logs, {len(requests)} requests of our own probes"
        )
        return none_of(of, found, (looked_at,), ADVICE)


def _by_client(requests: list[kubernetes.Request]) -> tuple[Straggler, ...]:
    counted = Counter(request.client.rpartition(":")[0] for request in requests)
    return tuple(Straggler(client=client, requests=count) for client, count in counted.most_common())
