"""The sessions of others in a site's databases, and what may commit without one. Ends only those it may.

Superusers' sessions, replication connections and the server's own workers are listed, never ended.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from psycopg.rows import class_row, scalar_row

from switchback.domain.errors import HalfDone
from switchback.systems.postgres import connection, sqlfiles

PAUSE_S = 0.05


@dataclass(eq=False)
class SessionsRemain(HalfDone):
    """Sessions survived being ended, or somebody keeps getting in."""

    problem: ClassVar[str] = "Postgres at {place} is closed, but after {waited_s} s there are still: {sessions}."
    remedy: ClassVar[str] = "Look at those sessions on the server; then run again, it continues."
    place: str
    waited_s: float
    sessions: str


@dataclass(frozen=True, kw_only=True)
class Session:
    """Somebody else's connection to one of the databases."""

    pid: int
    role: str
    database: str
    application: str
    kind: str  #: Postgres's word: "client backend", "walsender", "logical replication worker", ...
    closable: bool  #: the fence ends it; the others are for people to judge

    def __str__(self) -> str:
        return f"{self.kind} {self.pid} of {self.role or 'the server'} in {self.database}"


@dataclass(frozen=True, kw_only=True)
class Prepared:
    """A prepared transaction."""

    gid: str
    owner: str
    database: str


def inside(session: connection.Connection, databases: Sequence[str]) -> tuple[Session, ...]:
    """The sessions of others in those databases, the pipeline's own left out."""
    cursor = session.cursor(row_factory=class_row(Session))
    return tuple(cursor.execute(sqlfiles.load("fence/list_sessions"), {"databases": list(databases)}))


def prepared(session: connection.Connection, databases: Sequence[str]) -> tuple[Prepared, ...]:
    """The prepared transactions in those databases."""
    cursor = session.cursor(row_factory=class_row(Prepared))
    return tuple(cursor.execute(sqlfiles.load("fence/list_prepared"), {"databases": list(databases)}))


def end_all(session: connection.Connection, databases: Sequence[str], patience_s: float) -> None:
    """End the closable sessions, and those being opened, until none is left.

    Raises SessionsRemain after `patience_s`.
    """
    deadline = time.monotonic() + patience_s
    while True:
        opening = _opening(session, databases)  # before the sessions: see the statement's header
        closable = [each for each in inside(session, databases) if each.closable]
        if not opening and not closable:
            return
        if time.monotonic() > deadline:
            names = ", ".join(map(str, closable)) or f"{opening} being opened"
            raise SessionsRemain(connection.place_of(session), patience_s, names)
        session.execute(sqlfiles.load("fence/end_sessions"), {"pids": [each.pid for each in closable]})
        time.sleep(PAUSE_S)


def _opening(session: connection.Connection, databases: Sequence[str]) -> int:
    cursor = session.cursor(row_factory=scalar_row)
    count = cursor.execute(sqlfiles.load("fence/count_starting_sessions"), {"databases": list(databases)}).fetchone()
    return int(count or 0)
