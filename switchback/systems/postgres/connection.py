"""Connections to one side's server, their settings pinned, their errors made ours.

The settings are pinned because text output depends on them, and both sides are compared as text.
Never connects as a superuser, never shows a password, never retries.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

import certifi
import psycopg
from psycopg import errors as driver
from psycopg.conninfo import make_conninfo

from switchback import settings
from switchback.domain.errors import SwitchbackError
from switchback.systems.postgres import errors, sqlfiles

Connection = psycopg.Connection[tuple[Any, ...]]

#: Both sides print the same value as the same bytes; a row that a policy would hide is an error.
PINNED = {
    "timezone": "UTC",
    "datestyle": "ISO, YMD",
    "intervalstyle": "postgres",
    "bytea_output": "hex",
    "extra_float_digits": "1",
    "array_nulls": "on",
    "transform_null_equals": "off",
    "lc_monetary": "C",
    "quote_all_identifiers": "off",
    "search_path": "pg_catalog",
    "row_security": "off",
    "default_transaction_read_only": "off",
    "default_transaction_isolation": "read committed",
    "statement_timeout": "60s",
    "lock_timeout": "10s",
    "idle_session_timeout": "0",
    "idle_in_transaction_session_timeout": "0",
    "client_connection_check_interval": "5s",
}
CONNECT_TIMEOUT_S = 10
#: libpq's TCP keepalive: a server that is gone is noticed after 25 s, however long a statement may take.
KEEPALIVE = {"keepalives": "1", "keepalives_idle": "10", "keepalives_interval": "5", "keepalives_count": "3"}

#: libpq reports a refused login without a code: only its words tell the reasons apart.
_REFUSALS: tuple[tuple[str, type[errors.WrongPassword | errors.NoDatabase | errors.LoginClosed]], ...] = (
    ("password authentication failed", errors.WrongPassword),
    ("no password supplied", errors.WrongPassword),
    ("is not permitted to log in", errors.LoginClosed),
    ("permission denied for database", errors.LoginClosed),
    ("no pg_hba.conf entry", errors.LoginClosed),
    ("does not exist", errors.NoDatabase),
)
_TRUST = ("SSL", "certificate")
_REASONS = (
    ("Connection refused", "nobody listens there"),
    ("timeout", "no answer in time"),
    ("resolve host", "the name does not resolve"),
    ("starting up", "the server is starting"),
    ("shutting down", "the server is stopping"),
    ("too many c", "no connection is left"),
    ("connection slots", "no connection is left"),
)


@dataclass(frozen=True, kw_only=True)
class Login:
    """Who connects."""

    role: str
    password: str = field(repr=False)


def connect(
    site: settings.Site,
    postgres: settings.Postgres,
    database: str,
    login: Login,
    *,
    pinned: Mapping[str, str] = MappingProxyType(PINNED),
) -> Connection:
    """An autocommit session on that site's database. The caller closes it.

    Raises ServerUnreachable, WrongPassword, NoDatabase, LoginClosed or NotTrusted.
    """
    place = f"{site.postgres_host}:{site.postgres_port}/{database}"
    try:
        return psycopg.Connection.connect(
            make_conninfo(**KEEPALIVE),
            host=site.postgres_host,
            port=site.postgres_port,
            dbname=database,
            user=login.role,
            password=login.password,
            sslmode=postgres.sslmode,
            sslrootcert=certifi.where(),
            gssencmode="disable",
            application_name="switchback",
            client_encoding="UTF8",
            connect_timeout=CONNECT_TIMEOUT_S,
            options=" ".join("-c {}={}".format(name, value.replace(" ", r"\ ")) for name, value in pinned.items()),
            autocommit=True,
        )
    except psycopg.OperationalError as error:
        raise login_refused(str(error), place, login.role, postgres.sslmode) from error


def place_of(connection: Connection) -> str:
    """host:port/database of an open connection."""
    info = connection.info
    return f"{info.host}:{info.port}/{info.dbname}"


@contextmanager
def translated(connection: Connection) -> Iterator[None]:
    """Turn what the driver raises inside into ServerUnreachable, LockHeld, NotAllowed or StatementFailed."""
    if connection.closed:
        raise errors.ServerUnreachable("a closed connection", "the session has ended")
    place = place_of(connection)
    try:
        yield
    except psycopg.Error as error:
        raise _statement_refused(error, place, lost=connection.closed) from error


@contextmanager
def holding_still(connection: Connection) -> Iterator[None]:
    """Inside, the session sees the database as it is now, cannot write, and may take long.

    What fails inside is not translated: two of these are nested, and each error must name its own server.
    """
    with connection.transaction():
        with translated(connection):
            connection.execute(sqlfiles.load("compare/hold_still"))
        yield


def login_refused(message: str, place: str, role: str, sslmode: str) -> SwitchbackError:
    """What libpq's words about a failed connection mean."""
    for words, refusal in _REFUSALS:
        if words in message:
            return refusal(place, role)
    if any(word in message for word in _TRUST):
        return errors.NotTrusted(place, sslmode)
    reason = next((reason for words, reason in _REASONS if words in message), "no usable answer")
    return errors.ServerUnreachable(place, reason)


def _statement_refused(error: psycopg.Error, place: str, *, lost: bool) -> SwitchbackError:
    condition = type(error).__name__
    if isinstance(error, driver.InsufficientPrivilege | driver.ReadOnlySqlTransaction):
        return errors.NotAllowed(place, error.diag.message_primary or condition)
    if isinstance(error, driver.LockNotAvailable):
        return errors.LockHeld(place)
    passing = (error.sqlstate or "")[:2] in {"08", "40", "53", "57"}
    if lost or passing:
        return errors.ServerUnreachable(place, "the session was lost" if lost else condition)
    return errors.StatementFailed(place, error.sqlstate or "no code", condition)
