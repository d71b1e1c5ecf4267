"""Who is on a server and what it holds, asked before the server is destroyed. Reads only."""

import time
from collections.abc import Sequence

from psycopg.rows import class_row, scalar_row

from switchback.systems.postgres import connection, sqlfiles, tables, waiting
from switchback.systems.postgres.connection import Connection
from switchback.systems.postgres.facts import DatabaseFacts
from switchback.systems.postgres.sessions import Session

OURS = "switchback"
OPENED_WITHIN_S = 3.0
ASK_AGAIN_S = 0.1
AZURES = ("azure_maintenance", "azure_sys")


def sessions(session: Connection, pools: Sequence[str], window_s: float) -> tuple[Session, ...]:
    """Every client on the server, ours left out, and application pools in which nothing happened for `window_s`.

    One that is just being opened has no name yet: it is asked for again, and counts when it still has none.
    """
    values = {"own": OURS, "pools": list(pools), "window_s": window_s}
    deadline = time.monotonic() + OPENED_WITHIN_S
    while True:
        with connection.translated(session):
            cursor = session.cursor(row_factory=class_row(Session))
            found = tuple(cursor.execute(sqlfiles.load("presence/list_sessions"), values))
        if all(each.role for each in found) or time.monotonic() > deadline:
            return found
        time.sleep(ASK_AGAIN_S)


def databases(session: Connection, maintenance: str) -> tuple[str, ...]:
    """The databases that hold anybody's data."""
    own = {"own": [*AZURES, maintenance]}
    with connection.translated(session):
        return tuple(session.cursor(row_factory=scalar_row).execute(sqlfiles.load("presence/list_databases"), own))


def written(
    old: Connection, new: Connection, at_new: DatabaseFacts | None, at_old: DatabaseFacts | None
) -> dict[str, int]:
    """Rows of new, by table, that old does not have exactly so and that were written since the record.

    Without a record every row of new is compared: what was only copied and then changed on old counts too.
    """
    if not tables.listed(new):
        return {}
    found = waiting.waiting(old, new, at_new, at_old)
    return {f"{each.schema}.{each.table}": each.upserts for each in found if each.upserts}
