"""The fence: no application writes to a site, whatever session, role or transaction mode it tries.

CONNECT and LOGIN are taken away in one transaction, then the sessions that were already inside are
ended until none is left. A read-only default is not a fence: any session may switch it off (defect 18).
Never drops anything, never touches a superuser's session or a replication connection: it reports them.
"""

from dataclasses import dataclass
from typing import ClassVar

from psycopg.rows import scalar_row

from switchback.domain.errors import HalfDone, Refused
from switchback.systems.postgres import access, connection, sessions, sqlfiles
from switchback.systems.postgres.access import FenceState
from switchback.systems.postgres.sessions import Prepared, Session

PATIENCE_S = 30.0


@dataclass(eq=False)
class PreparedTransactions(Refused):
    """A prepared transaction belongs to no session and may commit behind the fence."""

    problem: ClassVar[str] = "Postgres at {place} holds prepared transactions: {transactions}."
    remedy: ClassVar[str] = "Commit or roll back each of them, or stop its transaction manager; then fence again."
    place: str
    transactions: str


@dataclass(eq=False)
class PreparedMeanwhile(HalfDone):
    """A transaction was prepared between the first look and the end of the last session."""

    problem: ClassVar[str] = "Postgres at {place} is closed, but while it closed these were prepared: {transactions}."
    remedy: ClassVar[str] = "As the role that owns it, commit or roll back each; then run again."
    place: str
    transactions: str


@dataclass(eq=False)
class AccessChanged(Refused):
    """Somebody may connect who could not when the fence's way back was recorded."""

    problem: ClassVar[str] = "Postgres at {place}: since the fence was recorded, these were let in: {newcomers}."
    remedy: ClassVar[str] = "Find out who granted that; take it back, or start again so that it is recorded."
    place: str
    newcomers: str


@dataclass(eq=False)
class StillOpen(HalfDone):
    """A role can log in although nothing was granted to it: it is a member of the pipeline's own role."""

    problem: ClassVar[str] = "Postgres at {place} is closed, but these roles can still log in: {roles}."
    remedy: ClassVar[str] = "Have whoever made the role take its LOGIN away; then run again."
    place: str
    roles: str


@dataclass(eq=False)
class NotOpened(HalfDone):
    """The rights after opening are not those that were recorded."""

    problem: ClassVar[str] = "Postgres at {place} is open, but not as it was: {differences}."
    remedy: ClassVar[str] = "Compare with the recorded state in the journal and grant what is missing."
    place: str
    differences: str


@dataclass(frozen=True, kw_only=True)
class View:
    """A site as the fence sees it."""

    state: FenceState
    sessions: tuple[Session, ...]
    prepared: tuple[Prepared, ...]

    @property
    def shut(self) -> bool:
        """Nobody could log in, nobody is inside, nothing can commit later."""
        return not (self.state.logins or self.prepared or any(session.closable for session in self.sessions))


@dataclass(frozen=True, kw_only=True)
class Fenced:
    """What closing left alone."""

    unaltered: tuple[str, ...]  #: roles whose LOGIN was not ours to take; shut out by CONNECT alone
    others: tuple[Session, ...]  #: superusers, replication, the server's own workers


def look(session: connection.Connection, databases: tuple[str, ...]) -> View:
    """Who may connect to those databases, who is inside, what is prepared. Changes nothing.

    `session` is the pipeline's, on any database of that server. Raises NoSuchDatabases.
    """
    with connection.translated(session):
        return View(
            state=access.read(session, databases),
            sessions=sessions.inside(session, databases),
            prepared=sessions.prepared(session, databases),
        )


def close(session: connection.Connection, before: FenceState, *, patience_s: float = PATIENCE_S) -> Fenced:
    """Shut everybody out of the databases of `before`, which the caller has recorded: it is the way back.

    Safe to run again, after a kill too: what is closed stays closed, and no more is closed than was recorded.
    Raises PreparedTransactions, AccessChanged, NotAllowed (nothing changed); PreparedMeanwhile, SessionsRemain,
    StillOpen (closed, but a person looks).
    """
    databases = tuple(each.database for each in before.databases)
    place = connection.place_of(session)
    with connection.translated(session):
        if prepared := sessions.prepared(session, databases):
            raise PreparedTransactions(place, _named(prepared))
        unaltered = _shut_out(session, before, databases)
        sessions.end_all(session, databases, patience_s)
        if prepared := sessions.prepared(session, databases):
            raise PreparedMeanwhile(place, _named(prepared))
        if inside := access.read(session, databases).logins:
            raise StillOpen(place, ", ".join(inside))
        return Fenced(unaltered=unaltered, others=sessions.inside(session, databases))


def mark(session: connection.Connection) -> tuple[str, str]:
    """Where the server's log stands, and which of its transactions are decided."""
    with connection.translated(session):
        lsn, snapshot = session.execute(sqlfiles.load("fence/read_mark")).fetchone() or ("", "")
    return lsn, snapshot


def entries(session: connection.Connection, databases: tuple[str, ...]) -> dict[str, str]:
    """By database, the transaction that last changed who may connect to it."""
    with connection.translated(session):
        return dict(session.execute(sqlfiles.load("fence/list_entries"), {"databases": list(databases)}).fetchall())


def open_again(session: connection.Connection, before: FenceState) -> None:
    """Give back exactly the rights of `before`: every grant, and LOGIN to every role that had it.

    One transaction; a second call changes nothing. Raises NotOpened, NotAllowed, NoSuchDatabases.
    """
    databases = tuple(each.database for each in before.databases)
    place = connection.place_of(session)
    with connection.translated(session):
        with session.transaction():
            access.change(session, access.read(session, databases).grants, before.grants)
            for role in _closed_roles(session, before.logins):
                access.open_role(session, role)
        after = access.read(session, databases)
    if differences := [*_missing(before, after)]:
        raise NotOpened(place, "; ".join(differences))


def _shut_out(session: connection.Connection, before: FenceState, databases: tuple[str, ...]) -> tuple[str, ...]:
    """Take CONNECT and LOGIN away, all at once; returns the roles whose LOGIN could not be taken."""
    pipeline = session.info.user
    with session.transaction():
        now = access.read(session, databases)
        wanted = access.closed(before, pipeline)
        newcomers = {*now.logins} - {*before.logins} | {str(g) for g in {*now.grants} - {*before.grants, *wanted}}
        if newcomers:
            raise AccessChanged(connection.place_of(session), ", ".join(sorted(newcomers)))
        access.change(session, now.grants, wanted)
        already = set(_closed_roles(session, before.logins))
        return tuple(role for role in before.logins if role not in already and not access.close_role(session, role))


def _closed_roles(session: connection.Connection, roles: tuple[str, ...]) -> tuple[str, ...]:
    cursor = session.cursor(row_factory=scalar_row)
    return tuple(cursor.execute(sqlfiles.load("fence/list_closed_roles"), {"roles": list(roles)}))


def _named(prepared: tuple[Prepared, ...]) -> str:
    return ", ".join(f"{each.gid} of {each.owner} in {each.database}" for each in prepared)


def _missing(before: FenceState, after: FenceState) -> list[str]:
    """What `before` has and `after` lacks, or the other way round, in words; a new role is nobody's loss."""
    grants = set(before.grants) ^ set(after.grants)
    lost = set(before.logins) - set(after.logins)
    return sorted(f"CONNECT of {g.grantee or 'PUBLIC'} on {g.database}" for g in grants) + sorted(
        f"login of {role}" for role in lost
    )
