"""Whether users have left a site, by what its ingress controllers say."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import pytest

from switchback import settings
from switchback.domain.model import Side
from switchback.settings import Environment
from switchback.steps.kubernetes import UsersHaveLeft, traffic
from switchback.systems.kubernetes import Request
from switchback.systems.probe import AGENT

QUIET_S, DRAIN_S = 0.3, 1.0
Site = Callable[..., Environment]


@dataclass(frozen=True)
class Came:
    """A client that came so long after the look began, and whether it comes again every time."""

    client: str
    after_s: float
    again: bool = False
    agent: str = "curl"


@dataclass(frozen=True)
class Cluster:
    """A cluster whose log is made of these."""

    began: datetime
    came: tuple[Came, ...]

    def requests_since(self, since: datetime) -> list[Request]:
        now = datetime.now(UTC)
        times = [(one, now if one.again else self.began + timedelta(seconds=one.after_s)) for one in self.came]
        return [
            Request(time=at, client=f"{one.client}:5", host="a", method="GET", path="/", status=200, agent=one.agent)
            for one, at in times
            if since <= at <= now
        ]


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Site:
    """An environment to whose old site these clients come."""

    def made(*came: Came) -> Environment:
        cluster = Cluster(datetime.now(UTC), came)
        monkeypatch.setattr(traffic.kubernetes, "open_cluster", lambda *_: cluster)
        dev = settings.load("dev")
        policy = dev.policy.model_copy(update={"quiet_s": QUIET_S, "drain_s": DRAIN_S})
        return replace(dev, policy=policy)

    return made


def test_a_site_is_left_when_nobody_came_for_long_enough(site: Site) -> None:
    """Who came last is told; our own probes are nobody."""
    came = (Came("192.0.2.1", 0.1), Came("192.0.2.9", 0, again=True, agent=AGENT))
    seen = UsersHaveLeft(site(*came), Side.OLD).look()
    assert [one.client for one in seen.stragglers] == ["192.0.2.1"]
    assert datetime.now(UTC) - seen.quiet_since >= timedelta(seconds=QUIET_S)


def test_those_who_still_come_are_named_and_nobody_else(site: Site) -> None:
    """A client that came at the beginning, and has left since, need not be looked for."""
    environment = site(Came("192.0.2.1", 0.0), Came("192.0.2.2", 0, again=True))
    with pytest.raises(traffic.StragglersRemain, match=r"^1 requests .* in the last 0\.3 s, from 192\.0\.2\.2 \(1\)\."):
        UsersHaveLeft(environment, Side.OLD).look()
