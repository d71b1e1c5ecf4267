"""A session on one of the two databases of a recovery, given by a connection string of libpq.

Its settings are pinned, because values are compared and brought home as text; rows that a policy
would hide are an error. Never shows the connection string or a password, never retries.
"""

import os
import socket
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import ClassVar

import psycopg
from psycopg import conninfo

from switchback.domain.errors import Refused
from switchback.systems.postgres import connection as postgres
from switchback.systems.postgres import sqlfiles

Connection = postgres.Connection

#: On top of what all sessions of ours pin: recovering takes as long as it takes, and notices a dead runner soon.
PINNED = postgres.PINNED | {
    "statement_timeout": "0",
    "idle_in_transaction_session_timeout": "0",
    "lock_timeout": "30s",
    "client_connection_check_interval": "1s",
    "jit": "off",
    "xmloption": "content",
    "standard_conforming_strings": "on",
}
SINCE = {"idle_session_timeout": (140000, "0"), "transaction_timeout": (170000, "0")}


@dataclass(eq=False)
class BadConnectionString(Refused):
    """What was given is no connection string of libpq."""

    problem: ClassVar[str] = "--{side} is not a connection string that libpq understands."
    remedy: ClassVar[str] = "Write it as 'host=... port=... dbname=... user=...' or postgresql://user@host:port/dbname."
    side: str


@contextmanager
def on(dsn: str, side: str) -> Iterator[Connection]:
    """An autocommit session on that side ("old", "new", "base"), closed afterwards.

    Raises BadConnectionString, ServerUnreachable, WrongPassword, NoDatabase, LoginClosed or NotTrusted; what the
    driver raises inside becomes one of ours as `connection.translated` says.
    """
    with opened(dsn, side) as link, postgres.translated(link):
        yield link


def opened(dsn: str, side: str) -> Connection:
    """As `on`, left open and untranslated for the caller."""
    try:
        parts = conninfo.conninfo_to_dict(dsn, gssencmode="disable", client_encoding="UTF8", **postgres.KEEPALIVE)
    except psycopg.ProgrammingError as error:
        raise BadConnectionString(side) from error
    parts.setdefault("connect_timeout", str(postgres.CONNECT_TIMEOUT_S))
    parts["application_name"] = runner()
    place = f"{parts.get('host', 'local socket')}:{parts.get('port', 5432)}/{parts.get('dbname', '')}"
    try:
        link = psycopg.Connection.connect(conninfo.make_conninfo("", **parts), autocommit=True)
    except psycopg.OperationalError as error:
        user, sslmode = str(parts.get("user", "")), str(parts.get("sslmode", "prefer"))
        raise postgres.login_refused(str(error), place, user, sslmode) from error
    _pin_all(link)
    return link


@contextmanager
def beside(link: Connection) -> Iterator[Connection]:
    """Another session like that one, closed afterwards. Raises what the driver raises."""
    same = conninfo.make_conninfo(**link.info.get_parameters(), password=link.info.password)
    with closing(psycopg.Connection.connect(same, autocommit=True)) as second:
        _pin_all(second)
        yield second


@contextmanager
def own_path(link: Connection) -> Iterator[None]:
    """In the transaction that is open, and while the block runs: names are looked for where the application's are."""
    link.execute(sqlfiles.load("access/use_own_path"), {"local": True})
    yield
    link.execute(sqlfiles.load("access/use_no_path"))


def _pin_all(link: Connection) -> None:
    pins = PINNED | {name: value for name, (since, value) in SINCE.items() if link.info.server_version >= since}
    pin(link, pins, local=False)


def pin(link: Connection, pins: Mapping[str, str], *, local: bool) -> None:
    """Settings of the session or, with `local`, of the transaction that is open. Raises the driver's errors."""
    pinned = {"names": list(pins), "values": list(pins.values()), "local": local}
    link.execute(sqlfiles.load("catalog/pin_session"), pinned)


def runner() -> str:
    """How our sessions call themselves: the machine and process they belong to, so that a dead one can be told."""
    return f"switchback {socket.gethostname()[:40]} {os.getpid()}"


def runner_died(application_name: str) -> bool:
    """Whether that session's process ran on this machine and is gone."""
    program, _, rest = application_name.partition(" ")
    machine, _, process = rest.rpartition(" ")
    if program != "switchback" or machine != socket.gethostname()[:40] or not process.isdigit():
        return False
    try:
        os.kill(int(process), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False
