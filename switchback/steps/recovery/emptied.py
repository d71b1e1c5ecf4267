"""Tables that have lost most of their rows on new: users may have deleted them, or a TRUNCATE in the wrong window.

Where rows come home without a review, no delete of such a database does: old keeps its rows, the deletes wait on new,
and a person says which it was.
"""

import logging

from switchback.domain.model import Side
from switchback.recovery import catalog, discover, snapshot
from switchback.recovery.bundle import Manifest
from switchback.steps.recovery.ground import Ground

MANY = 1000  #: deletes of one table that are worth a second look
log = logging.getLogger(__name__)


def emptied(ground: Ground, database: str, exported: Manifest) -> bool:
    """Whether a table of the export has lost more of old's rows than the policy lets go unseen; says which."""
    many = [note for note in exported.tables if note.deletes >= MANY]
    if not many:
        return False
    with snapshot.taken(ground.dsn(Side.OLD, database), "old") as taken:
        rows = {table.name: table.estimate for table in discover.read(taken).tables}
    share, named = ground.environment.policy.unseen_deletes, []
    for note in many:
        name = catalog.Name(schema=note.schema, name=note.name)
        if note.deletes > share * rows[name]:
            named.append(str(name))
    if named:
        log.warning("%s: new has lost most rows of %s: its deletes are left to a person", database, ", ".join(named))
    return bool(named)
