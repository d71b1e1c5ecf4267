"""Reads a bundle back, row by row, exactly as it was written or as people left it.

Structure is checked here (manifest, sums, header, cells per line); whether an edit is allowed is
the review's business.
"""

import csv
import hashlib
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from switchback.domain.errors import Refused
from switchback.recovery.bundle import cells
from switchback.recovery.bundle.manifest import FORMAT, Manifest, TableNote
from switchback.recovery.bundle.words import LARGE_OBJECTS, Conflict, Decision, Layout, Operation
from switchback.recovery.bundle.writer import MANIFEST, ORIGINAL, Values


@dataclass(eq=False)
class NotABundle(Refused):
    """The folder holds no bundle that this version can read."""

    problem = "{folder} holds no bundle that can be read: {fault}."
    remedy = "Give the folder that `switchback recover capture` made."
    folder: str
    fault: str


@dataclass(eq=False)
class BundleChanged(Refused):
    """A file is not what the manifest says."""

    problem = "{file}: {fault}."
    remedy = "Take the bundle from where it was kept, or capture again."
    file: str
    fault: str


@dataclass(frozen=True, kw_only=True)
class Row:
    """One row of a table's CSV, resolved; values in the order of `layout.columns`."""

    operation: Operation
    decision: Decision
    conflict: Conflict
    constraint: str  #: with UNIQUE_TAKEN, PARENT_GONE and DEPENDS
    number: int  #: `_row`
    new: Values | None  #: None for a delete
    old: Values | None  #: what old has; None where it has no such row
    holder: Values | None  #: with UNIQUE_TAKEN on an insert: the row of old that holds the value
    base: Values | None  #: what was there at the cutover; None where nothing was, or it is not known


@dataclass(frozen=True, kw_only=True)
class Bundle:
    """A bundle on disk."""

    folder: Path
    manifest: Manifest

    def path(self, note: TableNote) -> Path:
        """Where a table's rows are; the note must have a file."""
        return self.folder / note.file

    def rows(self, note: TableNote) -> Iterator[Row]:
        """A table's rows, streamed; BundleChanged where the file is not in its layout."""
        return read_rows(self.path(note), note.layout) if note.file else iter(())

    def exported_rows(self, note: TableNote) -> Iterator[Row]:
        """As `rows`, from the copy that nobody edits."""
        return read_rows(self.folder / ORIGINAL / f"{note.file}.exported", note.layout) if note.file else iter(())

    def large_objects(self) -> Iterator[Row]:
        """The large objects that differ; values as in LARGE_OBJECTS."""
        note = self.manifest.large_objects
        return read_rows(self.folder / note.file, LARGE_OBJECTS) if note.file else iter(())

    def content(self, row: Row) -> Iterator[bytes]:
        """New's content of a large object, in pieces of at most 1 MiB; the row must not be a delete."""
        _, _, size, _, offset = row.new or ()
        left = int(size or 0)
        with (self.folder / self.manifest.large_objects.data_file).open("rb") as file:
            file.seek(int(offset or 0))
            while left:
                piece = file.read(min(left, 1 << 20))
                if not piece:
                    raise BundleChanged(self.manifest.large_objects.data_file, "it is too short")
                left -= len(piece)
                yield piece

    def check_files(self) -> None:
        """BundleChanged unless every file has the manifest's sum."""
        lobs = self.manifest.large_objects
        sums = [(table.file, table.sha256) for table in self.manifest.tables]
        for file, expected in [*sums, (lobs.file, lobs.sha256), (lobs.data_file, lobs.data_sha256)]:
            if file and sha256(self.folder / file) != expected:
                raise BundleChanged(file, "its content is not what the manifest says")


def opened(folder: Path) -> Bundle:
    """The bundle in a folder, its manifest proven whole; NotABundle or BundleChanged."""
    from pydantic import ValidationError

    try:
        manifest = Manifest.from_json((folder / MANIFEST).read_text(encoding="ascii"))
    except (OSError, UnicodeDecodeError) as error:
        raise NotABundle(str(folder), f"{MANIFEST} cannot be read") from error
    except ValidationError as error:
        raise NotABundle(str(folder), f"{MANIFEST} is damaged, or of another version") from error
    if manifest.format != FORMAT:
        raise NotABundle(str(folder), f"format {manifest.format}, this version reads {FORMAT}")
    if manifest.computed_digest() != manifest.digest:
        raise BundleChanged(MANIFEST, "its digest does not match")
    return Bundle(folder=folder, manifest=manifest)


def sha256(path: Path) -> str:
    """The sum of a file; BundleChanged when it is not there."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise BundleChanged(path.name, "it cannot be read") from error


def read_cells(path: Path, layout: Layout) -> Iterator[list[str]]:
    """The lines as cells, header checked and left out; BundleChanged where the file is not in its layout."""
    csv.field_size_limit(sys.maxsize)
    try:
        with path.open(encoding="utf-8", newline="") as file:
            lines = csv.reader(file, strict=True)
            if next(lines, None) != layout.header:
                raise BundleChanged(path.name, "the header is not the exported one")
            for line in lines:
                if len(line) != len(layout.header):
                    fault = f"line {lines.line_num} has {len(line)} cells, the header {len(layout.header)}"
                    raise BundleChanged(path.name, fault)
                yield line
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise BundleChanged(path.name, "it is not readable as UTF-8 CSV") from error


def read_rows(path: Path, layout: Layout) -> Iterator[Row]:
    """The rows of a file in this layout; BundleChanged where a cell of ours is not one."""
    for place, line in enumerate(read_cells(path, layout), 1):
        try:
            yield _row(line, layout)
        except ValueError as error:
            fault = f"row {place} of the file: _op, _decision, _why or _row is none of ours"
            raise BundleChanged(path.name, fault) from error


def _row(line: list[str], layout: Layout) -> Row:
    width = len(layout.columns)
    operation = Operation(line[0])
    why, _, constraint = line[2].partition(": ")
    conflict = Conflict(why)
    held = tuple(cells.decode(cell) for cell in line[4 : 4 + width])
    new = None if operation is Operation.DELETE else held
    old = holder = base = None
    if not layout.key:
        old = held if operation is Operation.DELETE else None
    elif layout.old and operation is not Operation.INSERT:
        old = _aside(line[4 + width : 4 + 2 * width], held)
    elif layout.old and conflict is Conflict.UNIQUE_TAKEN:
        holder = _aside(line[4 + width : 4 + 2 * width], held)
    if layout.base and conflict and line[-1] != cells.NO_ROW:
        base = _aside(line[-width:], held if old is None else old)
    return Row(
        operation=operation,
        decision=Decision(line[1]),
        conflict=conflict,
        constraint=constraint,
        number=int(line[3]),
        new=new,
        old=old,
        holder=holder,
        base=base,
    )


def _aside(own: list[str], beside: Values) -> Values:
    return tuple(cells.decode(cell) if cell else other for cell, other in zip(own, beside, strict=True))
