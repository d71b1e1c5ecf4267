"""What waits on new: rows that exist only there, counted per table. New stays fenced and is kept while any do."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from switchback.domain.errors import Refused
from switchback.domain.journal import Record
from switchback.domain.model import Side
from switchback.rollback.records import as_facts, observed
from switchback.settings import Environment
from switchback.steps.postgres.access import databases
from switchback.steps.postgres.sites import SitesSeen, read_sites
from switchback.systems.postgres import pipeline, waiting
from switchback.systems.postgres.waiting import Waiting

NAMED = 5  #: how many tables an error names


@dataclass(frozen=True, kw_only=True)
class WaitingSeen:
    """Rows that exist only on new, by database and table, and from where to count the next time."""

    databases: dict[str, tuple[Waiting, ...]]
    since: SitesSeen

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

    def __init__(self, environment: Environment, since: SitesSeen) -> None:
        self._environment = environment
        self._since = since

    def look(self) -> WaitingSeen:
        """See Check. Once nothing waits, the next count begins where both sites stand now."""
        found = {name: tables for name in databases(self._environment) if (tables := self._count(name))}
        return WaitingSeen(databases=found, since=self._since if found else read_sites(self._environment))

    def _count(self, name: str) -> tuple[Waiting, ...]:
        environment = self._environment
        at_old = next(found for found in self._since.old if found.database == name)
        at_new = next(found for found in self._since.new if found.database == name)
        with pipeline.session(environment, Side.OLD, name) as old, pipeline.session(environment, Side.NEW, name) as new:
            return waiting.waiting(old, new, at_new, at_old)


class NothingWaits:
    """No row exists only on new, counted from the rollback before; nobody was there before the first cutover."""

    facts = WaitingSeen
    name = "nothing waits on new"

    def __init__(self, environment: Environment, before: WaitingSeen | None) -> None:
        self._environment = environment
        self._before = before

    def look(self) -> WaitingSeen:
        """See Check. Raises RowsWait."""
        if self._before is None:
            return WaitingSeen(databases={}, since=SitesSeen(old=(), new=()))
        seen = RowsWaiting(self._environment, self._before.since).look()
        if seen.rows:
            tables = [f"{table.schema}.{table.table}" for tables in seen.databases.values() for table in tables]
            more = f" and {len(tables) - NAMED} more tables" if len(tables) > NAMED else ""
            raise RowsWait(seen.rows, ", ".join(tables[:NAMED]) + more)
        return seen


def counted(told: Sequence[Record]) -> WaitingSeen | None:
    """What an attempt counted last; None when it has not come so far."""
    kept = observed(told, RowsWaiting.name)
    return as_facts(WaitingSeen, kept.data["seen"]) if kept else None
