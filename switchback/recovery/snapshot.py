"""One side's database, read in one exported snapshot, by as many sessions as are needed at once.

Reads only. What a query returns is the server's output text, cell by cell: nothing is converted, so
nothing is lost. Streams are never held in memory.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from psycopg import sql
from psycopg.rows import dict_row

from switchback.recovery import copying, session
from switchback.recovery.copying import Cells
from switchback.systems.postgres import connection as postgres
from switchback.systems.postgres import sqlfiles

BEGIN = "begin transaction isolation level repeatable read read only"


@dataclass(frozen=True)
class Taken:
    """What identifies a snapshot."""

    exported: str
    started: str  #: when the server was started: two databases with another one are on two servers
    snapshot: str  #: pg_current_snapshot()
    lsn: str


class Snapshot:
    """A database as it is at one instant; see `taken`. Not for two threads at once."""

    def __init__(self, dsn: str, side: str) -> None:
        self.side = side
        self._dsn = dsn
        self._idle: dict[bool, list[session.Connection]] = {True: [], False: []}
        self._all: list[session.Connection] = []
        leader = self._connect(by_scan=True)
        with postgres.translated(leader):
            leader.execute(BEGIN)
            row = leader.execute(sqlfiles.load("catalog/read_snapshot")).fetchone()
        assert row is not None  # noqa: S101 - a select without from has one row
        self.identity = Taken(*row)
        self._idle[True].append(leader)

    def rows(self, query: sql.Composable, *, by_scan: bool = True) -> Iterator[Cells]:
        """The rows of a query without parameters, as output text. Other queries may run while this one is read.

        `by_scan` false: look-ups by key, which must go by an index.
        """
        with self._session(by_scan=by_scan) as link:
            yield from copying.rows(link, _out(query, "text"))

    def csv(self, query: sql.Composable) -> Iterator[bytes]:
        r"""The rows of a query as the server writes CSV, with `\N` for NULL, in blocks of many rows."""
        with self._session() as link:
            yield from copying.blocks(link, _out(query, "csv"))

    def one(self, query: sql.Composable) -> Cells:
        """The single row of a query."""
        [row] = self.rows(query)
        return row

    def records(self, statement: str, parameters: dict[str, Any] | None = None) -> list[dict[str, Any]]:
        """The rows of a catalog statement in sql/, converted: for facts, never for people's rows."""
        with self._session() as link:
            return link.cursor(row_factory=dict_row).execute(sqlfiles.load(statement), parameters).fetchall()

    def at(self, statement: str, **identifiers: sql.Composable) -> dict[str, Any]:
        """The single row of a statement in sql/ with these identifiers filled in, converted."""
        with self._session() as link:
            query = sqlfiles.load(statement).format(**identifiers)
            [record] = link.cursor(row_factory=dict_row).execute(query).fetchall()
            return record

    def close(self) -> None:
        """End all its sessions; nothing of them remains."""
        for link in self._all:
            link.close()

    @contextmanager
    def _session(self, *, by_scan: bool = True) -> Iterator[session.Connection]:
        idle = self._idle[by_scan]
        link = idle.pop() if idle else self._follower(by_scan=by_scan)
        with postgres.translated(link):
            yield link
        idle.append(link)  # not after an error: its transaction is over, and so is its snapshot

    def _follower(self, *, by_scan: bool) -> session.Connection:
        link = self._connect(by_scan=by_scan)
        with postgres.translated(link):
            link.execute(BEGIN)
            link.execute(sql.SQL("set transaction snapshot {}").format(self.identity.exported))
        return link

    def _connect(self, *, by_scan: bool) -> session.Connection:
        link = session.opened(self._dsn, self.side)
        self._all.append(link)
        with postgres.translated(link):
            link.execute(sqlfiles.load("catalog/tune_session"), {"by_scan": "on" if by_scan else "off"})
        return link


@contextmanager
def taken(dsn: str, side: str) -> Iterator[Snapshot]:
    """The database that `dsn` names, as it is now; `side` is the word for it in messages.

    Raises what session.opened raises; inside, driver errors become ours.
    """
    snapshot = Snapshot(dsn, side)
    try:
        yield snapshot
    finally:
        snapshot.close()


def _out(query: sql.Composable, form: str) -> sql.Composed:
    options = sql.SQL("format csv, null '\\N'") if form == "csv" else sql.SQL("format text")
    return sql.SQL("copy ({}) to stdout ({})").format(query, options)
