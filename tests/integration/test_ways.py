"""The cutover and the DNS switchback on the running local site: there, back, there again; refused, undone, resumed."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from ssl import create_default_context
from uuid import uuid4

import httpx
import pytest

from infra.local.azure.faults import Fault, Faults
from switchback.domain.errors import Refused, SwitchbackError
from switchback.domain.model import Side
from switchback.rollback.records import Request, Way
from switchback.steps import dns
from switchback.steps.postgres import NewAnswers
from switchback.steps.postgres.access import look
from switchback.systems import journal
from switchback.systems.journal import AlreadyHeld, NoJournal
from switchback.ways import ballot, conduct, reviewing, runbooks, standing
from switchback.ways.conduct import Attempt
from switchback.ways.history import AlreadyCutOver, NoCutover
from tests.fix_site import LocalSite

VOTE = {"decision": "approve", "name": "Ada Example", "role": "incident_commander", "reason": "a test"}


@dataclass(frozen=True, kw_only=True)
class State:
    """Where users are sent and what is fenced, by looking."""

    sent_to: tuple[str, ...]
    fenced: tuple[Side, ...]


class Platform:
    """The running site, and attempts at ways on it."""

    def __init__(self, site: LocalSite) -> None:
        self.environment = site.environment
        self.faults = Faults.of(site.layout)
        self.ca = str(site.layout.ca)

    def request(self, way: Way) -> Request:
        return Request(way=way, environment="local", incident="a test", requested_by="The Tester")

    def begin(self, way: Way) -> Attempt:
        attempt = conduct.begin(self.request(way), key=uuid4().hex)
        plan = conduct.plan(attempt)
        ballot.ask(attempt, plan, "gate")
        ballot.cast(attempt, plan, "gate", VOTE)
        return attempt

    def carry_on(self, attempt: Attempt, items: int | None = None) -> None:
        """So many items of the runbook, from its beginning; all of them, and the end, if not said."""
        store = journal.open_store(self.environment)
        runbook = runbooks.of_attempt(self.environment, store, conduct.told(attempt).records)
        for item in runbook.items[:items]:
            (conduct.carry_out if item in runbook.steps else conduct.prove)(attempt, item.name)
        if items is None:
            conduct.finish(attempt)

    def take(self, way: Way) -> Attempt:
        attempt = self.begin(way)
        self.carry_on(attempt)
        return attempt

    def state(self) -> State:
        sets = dns.SendUsersTo(self.environment, Side.OLD).look().sets
        fenced = tuple(side for side in Side if look(self.environment, side).shut)
        return State(sent_to=tuple(sorted({a for found in sets for a in found.addresses})), fenced=fenced)

    def write(self, side: Side) -> int:
        """A user's write at one site's own address; the HTTP status."""
        service = self.environment.services[0]
        address = self.environment.site(side).postgres_host
        with httpx.Client(verify=create_default_context(cafile=self.ca), trust_env=False) as http:
            url = f"https://{address}:{self.environment.ingress.port}{self.environment.ingress.health}"
            host = self.environment.host(service)
            return http.get(url, headers={"Host": host}, extensions={"sni_hostname": host}).status_code


@pytest.fixture
def platform(on_site: LocalSite) -> Iterator[Platform]:
    made = Platform(on_site)
    yield made
    made.faults.clear()
    holder = journal.open_store(made.environment).holder()
    if holder is not None:
        conduct.undo(Attempt(run=holder.run, environment="local"))


@pytest.fixture
def at_home(platform: Platform) -> Platform:
    """Users are on old."""
    with suppress(NoCutover):  # an earlier test left them on new
        platform.take(Way.DNS_SWITCHBACK)
    latest = next(iter(standing.standing("local").attempts), None)
    if latest is not None and latest.waiting_on_new:  # and changed rows behind the fence
        reviewing.sign_left(latest.run, "Dana Example", "an earlier test's rows")
    return platform


@pytest.fixture
def on_new(platform: Platform) -> Platform:
    """Users are on new."""
    with suppress(AlreadyCutOver):  # an earlier test left them there
        platform.take(Way.CUTOVER)
    return platform


def test_users_go_there_and_back_and_there_again(at_home: Platform) -> None:
    """Cut over, go back, cut over again, go back: each time the same, by looking."""
    home = at_home.state()
    away = []
    for _ in range(2):
        at_home.take(Way.CUTOVER)
        away.append(at_home.state())
        assert at_home.write(Side.NEW) == httpx.codes.OK
        at_home.take(Way.DNS_SWITCHBACK)
        assert at_home.state() == State(sent_to=home.sent_to, fenced=(Side.NEW,))
        assert at_home.write(Side.OLD) == httpx.codes.OK
        assert at_home.write(Side.NEW) == httpx.codes.SERVICE_UNAVAILABLE
    assert away[0] == away[1]
    assert away[0].fenced == (Side.OLD,)
    assert away[0].sent_to != home.sent_to


def test_without_a_cutover_there_is_nothing_to_go_back_from(at_home: Platform) -> None:
    """Refused, and the environment stays free."""
    with pytest.raises(NoCutover):
        at_home.begin(Way.DNS_SWITCHBACK)
    assert journal.open_store(at_home.environment).holder() is None


def test_users_who_are_on_new_are_not_sent_there_again(on_new: Platform) -> None:
    """Refused by the name of the cutover that stands."""
    with pytest.raises(AlreadyCutOver, match="cutover-local-"):
        on_new.begin(Way.CUTOVER)


def test_a_rehearsal_changes_nothing(on_new: Platform) -> None:
    """The plan is there; no lock, no journal, no fence."""
    before = on_new.state()
    runs = journal.open_store(on_new.environment).runs()
    plan = conduct.rehearse(on_new.request(Way.DNS_SWITCHBACK))
    assert {change.system for change in plan.changes} >= {"dns", "postgres"}
    assert on_new.state() == before
    assert journal.open_store(on_new.environment).runs() == runs


def test_a_second_rollback_is_refused_while_one_waits(on_new: Platform) -> None:
    """By the name of the first and of who asked for it; also when the first is only waiting for approval."""
    first = conduct.begin(on_new.request(Way.DNS_SWITCHBACK), key=uuid4().hex)
    conduct.plan(first)
    with pytest.raises(AlreadyHeld, match=f"{first.run}, asked for by The Tester"):
        on_new.begin(Way.DNS_SWITCHBACK)
    assert standing.standing("local").attempts[0].run == first.run


def test_an_attempt_that_nobody_began_is_not_resumed(on_new: Platform) -> None:
    """A mistyped id is refused and begins nothing."""
    with pytest.raises(NoJournal, match="dns-switchback-local-ffffffff"):
        conduct.begin(on_new.request(Way.DNS_SWITCHBACK), key="0", resume="dns-switchback-local-ffffffff")


@pytest.mark.parametrize("items", range(8))
def test_a_rollback_is_undone_from_any_point(on_new: Platform, items: int) -> None:
    """However far it came: users, records and fences are as they were, and new takes writes."""
    before = on_new.state()
    attempt = on_new.begin(Way.DNS_SWITCHBACK)
    on_new.carry_on(attempt, items)
    conduct.undo(attempt)
    assert on_new.state() == before
    assert on_new.write(Side.NEW) == httpx.codes.OK
    assert journal.open_store(on_new.environment).holder() is None


def test_new_is_not_left_behind_while_it_answers(on_new: Platform) -> None:
    """Whoever says that it is down is told that it is not; nothing has changed."""
    before = on_new.state()
    with pytest.raises(NewAnswers, match=on_new.environment.services[0].database):
        conduct.rehearse(replace(on_new.request(Way.DNS_SWITCHBACK), new_is_down=True))
    assert on_new.state() == before


Spoil = Callable[[Platform], None]


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (lambda p: p.faults.add(Fault.DENY, path="/secrets/", times=None), "vault"),
        (lambda p: p.faults.add(Fault.DENY, path="/dnszones/", times=None), "zone"),
        (lambda p: p.faults.add(Fault.DENY, path="listclusterusercredential", times=None), "may not"),
    ],
)
def test_what_cannot_be_reached_refuses_before_anything_is_changed(on_new: Platform, spoil: Spoil, says: str) -> None:
    """Vault, zone, cluster: one message that names it; users, fences and the lock as before."""
    before = on_new.state()
    spoil(on_new)
    with pytest.raises(SwitchbackError, match=says) as stop:
        conduct.rehearse(on_new.request(Way.DNS_SWITCHBACK))
    assert isinstance(stop.value, Refused)
    on_new.faults.clear()
    assert on_new.state() == before
