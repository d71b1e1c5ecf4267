"""Restored databases take the platform's names, all at once; what had those names before is kept under another.

Renaming happens from the maintenance database, in one transaction, with the sessions in both ended first. Never drops
a database.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from psycopg import errors as driver
from psycopg.rows import scalar_row
from psycopg.sql import Identifier

from switchback.backup.asides import former, prefix
from switchback.backup.restore import Marked, marked
from switchback.domain.errors import Refused
from switchback.domain.model import Side
from switchback.settings import Environment
from switchback.systems.postgres import connection, pipeline, sessions, sqlfiles
from switchback.systems.postgres.connection import Connection

PATIENCE_S = 30.0


@dataclass(eq=False)
class NotProvenYet(Refused):
    """A database that nobody has compared takes nobody's place."""

    problem: ClassVar[str] = "There is no proven restored database for {databases}."
    remedy: ClassVar[str] = "Nothing was renamed. Resume: they are restored first."
    databases: str


@dataclass(eq=False)
class InUse(Refused):
    """Somebody came back into a database between the end of their session and the renaming."""

    problem: ClassVar[str] = "Postgres at {place}: a database that would be renamed is in use."
    remedy: ClassVar[str] = "Nothing was renamed. Find out who connects, and resume."
    place: str


@dataclass(frozen=True, kw_only=True)
class Places:
    """How one attempt's databases stand on a server."""

    present: tuple[str, ...]  #: of the platform's databases
    restored: dict[str, str]  #: database -> the proven one for it, by its present name
    kept: tuple[str, ...]  #: of the platform's databases, those whose former one stands aside

    def in_place(self, database: str) -> bool:
        """Whether the restored one has the name."""
        return self.restored.get(database) == database


def look(environment: Environment, side: Side, run: str, databases: Sequence[str]) -> Places:
    """The restored and the former databases of an attempt. Changes nothing."""
    with pipeline.session(environment, side) as session, connection.translated(session):
        names = _names(session)
        return Places(
            present=tuple(name for name in databases if name in names),
            restored={each.mark.database: each.name for each in _own(session, run)},
            kept=tuple(name for name in databases if former(run, name) in names),
        )


def swap(environment: Environment, side: Side, run: str, databases: Sequence[str]) -> None:
    """Give the restored databases their names; those that have them already are left alone.

    Raises NotProvenYet or InUse, with nothing renamed, and SessionsRemain.
    """
    with pipeline.session(environment, side) as session, connection.translated(session):
        asides = {each.mark.database: each.name for each in _own(session, run)}
        if missing := [name for name in databases if name not in asides]:
            raise NotProvenYet(", ".join(missing))
        names = _names(session)
        moves = list[tuple[str, str]]()
        for database in databases:
            if asides[database] != database:
                moves += [(database, former(run, database))] if database in names else []
                moves.append((asides[database], database))
        _rename(session, moves)


def put_back(environment: Environment, side: Side, run: str, databases: Sequence[str]) -> None:
    """Give the names back to the databases that had them before; the restored ones stand aside, proven as they are."""
    with pipeline.session(environment, side) as session, connection.translated(session):
        placed = {each.name: each.mark for each in _own(session, run)}
        names = _names(session)
        moves = list[tuple[str, str]]()
        for database in databases:
            if database in placed:
                moves.append((database, f"{prefix(run, database)}undone"))
                moves += [(former(run, database), database)] if former(run, database) in names else []
        _rename(session, moves)


def _rename(session: Connection, moves: Sequence[tuple[str, str]]) -> None:
    if not moves:
        return
    sessions.end_all(session, [name for name, _ in moves], PATIENCE_S)
    try:
        with session.transaction():
            for name, following in moves:
                names = {"database": Identifier(name), "name": Identifier(following)}
                session.execute(sqlfiles.load("backup/rename_database").format(**names))
    except driver.ObjectInUse as error:
        raise InUse(connection.place_of(session)) from error


def _own(session: Connection, run: str) -> list[Marked]:
    return [each for each in marked(session) if each.mark.run == run]


def _names(session: Connection) -> set[str]:
    return set(session.cursor(row_factory=scalar_row).execute(sqlfiles.load("backup/list_names")))
