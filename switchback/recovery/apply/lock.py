"""One recovery at a time writes to a database: an advisory lock of old's, held by the session.

A session that a dead runner of this machine left behind is ended; anybody else's is respected.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from psycopg.rows import tuple_row

from switchback.recovery import session
from switchback.recovery.apply import errors
from switchback.systems.postgres import connection, sqlfiles

APPLY, RUN = 1, 2  #: writing to the database; a whole run on it
PATIENCE_S = 20.0  #: how long a dead runner's session may take to go
POLL_S = 0.1


@contextmanager
def held(link: session.Connection, what: int = APPLY) -> Iterator[None]:
    """Hold the lock inside; raises RecoveryRunning. The session's end lets it go."""
    deadline = time.monotonic() + PATIENCE_S
    while not _taken(link, what):
        holder = _holder(link, what)
        if holder is not None:
            pid, name = holder
            if not session.runner_died(name) or time.monotonic() > deadline:
                raise errors.RecoveryRunning(connection.place_of(link), name or f"session {pid}")
            link.execute(sqlfiles.load("apply/end_session"), {"pid": pid})
        time.sleep(POLL_S)
    yield


def _taken(link: session.Connection, what: int) -> bool:
    row = link.cursor(row_factory=tuple_row).execute(sqlfiles.load("apply/take_lock"), {"what": what}).fetchone()
    return bool(row and row[0])


def _holder(link: session.Connection, what: int) -> tuple[int, str] | None:
    return link.cursor(row_factory=tuple_row).execute(sqlfiles.load("apply/read_holder"), {"what": what}).fetchone()
