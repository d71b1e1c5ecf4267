"""What is recorded about a database at a cutover and a fence, so that later questions have exact answers.

Reads only. The snapshot must be taken while nobody writes: every later row is younger than it.
"""

from dataclasses import dataclass

from psycopg.rows import class_row, scalar_row
from psycopg.sql import Identifier

from switchback.systems.postgres import connection, sqlfiles
from switchback.systems.postgres.connection import Connection


@dataclass(frozen=True, kw_only=True)
class Position:
    """A sequence and where it stands."""

    schema: str
    name: str
    owner: str
    increment: int
    min_value: int
    max_value: int
    cache: int
    cycle: bool
    last_value: int
    is_called: bool

    @property
    def next_value(self) -> int:
        """What it hands out next; it may lie beyond the bound of a sequence that is used up."""
        return self.last_value + self.increment if self.is_called else self.last_value


@dataclass(frozen=True, kw_only=True)
class DatabaseFacts:
    """One database of one side at one instant. Plain values: it goes into a journal as JSON."""

    database: str
    server_version: int  #: as server_version_num: 160014
    system_identifier: str  #: which cluster; text, because JSON's numbers are too short for it
    oid: int = 0  #: which database of it, whatever it is called; 0 in journals that did not record it
    entry: str = ""  #: the transaction that last wrote its row of pg_database: on a site that is shut, the fence's
    started: str = ""  #: when its server began, or began again after a crash
    timeline: int
    lsn: str
    snapshot: str  #: pg_current_snapshot()
    sequences: tuple[Position, ...]
    tables: int


@dataclass(frozen=True, kw_only=True)
class _Server:
    server_version: int
    system_identifier: str
    oid: int
    entry: str
    started: str
    timeline: int
    lsn: str
    snapshot: str


@dataclass(frozen=True, kw_only=True)
class _Sequence:
    schema: str
    name: str
    owner: str
    increment: int
    min_value: int
    max_value: int
    cache: int
    cycle: bool


def read(session: Connection) -> DatabaseFacts:
    """The facts of the database that `session` is on. Raises NotAllowed, ServerUnreachable."""
    with connection.translated(session):
        sequences = positions(session)
        tables = session.cursor(row_factory=scalar_row).execute(sqlfiles.load("facts/count_tables")).fetchone()
        server = session.cursor(row_factory=class_row(_Server)).execute(sqlfiles.load("facts/read_server")).fetchone()
    return DatabaseFacts(database=session.info.dbname, sequences=sequences, tables=int(tables or 0), **vars(server))


def positions(session: Connection) -> tuple[Position, ...]:
    """Every sequence of the database and where it stands, by schema and name."""
    listed = session.cursor(row_factory=class_row(_Sequence)).execute(sqlfiles.load("facts/list_sequences")).fetchall()
    return tuple(_position(session, sequence) for sequence in listed)


def _position(session: Connection, sequence: _Sequence) -> Position:
    statement = sqlfiles.load("facts/read_sequence").format(sequence=Identifier(sequence.schema, sequence.name))
    last_value, is_called = session.execute(statement).fetchone() or (0, False)
    return Position(last_value=last_value, is_called=is_called, **vars(sequence))
