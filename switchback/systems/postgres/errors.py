"""What Postgres can answer instead of doing what it was asked, told apart by what a person does about it."""

from dataclasses import dataclass
from typing import ClassVar

from switchback.domain.errors import HalfDone, Refused, Unreachable


@dataclass(eq=False)
class ServerUnreachable(Unreachable):
    """No connection, a lost one, or a server that cannot serve now. Nothing is known to have changed."""

    problem: ClassVar[str] = "Postgres at {place}: {reason}."
    remedy: ClassVar[str] = "If it stays so, check that the server runs and that this machine may reach it."
    place: str
    reason: str


@dataclass(eq=False)
class LockHeld(Unreachable):
    """Somebody else's transaction is in the way. Nothing was changed by the statement that waited."""

    problem: ClassVar[str] = "Postgres at {place}: another session holds a lock that is needed, and does not let it go."
    remedy: ClassVar[str] = "If it stays so, find that session (pg_blocking_pids, pg_locks), end it, and run again."
    place: str


@dataclass(eq=False)
class WrongPassword(Refused):
    """The server answered and did not take the password (defect 55)."""

    problem: ClassVar[str] = "Postgres at {place} does not take the password of {role}."
    remedy: ClassVar[str] = "Compare the secret in this site's vault with the role's password, then run again."
    place: str
    role: str


@dataclass(eq=False)
class NoDatabase(Refused):
    """The server answered and has no such database."""

    problem: ClassVar[str] = "Postgres at {place}: the database does not exist, asked for by {role}."
    remedy: ClassVar[str] = "Check the database names in the environment's descriptor."
    place: str
    role: str


@dataclass(eq=False)
class LoginClosed(Refused):
    """The role may not log in, or not to this database: what a fence looks like from outside."""

    problem: ClassVar[str] = "Postgres at {place} does not let {role} in."
    remedy: ClassVar[str] = "The site is fenced, or the role needs LOGIN and CONNECT."
    place: str
    role: str


@dataclass(eq=False)
class NotTrusted(Refused):
    """The connection could not be encrypted or the server's certificate not verified."""

    problem: ClassVar[str] = "Postgres at {place}: no connection as sslmode={sslmode} demands."
    remedy: ClassVar[str] = "Check sslmode, the host name and the server's certificate; never lower sslmode to get in."
    place: str
    sslmode: str


@dataclass(eq=False)
class NotAllowed(Refused):
    """The pipeline's role lacks a privilege, or the server takes no writes."""

    problem: ClassVar[str] = "Postgres at {place}: {refusal}."
    remedy: ClassVar[str] = "Grant the pipeline's role what sql/README.md lists, or ask why the server takes no writes."
    place: str
    refusal: str  #: the server's own words; they name objects, never values


@dataclass(eq=False)
class StatementFailed(HalfDone):
    """Postgres refused a statement for a reason that nobody expected."""

    problem: ClassVar[str] = "Postgres at {place} stopped a statement: {condition} ({sqlstate})."
    remedy: ClassVar[str] = "Nothing of that transaction remains; read the cause in the log before running again."
    place: str
    sqlstate: str
    condition: str
