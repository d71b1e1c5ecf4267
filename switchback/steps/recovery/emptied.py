"""Tables that have lost most of their rows on new: users may have deleted them, or a TRUNCATE in the wrong window.

Or a crash: Postgres empties unlogged tables then. Where rows come home without a review, no delete of such a database
does: old keeps its rows, the deletes wait on new, and a person says which it was.
"""

import logging

from switchback.domain.model import Side
from switchback.recovery import discover, snapshot
from switchback.recovery.bundle import Conflict, Manifest
from switchback.recovery.catalog import Name, Table
from switchback.recovery.judge import Deletes
from switchback.recovery.snapshot import Reader, Snapshot
from switchback.steps.recovery.ground import Ground
from switchback.systems.postgres import sqlfiles

MANY = 1000  #: deletes of one table that are worth a second look
log = logging.getLogger(__name__)


def emptied(ground: Ground, database: str, exported: Manifest, *, even_deleted: bool) -> Deletes:
    """What the deletes of an export are taken for, where a table lost more rows than the policy lets go unseen.

    With `even_deleted` only what a crash has emptied stays, and nobody is asked: old is to be as it was.
    """
    notes = {Name(schema=note.schema, name=note.name): note for note in exported.tables if note.deletes}
    if not notes:
        return Deletes()
    share, deleted, lost = ground.environment.policy.unseen_deletes, set[Name](), set[Name]()
    with snapshot.taken(ground.dsn(Side.OLD, database), "old") as taken:
        tables = [table for table in discover.read(taken).tables if table.name in notes]
        crashed = any(table.unlogged for table in tables) and ground.new_began_again(database)
        for table in tables:
            note = notes[table.name]
            if crashed and table.unlogged:  # what users have put there again by the same key is an update
                if note.deletes + note.updates > share * _count(taken, table):
                    lost.add(table.name)
            elif note.deletes >= MANY and note.deletes > share * table.estimate:
                deleted.add(table.name)
    if even_deleted:
        return Deletes(conflict=Conflict.KEPT_ON_OLD, tables=frozenset(lost)) if lost else Deletes()
    if not lost | deleted:
        return Deletes()
    named = ", ".join(sorted(map(str, lost | deleted)))
    log.warning("%s: new has lost most rows of %s: its deletes are left to a person", database, named)
    return Deletes(conflict=Conflict.TABLE_EMPTIED)


def _count(taken: Snapshot, table: Table) -> int:
    [rows] = taken.one(sqlfiles.load("compare/count_rows").format(table=table.rows), Reader(role=table.read_as))
    return int(rows or 0)
