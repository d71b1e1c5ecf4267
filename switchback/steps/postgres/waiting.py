"""What waits on new: rows that exist only there, counted per table. New stays fenced and is kept while any do."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

from switchback.domain.errors import Refused
from switchback.domain.journal import Record
from switchback.domain.model import Side
from switchback.rollback.records import as_facts, observed
from switchback.settings import Environment
from switchback.steps.postgres.sites import SitesSeen, loaded_and_taken_back, read_sites
from switchback.systems.postgres import pipeline, waiting
from switchback.systems.postgres.waiting import Waiting

NAMED = 5  #: how many tables an error names


@dataclass(frozen=True, kw_only=True)
class WaitingSeen:
    """Rows that exist only on new, by database and table, and from where to count the next time."""

    databases: dict[str, tuple[Waiting, ...]]
    since: SitesSeen
    settled: bool = False  #: all else that was written on new came home, or somebody signed for it

    @property
    def rows(self) -> int:
        """All of them together."""
        tables = (table for tables in self.databases.values() for table in tables)
        return sum(table.upserts + table.deletes + table.undecided for table in tables)


@dataclass(eq=False)
class RowsWait(Refused):
    """Filling new again would destroy the only copy of acknowledged writes (defect 14)."""

    problem: ClassVar[str] = "{rows} rows exist only on new: {tables}."
    remedy: ClassVar[str] = "Bring them home or sign for their loss first; until then new is kept as it is."
    rows: int
    tables: str


class RowsWaiting:
    """Counts what waits on new; that some do is a fact, not a failure."""

    facts = WaitingSeen
    name = "rows waiting on new"

    def __init__(
        self, environment: Environment, since: SitesSeen, left: Mapping[str, tuple[Waiting, ...]] | None = None
    ) -> None:
        self._environment = environment
        self._since = since
        self._left = left  #: what bringing home left on new; None: nothing was brought home, all of it is counted

    def look(self) -> WaitingSeen:
        """See Check. Where rows were brought home, the next count begins where new stands now: it is fenced.

        A database of new that was given up has nowhere to count from.
        """
        names = [one.database for one in self._since.new if one.database in self._environment.databases]
        found = {name: tables for name in names if (tables := self._count(name))}
        if self._left is None:
            return WaitingSeen(databases=found, since=self._since)
        now = read_sites(self._environment)
        return WaitingSeen(databases=found, since=SitesSeen(old=self._since.old, new=now.new), settled=True)

    def _count(self, name: str) -> tuple[Waiting, ...]:
        if self._left is not None:
            return self._left.get(name, ())
        environment = self._environment
        at_old = next(found for found in self._since.old if found.database == name)
        at_new = next(found for found in self._since.new if found.database == name)
        with pipeline.session(environment, Side.OLD, name) as old, pipeline.session(environment, Side.NEW, name) as new:
            return waiting.waiting(old, new, at_new, at_old)


class NothingWaits:
    """No row exists only on new, counted from the rollback before; nobody was there before the first cutover."""

    facts = WaitingSeen
    name = "nothing waits on new"

    def __init__(
        self, environment: Environment, before: WaitingSeen | None, signed: Callable[[], tuple[str, ...]] = tuple
    ) -> None:
        self._environment = environment
        self._before = before
        self._signed = signed  #: databases for whose rows left on new somebody has signed

    def look(self) -> WaitingSeen:
        """See Check. Raises RowsWait."""
        if self._before is None:
            return WaitingSeen(databases={}, since=SitesSeen(old=(), new=()))
        seen = self._count(self._before)
        if seen.rows:
            tables = [f"{table.schema}.{table.table}" for tables in seen.databases.values() for table in tables]
            more = f" and {len(tables) - NAMED} more tables" if len(tables) > NAMED else ""
            raise RowsWait(seen.rows, ", ".join(tables[:NAMED]) + more)
        return seen

    def _count(self, before: WaitingSeen) -> WaitingSeen:
        counted = RowsWaiting(self._environment, before.since).look()
        if not before.settled:
            return counted
        written = {
            name: tuple(replace(table, deletes=0, undecided=0) for table in tables if table.upserts)
            for name, tables in counted.databases.items()
        }
        signed = self._signed() if before.databases else ()
        left = {name: tables for name, tables in before.databases.items() if name not in signed}
        names = [name for name in self._environment.databases if written.get(name) or left.get(name)]
        found = {name: (*left.get(name, ()), *written.get(name, ())) for name in names}
        return WaitingSeen(databases=found, since=before.since, settled=True)


def counted(told: Sequence[Record]) -> WaitingSeen | None:
    """What an attempt counted last; None when it has not come so far."""
    kept = observed(told, RowsWaiting.name)
    return as_facts(WaitingSeen, kept.data["seen"]) if kept else None


def accounted(before: Sequence[Record], undone: Sequence[Sequence[Record]]) -> WaitingSeen | None:
    """From where to count what waits on new: the rollback `before`, or the last cutover that was undone since.

    That one had found that nothing waits, has filled new anew, and brought home what users wrote there. None before
    the first rollback: users were never on new, or a cutover that was taken back has brought home what they wrote.
    """
    known = counted(before)
    sites = next((found for own in reversed(undone) if (found := loaded_and_taken_back(own))), None)
    return WaitingSeen(databases={}, since=sites, settled=True) if known and sites else known
