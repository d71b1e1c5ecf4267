"""The numbers of a summary, out of the manifest and the review. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass

from switchback.recovery.bundle import LargeObjectsNote, Manifest, TableNote
from switchback.recovery.reviewed import OBJECTS, Reviewed


@dataclass(frozen=True, kw_only=True)
class Line:
    """One table with changes, or without."""

    schema: str
    table: str
    file: str
    method: str
    why: str
    inserts: int
    updates: int
    deletes: int
    conflicts: int
    kept_on_old: int
    lost_by_timestamps: int
    applied: int  #: rows, by the review; 0 before it
    skipped: int
    edited: int

    @property
    def changes(self) -> int:
        """Rows that would change old."""
        return self.inserts + self.updates + self.deletes

    @property
    def name(self) -> str:
        """The table as people write it."""
        return f"{self.schema}.{self.table}" if self.schema else self.table


def lines(manifest: Manifest, review: Reviewed | None) -> tuple[Line, ...]:
    """One line per table, the biggest changes first, untouched tables by name."""
    found = [_line(note.schema, note.name, note, review) for note in manifest.tables]
    if manifest.large_objects.file:
        found.append(_line("", OBJECTS, manifest.large_objects, review))
    return tuple(sorted(found, key=lambda line: (-line.changes, line.name)))


def totals(found: Iterable[Line]) -> Line:
    """All of them added up."""
    every = list(found)
    numbers = ("inserts", "updates", "deletes", "conflicts", "kept_on_old", "lost_by_timestamps")
    added = {name: sum(getattr(line, name) for line in every) for name in (*numbers, "applied", "skipped", "edited")}
    return Line(schema="", table="all tables", file="", method="", why="", **added)


def _line(schema: str, name: str, note: TableNote | LargeObjectsNote, review: Reviewed | None) -> Line:
    file = review.file_of(note) if review else None
    table = note if isinstance(note, TableNote) else None
    return Line(
        schema=schema,
        table=name,
        file=note.file,
        method=table.method.value if table else "diff",
        why=table.why if table else "",
        inserts=note.inserts,
        updates=note.updates,
        deletes=note.deletes,
        conflicts=note.conflicts,
        kept_on_old=note.kept_on_old,
        lost_by_timestamps=table.lost_by_timestamps if table else note.inserts + note.updates + note.deletes,
        applied=file.inserts + file.updates + file.deletes if file else 0,
        skipped=file.skipped if file else 0,
        edited=file.edited if file else 0,
    )
