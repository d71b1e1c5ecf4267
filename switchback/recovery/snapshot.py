"""One side's database, read in one exported snapshot, by as many sessions as are needed at once.

Reads only. What a query returns is the server's output text, cell by cell: nothing is converted, so
nothing is lost. Streams are never held in memory.
"""

from collections import defaultdict
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


@dataclass(frozen=True, kw_only=True)
class Reader:
    """How a session of a snapshot reads."""

    by_scan: bool = True  #: false: look-ups by key, which must go by an index
    workers: int = 0  #: processes that may help the server's own; with none, rows come as they lie in the table
    role: str = ""  #: a role to become, where we ourselves may not read
    own_path: bool = False  #: names are looked for where the application's are: its functions are called


OURSELVES = Reader()


class Snapshot:
    """A database as it is at one instant; see `taken`. Not for two threads at once."""

    identity: Taken

    def __init__(self, dsn: str, side: str) -> None:
        self.side = side
        self._dsn = dsn
        self._idle: defaultdict[Reader, list[session.Connection]] = defaultdict(list)
        self._all: list[session.Connection] = []

    def begin(self) -> None:
        """Take the snapshot; everything is read in it from here on."""
        leader = self._connect(OURSELVES)
        with postgres.translated(leader):
            leader.execute(BEGIN)
            row = leader.execute(sqlfiles.load("catalog/read_snapshot")).fetchone()
        self.identity = Taken(*row or ())
        self._idle[OURSELVES].append(leader)

    def rows(self, query: sql.Composable, reader: Reader = OURSELVES) -> Iterator[Cells]:
        """The rows of a query without parameters, as output text. Other queries may run while this one is read."""
        with self._session(reader) as link:
            yield from copying.rows(link, _out(query, "text"))

    def csv(self, query: sql.Composable, reader: Reader = OURSELVES) -> Iterator[list[bytes]]:
        r"""The rows of a query as the server writes CSV, with `\N` for NULL, many at a time."""
        with self._session(reader) as link:
            yield from copying.blocks(link, _out(query, "csv"))

    def one(self, query: sql.Composable, reader: Reader = OURSELVES) -> Cells:
        """The single row of a query."""
        [row] = self.rows(query, reader)
        return row

    def records(self, statement: str, parameters: dict[str, Any] | None = None) -> list[dict[str, Any]]:
        """The rows of a catalog statement in sql/, converted: for facts, never for people's rows."""
        with self._session(OURSELVES) as link:
            return link.cursor(row_factory=dict_row).execute(sqlfiles.load(statement), parameters).fetchall()

    def close(self) -> None:
        """End all its sessions; nothing of them remains."""
        for link in self._all:
            link.close()

    @contextmanager
    def _session(self, reader: Reader) -> Iterator[session.Connection]:
        idle = self._idle[reader]
        link = idle.pop() if idle else self._follower(reader)
        with postgres.translated(link):
            yield link
        idle.append(link)  # not after an error: its transaction is over, and so is its snapshot

    def _follower(self, reader: Reader) -> session.Connection:
        link = self._connect(reader)
        with postgres.translated(link):
            link.execute(BEGIN)
            link.execute(sql.SQL("set transaction snapshot {}").format(self.identity.exported))
            if reader.own_path:
                link.execute(sqlfiles.load("access/use_own_path"), {"local": True})
            if reader.role:
                link.execute(sqlfiles.load("access/become").format(role=sql.Identifier(reader.role)))
        return link

    def _connect(self, reader: Reader) -> session.Connection:
        link = session.opened(self._dsn, self.side)
        self._all.append(link)
        with postgres.translated(link):
            tuning = {"by_scan": "on" if reader.by_scan else "off", "workers": str(reader.workers)}
            link.execute(sqlfiles.load("catalog/tune_session"), tuning)
        return link


@contextmanager
def taken(dsn: str, side: str) -> Iterator[Snapshot]:
    """The database that `dsn` names, as it is now; `side` is the word for it in messages.

    Raises what session.opened raises; inside, driver errors become ours.
    """
    snapshot = Snapshot(dsn, side)
    try:
        snapshot.begin()
        yield snapshot
    finally:
        snapshot.close()


def _out(query: sql.Composable, form: str) -> sql.Composed:
    options = sql.SQL("format csv, null '\\N'") if form == "csv" else sql.SQL("format text")
    return sql.SQL("copy ({}) to stdout ({})").format(query, options)
