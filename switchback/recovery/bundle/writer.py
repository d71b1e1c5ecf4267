"""Writes a bundle: one CSV per table that changed, then the manifest, then the rename.

Rows stream through; no table is ever held in memory. Cells that the server has already written as CSV
(see sql/capture) are passed on unread.
"""

import hashlib
import os
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from switchback.recovery.bundle import cells, folder
from switchback.recovery.bundle.lines import Lines
from switchback.recovery.bundle.manifest import Manifest
from switchback.recovery.bundle.words import INSERTED, Conflict, Layout, Operation

MANIFEST = "manifest.json"
#: Holds each CSV as it was exported, `<file>.exported`: what review compares with.
ORIGINAL = "original"
SETTLED = 8 << 20  #: bytes from one time to the next that a file goes to the disk
Values = tuple[str | None, ...]


@dataclass(frozen=True, kw_only=True)
class Written:
    """A file of the bundle as it was written."""

    file: str = ""
    sha256: str = ""
    bytes: int = 0
    rows: int = 0


@dataclass(frozen=True, kw_only=True)
class Versions:
    """One row as the sides have it; None where a side has no such row, or it is not known."""

    new: Values | None = None
    old: Values | None = None
    base: Values | None = None


class Output:
    """A file with a running sum, and its `original` beside it where one is asked for."""

    def __init__(self, path: Path, original: Path | None = None) -> None:
        self.path = path
        places = (path, original) if original else (path,)
        self._files = [os.fdopen(folder.create(place), "wb", buffering=1 << 20) for place in places]
        self._sum = hashlib.sha256()
        self._settled = 0
        self.bytes = 0

    def write(self, data: bytes) -> None:
        """Append; OSError when the disk is full."""
        for file in self._files:
            file.write(data)
        self._sum.update(data)
        self.bytes += memoryview(data).nbytes
        if self.bytes - self._settled > SETTLED:
            self._settle()

    def close(self, rows: int) -> Written:
        """Flush to the system and say what was written."""
        for file in self._files:
            file.close()
        return Written(file=self.path.name, sha256=self._sum.hexdigest(), bytes=self.bytes, rows=rows)

    def _settle(self) -> None:
        """To the disk, while the server works; an original, which is read only if a person edits, leaves memory too."""
        self._settled = self.bytes
        for file in self._files:
            file.flush()
            os.fdatasync(file.fileno())
        for file in self._files[1:]:
            os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


class TableWriter:
    """One table's CSV. Values are in the order of `layout.columns`, as the server's output text."""

    def __init__(self, output: Output, layout: Layout) -> None:
        self.output = output
        self.layout = layout
        self.rows = 0
        self._lines = Lines()
        self._lines.add(layout.header)
        self._absent = [""] * len(layout.columns)
        self._no_row = [cells.NO_ROW] * len(layout.columns)

    def row(
        self, operation: Operation, versions: Versions, conflict: Conflict = Conflict.NONE, constraint: str = ""
    ) -> None:
        """Append a row. With UNIQUE_TAKEN on an insert, `old` is the row of old that holds the value."""
        new, old, base = versions.new, versions.old, versions.base
        why = f"{conflict.value}: {constraint}" if constraint else conflict.value
        self.rows += 1
        line = [operation.value, conflict.decision.value, why, str(self.rows), *self._values(new, old)]
        if self.layout.old:
            line += self._aside(old, new)
        if self.layout.base:
            line += self._no_row if conflict and base is None else self._aside(base, old if old is not None else new)
        self._lines.add(line)
        if self._lines.size > 1 << 20:
            self.output.write(self._lines.taken())

    def lines(self, rows: Sequence[bytes]) -> bytes:
        """What to write next to append rows to insert, whose cells the server wrote as lines of CSV."""
        before, first = self._lines.taken(), self.rows + 1
        if self.layout.old:
            nothing = b"," * len(self._absent)
            rows = [b"%b%b\n" % (row[:-1], nothing) for row in rows]
        self.rows += len(rows)
        line = INSERTED + b"%d,%b"
        return b"".join([before, *[line % numbered for numbered in enumerate(rows, start=first)]])

    def close(self) -> Written:
        """Flush; the file is complete."""
        self.output.write(self._lines.taken())
        return self.output.close(self.rows)

    def _values(self, new: Values | None, old: Values | None) -> list[str]:
        layout = self.layout
        if new is not None:
            return [cells.encode(value, alone=alone) for value, alone in zip(new, layout.alone, strict=True)]
        held = layout.key or layout.columns
        return [
            cells.encode(value, alone=alone) if name in held else ""
            for name, value, alone in zip(layout.columns, old or (), layout.alone, strict=True)
        ]

    def _aside(self, values: Values | None, beside: Values | None) -> list[str]:
        if values is None or (beside is None and not self.layout.key):
            return self._absent
        if beside is None:
            key = self.layout.key
            return [
                "" if name in key else cells.encode_aside(value, alone=alone)
                for name, value, alone in zip(self.layout.columns, values, self.layout.alone, strict=True)
            ]
        return [
            "" if value == other else cells.encode_aside(value, alone=alone)
            for value, other, alone in zip(values, beside, self.layout.alone, strict=True)
        ]


class Writer:
    """A bundle that is being written; see `writing`."""

    def __init__(self, workshop: Path) -> None:
        self._workshop = workshop
        self._files = 0
        (workshop / ORIGINAL).mkdir(mode=0o700)

    def table(self, schema: str, name: str, layout: Layout) -> TableWriter:
        """A new CSV for a table, and its original; a number makes its name unique, whatever the table is called."""
        path = self._path(f"{schema}.{name}", ".csv")
        return TableWriter(Output(path, self._workshop / ORIGINAL / f"{path.name}.exported"), layout)

    def binary(self, name: str) -> Output:
        """A new file of plain bytes."""
        return Output(self._path(name, ".bin"))

    def finish(self, manifest: Manifest) -> Manifest:
        """Seal the manifest and write it: the last file."""
        sealed = manifest.sealed()
        output = Output(self._workshop / MANIFEST)
        output.write(sealed.to_json().encode("ascii"))
        output.close(0)
        return sealed

    def _path(self, name: str, suffix: str) -> Path:
        self._files += 1
        slug = re.sub(r"[^A-Za-z0-9._-]+", "_", name)[:80]
        return self._workshop / f"{self._files:04d}-{slug}{suffix}"


@contextmanager
def writing(place: Path) -> Iterator[Writer]:
    """A bundle at `place`, there when the block ends well, never half there. Raises as folder.whole does."""
    with folder.whole(place) as workshop:
        yield Writer(workshop)
