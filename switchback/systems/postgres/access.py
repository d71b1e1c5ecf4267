"""Who may connect to a site's databases: read from the catalogs, and changed to exactly what is wanted.

All of it happens in shared catalogs, so one transaction on the maintenance database closes or opens
every database and role at once: there is no half-closed state to crash in. Never touches a session.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from psycopg import errors as driver
from psycopg.rows import class_row, scalar_row
from psycopg.sql import SQL, Identifier

from switchback.domain.errors import Refused
from switchback.systems.postgres import connection, sqlfiles


@dataclass(eq=False)
class NoSuchDatabases(Refused):
    """A database of the platform is not on this server."""

    problem: ClassVar[str] = "Postgres at {place} has no database {databases}."
    remedy: ClassVar[str] = "Check the database names in the environment's descriptor."
    place: str
    databases: str


@dataclass(frozen=True, kw_only=True, order=True)
class Grant:
    """One entry of a database's access list: somebody may connect."""

    database: str
    grantee: str  #: "" is PUBLIC
    grantor: str
    grantable: bool  #: may pass it on


@dataclass(frozen=True, kw_only=True, order=True)
class Database:
    """A database and who owns it."""

    database: str
    owner: str


@dataclass(frozen=True, kw_only=True)
class FenceState:
    """Everything that a fence changes, as it is now. Recorded before closing, it is what open_again restores.

    Two equal states mean the same rights. A null access list is recorded as the default that it stands for.
    """

    databases: tuple[Database, ...] = ()
    grants: tuple[Grant, ...] = ()
    logins: tuple[str, ...] = ()  #: roles that could log in to one of the databases, but the pipeline's and superusers


def there(session: connection.Connection, databases: Iterable[str]) -> tuple[Database, ...]:
    """Those of the databases that the server has."""
    names = {"databases": sorted(set(databases))}
    return tuple(session.cursor(row_factory=class_row(Database)).execute(sqlfiles.load("fence/list_databases"), names))


def read(session: connection.Connection, databases: Iterable[str]) -> FenceState:
    """The rights on those databases as they are now; raises NoSuchDatabases."""
    names = {"databases": sorted(set(databases))}
    present = there(session, names["databases"])
    if missing := set(names["databases"]) - {each.database for each in present}:
        raise NoSuchDatabases(connection.place_of(session), ", ".join(sorted(missing)))
    grants = session.cursor(row_factory=class_row(Grant)).execute(sqlfiles.load("fence/list_grants"), names)
    logins = session.cursor(row_factory=scalar_row).execute(sqlfiles.load("fence/list_logins"), names)
    return FenceState(databases=present, grants=tuple(sorted(grants)), logins=tuple(logins))


def closed(state: FenceState, pipeline: str) -> tuple[Grant, ...]:
    """The grants of a closed site: the pipeline's role may connect to every database, nobody else to any."""
    owners = {each.database: each.owner for each in state.databases}
    kept = {g for g in state.grants if g.grantee == pipeline and g.grantor == owners[g.database]}
    missing = owners.keys() - {grant.database for grant in kept}
    own = {Grant(database=name, grantee=pipeline, grantor=owners[name], grantable=False) for name in missing}
    return tuple(sorted(kept | own))


def change(session: connection.Connection, now: Sequence[Grant], wanted: Sequence[Grant]) -> None:
    """Make `now` into `wanted`, inside the caller's transaction. Does nothing when they are the same.

    Granting is repeated because taking a right away takes along what its holder passed on.
    """
    gone = set(now) - set(wanted)
    if set(now) == set(wanted):
        return
    for grant in in_order_of_granting(wanted):
        _as_grantor(session, "fence/grant_connect", grant)
    for grant in reversed(in_order_of_granting(gone)):
        _as_grantor(session, "fence/revoke_connect", grant)
    for grant in in_order_of_granting(wanted):
        _as_grantor(session, "fence/grant_connect", grant)
    session.execute(sqlfiles.load("access/be_oneself"))


def in_order_of_granting(grants: Iterable[Grant]) -> tuple[Grant, ...]:
    """The grants so that whoever passes a right on has been given it before."""
    waiting, ordered = sorted(grants), list[Grant]()
    while waiting:
        given_later = {(grant.database, grant.grantee) for grant in waiting if grant.grantee != grant.grantor}
        ready = [grant for grant in waiting if (grant.database, grant.grantor) not in given_later] or waiting
        ordered += ready
        waiting = [grant for grant in waiting if grant not in ready]
    return tuple(ordered)


def close_role(session: connection.Connection, role: str) -> bool:
    """Take the role's LOGIN away; False when the pipeline's role may not alter it."""
    return _alter(session, "fence/close_role", role)


def open_role(session: connection.Connection, role: str) -> bool:
    """Give the role its LOGIN back; False when the pipeline's role may not alter it."""
    return _alter(session, "fence/open_role", role)


def _alter(session: connection.Connection, statement: str, role: str) -> bool:
    try:
        with session.transaction():
            session.execute(sqlfiles.load(statement).format(role=Identifier(role)))
    except driver.InsufficientPrivilege:
        return False
    return True


def _as_grantor(session: connection.Connection, statement: str, grant: Grant) -> None:
    session.execute(sqlfiles.load("access/become").format(role=Identifier(grant.grantor)))
    session.execute(
        sqlfiles.load(statement).format(
            database=Identifier(grant.database),
            grantee=Identifier(grant.grantee) if grant.grantee else SQL("public"),
            option=SQL("with grant option" if grant.grantable else ""),
        )
    )
