"""The one transaction in which rows come home or go back: all of it happens, or nothing.

What the driver raises inside becomes a refusal that says where; only a session lost while it commits leaves a
question, and running again answers it.
"""

from collections.abc import Iterator
from contextlib import contextmanager, suppress

import psycopg
from psycopg import errors as driver

from switchback.recovery import session
from switchback.recovery.apply import errors
from switchback.recovery.apply.engine import Engine
from switchback.recovery.apply.roles import Roles
from switchback.recovery.session import Connection
from switchback.systems.postgres import connection, sqlfiles

TUNED = {"work_mem": "64MB", "maintenance_work_mem": "256MB"}
RULES = (
    driver.UniqueViolation,
    driver.ExclusionViolation,
    driver.ForeignKeyViolation,
    driver.RestrictViolation,
    driver.CheckViolation,
    driver.NotNullViolation,
)


@contextmanager
def all_or_nothing(link: Connection, *, as_before: bool = False, rehearse: bool = False) -> Iterator[Engine]:
    """A transaction on old, ready to merge; commits when the block ends well, but for a rehearsal.

    `as_before`: see Engine.
    """
    place = connection.place_of(link)
    link.execute("set temp_buffers = '64MB'")
    with connection.translated(link):
        try:
            link.execute("begin isolation level read committed")
            session.pin(link, TUNED, local=True)
            still, superuser = _stands_still(link), _is_superuser(link)
            yield Engine(link=link, acting=Roles(link), replica=still, superuser=superuser, as_before=as_before)
        except driver.IntegrityError as error:
            _give_up(link)
            raise _misfit(error) from error
        except psycopg.Error as error:
            _give_up(link)
            if link.closed or isinstance(error, (driver.InsufficientPrivilege, driver.LockNotAvailable)):
                raise
            raise errors.Stopped(place, type(error).__name__, error.sqlstate or "no code", _where(error)) from error
        except BaseException:
            _give_up(link)
            raise
        if rehearse:
            _give_up(link)
            return
        try:
            link.execute("commit")
        except psycopg.OperationalError as error:
            raise errors.OutcomeUnknown(place) from error


def _give_up(link: Connection) -> None:
    with suppress(psycopg.Error):  # the session is lost: then so is the transaction
        link.execute("rollback")


def _stands_still(link: Connection) -> bool:
    try:
        with link.transaction():
            link.execute(sqlfiles.load("apply/stand_still"))
    except driver.InsufficientPrivilege:
        return False
    return True


def _is_superuser(link: Connection) -> bool:
    return link.info.parameter_status("is_superuser") == "on"


def _misfit(error: driver.IntegrityError) -> errors.RowsDoNotFit:
    found = error.diag
    table = f"{found.schema_name}.{found.table_name}" if found.table_name else "a table"
    if isinstance(error, driver.CheckViolation) and not found.constraint_name:
        return errors.NoPartition(table, "no partition", type(error).__name__)
    rule = found.constraint_name or (f"not null of {found.column_name}" if found.column_name else "a rule")
    return errors.RowsDoNotFit(table, rule, type(error).__name__)


def _where(error: psycopg.Error) -> str:
    found = error.diag
    return f" at {found.schema_name}.{found.table_name}" if found.table_name else ""
