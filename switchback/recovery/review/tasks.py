"""The files of a bundle that are reviewed, and what the manifest says of each. Reads nothing but the manifest."""

from collections.abc import Iterator
from dataclasses import dataclass

from switchback.recovery import bundle, reviewed
from switchback.recovery.bundle import LARGE_OBJECTS, ORIGINAL, Layout, Operation
from switchback.recovery.review.comparing import Pair


@dataclass(frozen=True, kw_only=True)
class Task:
    """One file to review, and what the manifest says of it."""

    schema: str
    name: str
    file: str
    sha256: str
    counts: dict[Operation, int]
    conflicts: int
    kept_on_old: int
    pair: Pair


def tasks(found: bundle.Bundle) -> Iterator[Task]:
    """One task for each file with changes."""
    for note in found.manifest.tables:
        if note.file:
            yield Task(
                schema=note.schema,
                name=note.name,
                file=note.file,
                sha256=note.sha256,
                counts=_counts(note.inserts, note.updates, note.deletes),
                conflicts=note.conflicts,
                kept_on_old=note.kept_on_old,
                pair=_pair(found, note.file, note.layout, note.columns),
            )
    objects = found.manifest.large_objects
    if objects.file:
        yield Task(
            schema="",
            name=reviewed.OBJECTS,
            file=objects.file,
            sha256=objects.sha256,
            counts=_counts(objects.inserts, objects.updates, objects.deletes),
            conflicts=objects.conflicts,
            kept_on_old=objects.kept_on_old,
            pair=_pair(found, objects.file, LARGE_OBJECTS, ()),
        )


def _counts(inserts: int, updates: int, deletes: int) -> dict[Operation, int]:
    return {Operation.INSERT: inserts, Operation.UPDATE: updates, Operation.DELETE: deletes}


def _pair(found: bundle.Bundle, file: str, layout: Layout, columns: tuple[bundle.ColumnNote, ...]) -> Pair:
    return Pair(
        file=file,
        exported=found.folder / ORIGINAL / f"{file}.exported",
        returned=found.folder / file,
        header=tuple(layout.header),
        layout=layout,
        columns=columns,
    )
