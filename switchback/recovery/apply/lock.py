"""One recovery at a time writes to a database: an advisory lock of old's, held by the session.

A session that is left behind is ended: of a dead runner of this machine, or of our own process, which lost it and
tries again. Anybody else's is respected.
"""

import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from psycopg.rows import tuple_row

from switchback.recovery import session
from switchback.recovery.apply import errors
from switchback.systems.postgres import connection, sqlfiles

APPLY, RUN = 1, 2  #: writing to the database; a whole run on it
PATIENCE_S = 20.0  #: how long a session that was left behind may take to go
POLL_S = 0.1
_uses: Counter[int] = Counter()  #: how often this process uses its sessions now, by their server processes


@contextmanager
def held(link: session.Connection, what: int = APPLY) -> Iterator[None]:
    """Hold the lock inside; raises RecoveryRunning. The session's end lets it go."""
    own = link.info.backend_pid
    _uses[own] += 1
    try:
        _take(link, what)
        yield
    finally:
        _uses[own] -= 1


def _take(link: session.Connection, what: int) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not _taken(link, what):
        holder = _holder(link, what)
        if holder is not None:
            pid, name = holder
            if not _left_behind(pid, name) or time.monotonic() > deadline:
                raise errors.RecoveryRunning(connection.place_of(link), name or f"session {pid}")
            link.execute(sqlfiles.load("apply/end_session"), {"pid": pid})
        time.sleep(POLL_S)


def _left_behind(pid: int, name: str) -> bool:
    return session.runner_died(name) or (name == session.runner() and pid in _uses and not _uses[pid])


def _taken(link: session.Connection, what: int) -> bool:
    row = link.cursor(row_factory=tuple_row).execute(sqlfiles.load("apply/take_lock"), {"what": what}).fetchone()
    return bool(row and row[0])


def _holder(link: session.Connection, what: int) -> tuple[int, str] | None:
    return link.cursor(row_factory=tuple_row).execute(sqlfiles.load("apply/read_holder"), {"what": what}).fetchone()
