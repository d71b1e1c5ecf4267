"""What old held when a bundle was captured while nobody wrote on either side: the common ancestor of what came after.

Told from the bundle alone: a row that is in it was on old as the bundle says, every other row was equal on both sides.
Kept in a temporary file of SQLite's, so that memory does not grow with rows. Never changes the bundle.
"""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from switchback.recovery import bundle
from switchback.recovery.bundle import LARGE_OBJECTS, Bundle, Row, Values
from switchback.recovery.catalog import Name

OBJECTS = Name(schema="", name="")


class Ancestor:
    """The rows of old at that instant, as far as they differed from new's. For one thread; made by `of`."""

    def __init__(self, rows: sqlite3.Connection) -> None:
        self._rows = rows

    def was(self, table: Name, keys: list[tuple[str | None, ...]], new: Values | None) -> Values | None:
        """Old's row with that key; `keys`: how each side spells it; `new`: new's row, which has not changed since."""
        for key in keys:
            asked = (table.schema, table.name, json.dumps(key))
            found = self._rows.execute(
                "select old from was where schema = ? and name = ? and key = ?", asked
            ).fetchone()
            if found:
                old = json.loads(found[0])
                return None if old is None else tuple(old)
        return new


@contextmanager
def of(folder: Path) -> Iterator[Ancestor]:
    """The ancestor that the bundle in `folder` tells of; raises NotABundle or BundleChanged."""
    found = bundle.opened(folder)
    found.check_files()
    with closing(sqlite3.connect("")) as rows:  # a temporary file that nobody else sees
        rows.execute("create table was (schema, name, key, old, primary key (schema, name, key)) without rowid")
        rows.executemany("insert or replace into was values (?, ?, ?, ?)", _lines(found))
        yield Ancestor(rows)


def _lines(found: Bundle) -> Iterator[tuple[str, str, str, str]]:
    for note in found.manifest.tables:
        for row in found.rows(note) if note.layout.key else ():
            yield from _spelt(note.schema, note.name, row, len(note.layout.key))
    for row in found.large_objects():
        yield from _spelt(OBJECTS.schema, OBJECTS.name, row, len(LARGE_OBJECTS.key))


def _spelt(schema: str, name: str, row: Row, width: int) -> Iterator[tuple[str, str, str, str]]:
    for values in (row.new, row.old):
        if values is not None:
            yield schema, name, json.dumps(values[:width]), json.dumps(row.old)
