"""Tables that have lost most of their rows on new: users may have deleted them, or a TRUNCATE in the wrong window.

Or a crash: Postgres empties unlogged tables then. Where rows come home without a review, no delete of such a database
does: old keeps its rows, the deletes wait on new, and a person says which it was.
"""

import logging

from psycopg.sql import SQL, Identifier

from switchback.domain.model import Side
from switchback.recovery import catalog, discover, snapshot
from switchback.recovery.bundle import Manifest
from switchback.recovery.snapshot import Reader, Snapshot
from switchback.steps.recovery.ground import Ground
from switchback.systems.postgres import sqlfiles

MANY = 1000  #: deletes of one table that are worth a second look
log = logging.getLogger(__name__)


def emptied(ground: Ground, database: str, exported: Manifest) -> bool:
    """Whether a table of the export has lost more of old's rows than the policy lets go unseen; says which."""
    notes = {catalog.Name(schema=note.schema, name=note.name): note for note in exported.tables if note.deletes}
    if not notes:
        return False
    share, named = ground.environment.policy.unseen_deletes, []
    with snapshot.taken(ground.dsn(Side.OLD, database), "old") as taken:
        tables = [table for table in discover.read(taken).tables if table.name in notes]
        crashed = any(table.unlogged for table in tables) and ground.new_began_again(database)
        for table in tables:
            note = notes[table.name]
            if crashed and table.unlogged:  # what users have put there again by the same key is an update
                gone, rows = note.deletes + note.updates, _count(taken, table)
            else:
                gone, rows = note.deletes if note.deletes >= MANY else 0, table.estimate
            if gone > share * rows:
                named.append(str(table.name))
    if named:
        log.warning("%s: new has lost most rows of %s: its deletes are left to a person", database, ", ".join(named))
    return bool(named)


def _count(taken: Snapshot, table: catalog.Table) -> int:
    only = SQL("only {}").format(Identifier(table.name.schema, table.name.name))
    [rows] = taken.one(sqlfiles.load("compare/count_rows").format(table=only), Reader(role=table.read_as))
    return int(rows or 0)
