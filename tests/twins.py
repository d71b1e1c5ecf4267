"""Twin databases for recovery tests: the same SQL on old and new, then other things on each.

The pipeline's own role owns what it makes, so that nothing here needs a superuser.
"""

from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg

from switchback.domain.model import Side
from switchback.recovery import bundle, capture
from tests.fix_postgres import LocalDatabase


@dataclass(kw_only=True)
class Twins:
    """Old and new (and a base, when asked for), equal until something is written to one of them."""

    old: LocalDatabase
    new: LocalDatabase
    base: LocalDatabase | None = None
    cutover: datetime = field(default_factory=lambda: datetime.now(UTC))
    snapshots: dict[Side, str] = field(default_factory=dict)

    def everywhere(self, *statements: str) -> None:
        """Run on all of them, then take the cutover's instant and snapshots."""
        for database in (self.old, self.new, self.base):
            if database is not None:
                run(database, *statements)
        self.snapshots = {Side.OLD: snapshot(self.old), Side.NEW: snapshot(self.new)}
        self.cutover = datetime.now(UTC)

    def capture(self, place: Path, **request: Any) -> bundle.Bundle:  # noqa: ANN401 - any field of Request
        """The bundle of what changed; by the recorded snapshot of new unless `cutover_snapshot` says otherwise."""
        options = {"cutover_snapshot": self.snapshots[Side.NEW]} | request
        if self.base is not None:
            options |= {"base_dsn": self.base.conninfo()}
        wanted = capture.Request(cutover=self.cutover, **options)
        capture.capture(self.old.conninfo(), self.new.conninfo(), place, wanted)
        return bundle.opened(place)


def twins(clone: Callable[..., LocalDatabase], *, base: bool = False) -> Twins:
    """Empty twins on both majors; the base beside old."""
    return Twins(
        old=clone(Side.OLD, empty=True),
        new=clone(Side.NEW, empty=True),
        base=clone(Side.OLD, empty=True) if base else None,
    )


def run(database: LocalDatabase, *statements: str) -> None:
    """Each statement in a transaction of its own, as the pipeline's role."""
    with closing(psycopg.connect(database.conninfo(), autocommit=True)) as link:
        for statement in statements:
            link.execute(statement.encode())


def snapshot(database: LocalDatabase) -> str:
    """pg_current_snapshot() of a database."""
    with closing(psycopg.connect(database.conninfo(), autocommit=True)) as link:
        row = link.execute("select pg_current_snapshot()::text").fetchone()
    assert row is not None
    return str(row[0])


def changes(found: bundle.Bundle, table: str) -> list[tuple[str, str, bundle.Values | None, bundle.Values | None]]:
    """What the bundle says of a table: operation, reason, new's and old's values; in no particular order."""
    note = next(note for note in found.manifest.tables if note.name == table)
    rows = [(row.operation.value, row.conflict.value, row.new, row.old) for row in found.rows(note)]
    return sorted(rows, key=repr)


def note_of(found: bundle.Bundle, table: str) -> bundle.TableNote:
    """What the manifest says of a table."""
    return next(note for note in found.manifest.tables if note.name == table)
