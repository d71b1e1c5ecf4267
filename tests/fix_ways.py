"""Ways taken on the running local site without Prefect: begun, approved, carried out item by item."""

from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, replace
from uuid import uuid4

import psycopg
import pytest

from infra.local import postgres
from switchback import settings
from switchback.domain.model import Plan, Side
from switchback.rollback.records import Option, Request, Way, observed
from switchback.systems import journal
from switchback.systems.postgres import compare, pipeline
from switchback.ways import ballot, conduct, reviewing, runbooks
from switchback.ways.conduct import Attempt
from switchback.ways.history import AlreadyCutOver
from tests.fix_site import LocalSite

VOTE = {"decision": "approve", "name": "Ada Example", "role": "incident_commander", "reason": "a test"}
STEWARD = {"decision": "apply_reviewed", "name": "Dana Example", "role": "data_steward", "reason": "a test"}
EXPORT = "export what was written on new"


@dataclass(frozen=True, kw_only=True)
class Ways:
    """The site, and attempts on it."""

    site: LocalSite

    @property
    def environment(self) -> settings.Environment:
        return self.site.environment

    def begin(
        self, way: Way, option: Option = Option.RECOVER, *, new_is_down: bool = False, lost: tuple[str, ...] = ()
    ) -> Attempt:
        """An approved attempt."""
        request = Request(
            way=way,
            environment="local",
            incident="a test",
            requested_by="The Tester",
            option=option,
            new_is_down=new_is_down,
            lost=lost,
        )
        attempt = conduct.begin(request, key=uuid4().hex)
        plan = conduct.plan(attempt)
        self.vote(attempt, plan)
        return attempt

    @contextmanager
    def down(self, side: Side) -> Iterator[None]:
        """Its database server answers nobody inside; it may be started before the end."""
        postgres.stop(self.site.layout, side)
        try:
            yield
        finally:
            postgres.start(self.site.layout, side)

    def vote(self, attempt: Attempt, plan: Plan) -> None:
        """Ask, and approve, as people do."""
        gate = uuid4().hex
        ballot.ask(attempt, plan, gate)
        ballot.cast(attempt, plan, gate, VOTE)

    def go(self, attempt: Attempt, *, after: str = "", upto: str = "", again: bool = True) -> None:
        """Carry out or prove the items behind `after`, up to and with `upto`; each step `again`, as a resume does."""
        store = journal.open_store(self.environment)
        runbook = runbooks.of_attempt(self.environment, store, conduct.told(attempt).records)
        names = [item.name for item in runbook.items]
        first = names.index(after) + 1 if after else 0
        last = names.index(upto) + 1 if upto else len(names)
        for item in runbook.items[first:last]:
            act = conduct.carry_out if item in runbook.steps else conduct.prove
            act(attempt, item.name)
            if again and act is conduct.carry_out:
                act(attempt, item.name)
        if not upto:
            conduct.finish(attempt)

    def locked_out(self, attempt: Attempt, side: Side) -> bool:
        """Whether the attempt fenced a side after it had opened it."""
        told = conduct.told(attempt).records
        fence, opened = observed(told, f"fence {side}"), observed(told, f"unfence {side}")
        assert fence is not None
        assert opened is not None
        return fence.seq > opened.seq

    def answer(self, attempt: Attempt, **changed: str) -> bool:
        """Answer the review pause as the data steward does; false when the review was refused."""
        asked = reviewing.question(attempt)
        gate = f"review-{asked.tries}"
        reviewing.ask(attempt, asked, gate)
        return reviewing.answer(
            attempt, asked, gate, STEWARD | {"conflicts": "leave", "returned": asked.returned} | changed
        )

    def cut_over(self) -> None:
        """Users are on new."""
        with suppress(AlreadyCutOver):
            self.go(self.begin(Way.CUTOVER), again=False)

    def go_home(self) -> None:
        """Users are on old: what an earlier test left on new is signed for."""
        back = self.begin(Way.DNS_SWITCHBACK)
        self.go(back, again=False)
        if conduct.finish(back).waiting_on_new:
            reviewing.sign_left(back.run, "Dana Example", "an earlier test's rows")

    def level(self) -> None:
        """Users are on new, and both sites hold the same."""
        self.go_home()
        self.cut_over()

    def run(self, side: Side, database: str, *statements: str) -> list[tuple[object, ...]]:
        """Statements in a database of one side, as the superuser, whatever is fenced; the last one's rows."""
        place = postgres.conninfo(self.site.layout, side, database=database, role="postgres")
        with closing(psycopg.connect(place, autocommit=True)) as link:
            for statement in statements:
                cursor = link.execute(statement.encode())
        return cursor.fetchall() if cursor.description else []

    @contextmanager
    def gone(self, *names: str) -> Iterator[None]:
        """These databases of new are lost while the block lasts, and so is whatever is made there instead."""
        for name in names:
            ended = f"select pg_terminate_backend(pid, 5000) from pg_stat_activity where datname = '{name}'"  # noqa: S608
            self.run(Side.NEW, "postgres", ended, f"alter database {name} rename to {name}_gone")
        yield
        self.run(
            Side.NEW,
            "postgres",
            *(f"drop database if exists {name}" for name in names),
            *(f"alter database {name}_gone rename to {name}" for name in names),
        )

    def differences(self) -> dict[str, tuple[str, ...]]:
        """What differs between the sites' tables, by database; sequences, which are advanced, aside."""
        found = {}
        for service in self.environment.services:
            name = service.database
            with (
                pipeline.session(self.environment, Side.OLD, name) as old,
                pipeline.session(self.environment, Side.NEW, name) as new,
            ):
                seen = replace(compare.compare(old, new), sequences=())
            found[name] = tuple(seen.differences)
        return {name: differing for name, differing in found.items() if differing}


@pytest.fixture
def ways(on_site: LocalSite) -> Iterator[Ways]:
    """Users are on new; whatever a test leaves unfinished is undone."""
    made = Ways(site=on_site)
    made.cut_over()
    yield made
    holder = journal.open_store(made.environment).holder()
    if holder is not None:
        conduct.undo(Attempt(run=holder.run, environment="local"))
