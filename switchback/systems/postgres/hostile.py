"""A hostile writer: logs in as the applications do and tries to write behind a fence. Its writes are rolled back.

A fence that was never attacked is a belief. What counts as held is only a refusal by the fence itself: an
attempt that failed for another reason, a wrong password for instance, proves nothing and says so.
"""

from collections.abc import Iterable
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar, Self

import psycopg
from psycopg.sql import Composed, Identifier

from switchback import settings
from switchback.domain.errors import HalfDone, SwitchbackError
from switchback.systems.postgres import connection, errors, sqlfiles
from switchback.systems.postgres.connection import Connection, Login

#: An application's own settings but for these: the writer must not wait for anybody.
PINNED = {"statement_timeout": "10s", "lock_timeout": "2s"}


class Way(StrEnum):
    """How a write is tried. Most of them pass a fence that is only a read-only default (defect 18)."""

    OPEN_SESSION = "open session"
    OPEN_READ_WRITE = "open session, begin read write"
    OPEN_DEFAULT_OFF = "open session, default_transaction_read_only off"
    FRESH = "new session"
    FRESH_READ_WRITE = "new session, begin read write"
    FRESH_DEFAULT_OFF = "new session, default_transaction_read_only off"


class Result(StrEnum):
    """What came of it."""

    REFUSED = "refused"  #: the session had been ended, or the login was closed
    WROTE = "wrote"  #: a row was written (and rolled back)
    GOT_IN = "got in"  #: a session was there, and the write failed for a reason that is no fence
    UNPROVEN = "unproven"  #: no session, for a reason that is no fence


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """One try of one login in one database."""

    role: str
    database: str
    way: Way
    result: Result
    answer: str  #: the kind of answer, never a value

    def __str__(self) -> str:
        return f"{self.role} in {self.database} ({self.way}): {self.result}, {self.answer}"


@dataclass(eq=False)
class FenceLeaks(HalfDone):
    """A write got through, or might have."""

    problem: ClassVar[str] = "The fence of {side} does not hold: {attempts}."
    remedy: ClassVar[str] = "Keep users where they are; close what let it through, then run again."
    side: str
    attempts: str


@dataclass(frozen=True, kw_only=True)
class Target:
    """One application login and the database that it writes to."""

    database: str
    login: Login


class HostileWriter:
    """Opens the applications' sessions before the fence closes, and attacks from them and from new ones after it.

    Entering it opens a session for each login, and raises WrongPassword, NoDatabase, NotTrusted or
    ServerUnreachable before anything is closed. On a site that is fenced already nobody is let in: then only
    new sessions are tried. Leaving it closes them.
    """

    def __init__(self, site: settings.Site, postgres: settings.Postgres, targets: Iterable[Target]) -> None:
        self._site = site
        self._postgres = postgres
        self._targets = tuple(targets)
        self._open: list[tuple[Target, Connection]] = []
        self._closing = ExitStack()

    def __enter__(self) -> Self:
        with ExitStack() as opened:
            for target in self._targets:
                with suppress(errors.LoginClosed):
                    self._open.append((target, opened.enter_context(self._connect(target))))
            self._closing = opened.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._closing.close()

    def attempts(self) -> tuple[Attempt, ...]:
        """Try to write in every way, as every login; on an open site each leaves the rows as they were."""
        inside = [
            self._attempt(target, way, session)
            for target, session in self._open
            for way in (Way.OPEN_SESSION, Way.OPEN_READ_WRITE, Way.OPEN_DEFAULT_OFF)
        ]
        return (*inside, *(self._from_outside(t, way) for t in self._targets for way in Way if way.startswith("new")))

    def prove(self) -> tuple[Attempt, ...]:
        """`attempts`, every one of them refused by the fence; raises FenceLeaks naming those that were not."""
        made = self.attempts()
        if through := [str(attempt) for attempt in made if attempt.result is not Result.REFUSED]:
            raise FenceLeaks(self._site.side, "; ".join(through))
        return made

    def _connect(self, target: Target) -> Connection:
        return connection.connect(self._site, self._postgres, target.database, target.login, pinned=PINNED)

    def _from_outside(self, target: Target, way: Way) -> Attempt:
        try:
            session = self._connect(target)
        except errors.LoginClosed:
            return _made(target, way, Result.REFUSED, "the login is closed")
        except SwitchbackError as error:
            return _made(target, way, Result.UNPROVEN, type(error).__name__)
        with session:
            return self._attempt(target, way, session)

    def _attempt(self, target: Target, way: Way, session: Connection) -> Attempt:
        try:
            wrote = _write(session, way)
        except psycopg.Error as error:
            return _made(target, way, Result.REFUSED if session.closed else Result.GOT_IN, type(error).__name__)
        finally:
            with suppress(psycopg.Error):
                session.execute("rollback; reset default_transaction_read_only")
        return _made(target, way, Result.WROTE if wrote else Result.GOT_IN, wrote or "there was no row to update")


def _write(session: Connection, way: Way) -> str:
    """Update one existing row of the first table that has one, and leave the transaction open; returns the table."""
    if way.endswith("off"):
        session.execute("set default_transaction_read_only = off")
    session.execute("begin read write" if way.endswith("write") else "begin")
    for schema, table, column in session.execute(sqlfiles.load("fence/find_writable")).fetchall():
        if session.execute(_update(schema, table, column)).rowcount:
            return f"{schema}.{table}"
    return ""


def _update(schema: str, table: str, column: str) -> Composed:
    return sqlfiles.load("fence/try_write").format(table=Identifier(schema, table), column=Identifier(column))


def _made(target: Target, way: Way, result: Result, answer: str) -> Attempt:
    return Attempt(role=target.login.role, database=target.database, way=way, result=result, answer=answer)
