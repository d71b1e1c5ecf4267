"""The pre-cutover destroy on the running local site: refused while anybody is on new; exact, resumable, complete."""

import re
import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from ssl import create_default_context
from uuid import uuid4

import httpx
import psycopg
import pytest

from infra.local import groups, postgres, stack
from infra.local.azure.faults import Fault, Faults
from switchback import settings
from switchback.domain.approval import NotApproved
from switchback.domain.errors import Refused, SwitchbackError, Unreachable
from switchback.domain.evidence import SomebodyOnNew
from switchback.domain.model import Side
from switchback.domain.step import Runbook
from switchback.rollback.records import Request, Way, observed
from switchback.steps import dns
from switchback.steps.terraform import CannotComeBack, Locked
from switchback.systems import journal, resources, shelf, terraform
from switchback.systems.terraform import PartlyDestroyed, PlanStale
from switchback.ways import ballot, conduct, runbooks, standing
from switchback.ways.conduct import Attempt
from switchback.ways.history import NoCutover
from tests.fix_site import LocalSite
from tests.fix_ways import VOTE, Ways

DESTROY = "destroy new"
LOCK = {"properties": {"level": "CanNotDelete", "notes": "ask first"}}


@dataclass(frozen=True, kw_only=True)
class Scene:
    """The site with users on old, new deployed and never used, and no journal yet."""

    site: LocalSite
    environment: settings.Environment

    @property
    def runbook(self) -> Runbook:
        """What a rehearsal looks by."""
        return runbooks.of_attempt(self.environment, journal.open_store(self.environment), ())

    def begin(self) -> Attempt:
        """An attempt whose plan is approved."""
        attempt = conduct.begin(self.request, key=uuid4().hex)
        self.approve(attempt)
        return attempt

    def approve(self, attempt: Attempt) -> None:
        """Ask and vote, as people do."""
        plan = conduct.plan(attempt)
        ballot.ask(attempt, plan, plan.digest)
        ballot.cast(attempt, plan, plan.digest, VOTE)

    @property
    def request(self) -> Request:
        return Request(way=Way.PRE_CUTOVER_DESTROY, environment="local", incident="a test", requested_by="The Tester")

    def go(self, attempt: Attempt, upto: str = "") -> None:
        """Every item, or up to one; those that are done are looked at again."""
        told = conduct.told(attempt).records
        runbook = runbooks.of_attempt(self.environment, journal.open_store(self.environment), told)
        for item in runbook.items:
            (conduct.carry_out if item in runbook.steps else conduct.prove)(attempt, item.name)
            if item.name == upto:
                return
        conduct.finish(attempt)

    def look(self, name: str) -> None:
        """Prove one item of the runbook."""
        runbook = runbooks.of_request(self.environment, journal.open_store(self.environment), self.request)
        runbook.named(name).look()

    @property
    def groups(self) -> list[str]:
        """Those of new's groups that exist."""
        return [group.name for group in resources.groups(self.environment, self.environment.new.groups)]

    def superuser(self, database: str = "publisher_db") -> psycopg.Connection:
        """On new, as nobody's application."""
        place = postgres.conninfo(self.site.layout, Side.NEW, database=database, role="postgres")
        return psycopg.connect(place, autocommit=True)

    def request_to(self, side: Side) -> int:
        """A user's request at a site's own address; the HTTP status."""
        service, at = self.environment.services[0], self.environment.site(side).postgres_host
        with httpx.Client(verify=create_default_context(cafile=str(self.site.layout.ca)), trust_env=False) as http:
            url = f"https://{at}:{self.environment.ingress.port}{self.environment.ingress.health}"
            host = self.environment.host(service)
            return http.get(url, headers={"Host": host}, extensions={"sni_hostname": host}).status_code


@pytest.fixture(scope="module")
def renewed(site: LocalSite) -> Iterator[LocalSite]:
    """Users are on old, and new is as it was when it was deployed; afterwards too."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in site.variables.items():
            patch.setenv(name, value)
        with suppress(NoCutover):  # an earlier test left users on new
            Ways(site=site).go(Ways(site=site).begin(Way.DNS_SWITCHBACK))
        for act in (groups.delete, groups.make):
            act(site.layout, site.environment.new.resource_group)
        yield site
        stack.deploy(site.layout)


@pytest.fixture
def scene(renewed: LocalSite, on_site: LocalSite, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Scene]:
    """A journal of its own; whatever is left unfinished is undone, and new is there again."""
    text = (on_site.layout.environments / "local.toml").read_text(encoding="utf-8")
    own = re.sub(r"\[journal\]\n.*?\n\n", f'[journal]\nfolder = "{tmp_path / "journals"}"\n\n', text, flags=re.DOTALL)
    (tmp_path / "local.toml").write_text(own.replace("unused_s = 3\n", "unused_s = 1\n"), encoding="utf-8")
    monkeypatch.setenv("SWITCHBACK_ENVIRONMENTS", str(tmp_path))
    made = Scene(site=renewed, environment=settings.load("local"))
    yield made
    Faults.of(on_site.layout).clear()


@pytest.fixture
def faults(scene: Scene) -> Faults:
    """What the control plane does wrong."""
    return Faults.of(scene.site.layout)


@pytest.fixture
def deployed_again(scene: Scene) -> Iterator[None]:
    """Afterwards new is there again, whatever became of it."""
    yield
    Faults.of(scene.site.layout).clear()
    stack.deploy(scene.site.layout)
    assert len(scene.groups) == len(scene.environment.new.groups)


@pytest.mark.usefixtures("deployed_again")
def test_new_is_destroyed_and_old_is_not(scene: Scene) -> None:
    """Gone from Azure and from the state; the vault's name is said to be taken; old serves; nothing is left behind."""
    attempt = scene.begin()
    scene.go(attempt)
    told = conduct.told(attempt).records
    assert scene.groups == []
    assert terraform.open_stack(scene.environment).state().resources == 0
    gone = observed(told, "new is gone")
    assert gone is not None
    assert scene.environment.new.vault in str(gone.data["seen"])
    assert scene.request_to(Side.OLD) == httpx.codes.OK
    assert shelf.open_shelf(scene.environment).names(attempt.run) == ()
    assert standing.standing("local").fenced == ()
    assert conduct.rehearse(scene.request).changes == ()
    scene.go(attempt)  # once more changes nothing


def _request(scene: Scene) -> Callable[[], None]:
    scene.request_to(Side.NEW)
    return lambda: None


def _session(scene: Scene) -> Callable[[], None]:
    return scene.superuser().close


def _row(scene: Scene) -> Callable[[], None]:
    with closing(scene.superuser()) as link:
        link.execute("create table only_here (id int primary key)")
        link.execute("insert into only_here values (1)")

    def drop() -> None:
        with closing(scene.superuser()) as again:
            again.execute("drop table only_here")

    return drop


def _database(scene: Scene) -> Callable[[], None]:
    with closing(scene.superuser("postgres")) as link:
        link.execute("create database somebodys")

    def drop() -> None:
        with closing(scene.superuser("postgres")) as again:
            again.execute("drop database somebodys")

    return drop


@pytest.mark.parametrize(
    ("come", "check", "words"),
    [
        (
            _request,
            "nobody has come to new",
            r"1 requests in the last 1 s: 127\.\S+ for local\.publisher",
        ),
        (_session, "nobody is inside new's databases", r"1 sessions .* \d+ of postgres in publisher_db"),
        (_row, "no row exists only on new", r"1 tables .*: 1 in publisher_db\.public\.only_here"),
        (
            _database,
            "no row exists only on new",
            r": database somebodys, which the descriptor does not name",
        ),
    ],
)
def test_one_who_is_on_new_is_enough(
    scene: Scene, come: Callable[[Scene], Callable[[], None]], check: str, words: str
) -> None:
    """A request, a session, a row, a database, a record: each refused with what was found, and where."""
    go = come(scene)
    try:
        with pytest.raises(SomebodyOnNew, match=words):
            scene.look(check)
    finally:
        go()


def test_an_idle_pool_of_an_application_is_nobody(scene: Scene) -> None:
    """New's applications wait for users; a person with the same role who does something is somebody."""
    place = postgres.conninfo(scene.site.layout, Side.NEW, database="publisher_db", role="publisher_app")
    with closing(psycopg.connect(place, autocommit=True)) as pool:
        with pytest.raises(SomebodyOnNew, match="publisher_app"):
            scene.look("nobody is inside new's databases")
        with closing(scene.superuser("postgres")) as link:
            link.execute("select pg_sleep(1.2)")
        scene.look("nobody is inside new's databases")
        pool.execute("select 1")
        with pytest.raises(SomebodyOnNew, match="publisher_app"):
            scene.look("nobody is inside new's databases")


@pytest.mark.parametrize(
    ("method", "path", "check"),
    [
        ("POST", "/listclusterusercredential", "nobody has come to new"),
        ("GET", "/pods", "nobody has come to new"),
        ("GET", "/resourcegroups/mys-local-core-rg-san", "nobody is inside new's databases"),
        ("GET", "/dnszones/", "nobody is sent to new"),
    ],
)
def test_evidence_that_cannot_be_had_is_not_zero(
    scene: Scene, faults: Faults, method: str, path: str, check: str
) -> None:
    """Denied is refused, an error is asked again; neither counts as nobody."""
    for fault, kind in ((Fault.DENY, Refused), (Fault.ERROR, Unreachable)):
        faults.add(fault, method=method, path=path, times=None)
        with pytest.raises(SwitchbackError) as stop:
            scene.look(check)
        assert isinstance(stop.value, kind), stop.value
        faults.clear()


def test_a_delete_lock_is_refused_before_anybody_is_asked(scene: Scene) -> None:
    """By name, and with nothing begun."""
    subscription, group = scene.environment.azure.subscription, scene.environment.new.groups[1]
    lock = f"/subscriptions/{subscription}/resourceGroups/{group}/providers/Microsoft.Authorization/locks/keep"
    with resources.open_resources(scene.environment) as found:
        client = found._client.resources
        client.begin_create_or_update_by_id(lock, LOCK, api_version=resources.LOCKS_API).result()
        try:
            with pytest.raises(Locked, match=r"keep \(CanNotDelete, ask first\)"):
                conduct.rehearse(scene.request)
        finally:
            client.begin_delete_by_id(lock, api_version=resources.LOCKS_API).result()


def test_a_state_that_changed_after_the_approval_has_to_be_approved_again(scene: Scene) -> None:
    """Nothing is destroyed by a stale plan, nor by a new one that nobody has seen; undone, new is open as before."""
    attempt = scene.begin()
    scene.go(attempt, upto="fence new")
    _terraform(scene, "taint")
    with pytest.raises(PlanStale):
        conduct.carry_out(attempt, DESTROY)
    assert len(scene.groups) == len(scene.environment.new.groups)
    assert conduct.undo(attempt) == ("fence new",)
    _terraform(scene, "untaint")


def _terraform(scene: Scene, command: str) -> None:
    """Somebody works on the state by hand."""
    kept = terraform.open_stack(scene.environment)
    kept.state()
    words = [kept.program, command, 'terraform_data.group["nodes"]']
    subprocess.run(words, cwd=kept.folder, env=kept.variables, check=True, capture_output=True)


@pytest.mark.usefixtures("deployed_again")
def test_a_destroy_that_stops_half_way_is_resumed_and_never_undone(scene: Scene, faults: Faults) -> None:
    """What is left of the approved plan is destroyed by the next try, without new questions."""
    attempt = scene.begin()
    faults.add(Fault.DENY, method="DELETE", path=scene.environment.new.resource_group, times=None)
    with pytest.raises(PartlyDestroyed, match=r"4 of 5 resources are destroyed, 1 are left"):
        scene.go(attempt)
    assert scene.groups == [scene.environment.new.resource_group]
    with pytest.raises(CannotComeBack, match="4 of 5"):
        conduct.undo(attempt)
    faults.clear()
    assert ballot.stands(attempt, conduct.plan(attempt))
    scene.go(attempt)
    assert scene.groups == []


def test_a_denial_ends_it_and_nothing_was_touched(scene: Scene) -> None:
    """The environment is free again."""
    attempt = conduct.begin(scene.request, key=uuid4().hex)
    plan = conduct.plan(attempt)
    ballot.ask(attempt, plan, "gate")
    with pytest.raises(NotApproved, match="denied"):
        ballot.cast(attempt, plan, "gate", VOTE | {"decision": "deny"})
    assert journal.open_store(scene.environment).holder() is None
    assert len(scene.groups) == len(scene.environment.new.groups)


def test_one_record_that_names_new_is_enough(scene: Scene) -> None:
    """The record, and every server's answer that follows it; resolvers may remember it for a while after."""
    step = dns.SendUsersTo(scene.environment, Side.NEW)
    before = step.look()
    step.apply(before)
    try:
        with pytest.raises(SomebodyOnNew, match=r"\d answers .*: record set local\.chain, .* and \d more"):
            scene.look("nobody is sent to new")
    finally:
        step.undo(before)
