"""One file of a bundle as it came back, against the file as it was exported: cell by cell, as texts, in chunks.

pandas reads both with nothing interpreted. Memory is that of a chunk, unless rows were reordered: then both
files are sorted in memory.
"""

import csv
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from switchback.recovery.bundle import ColumnNote, Conflict, Decision, Layout, Operation, cells
from switchback.recovery.review.damage import damage
from switchback.recovery.review.types import Rule
from switchback.recovery.reviewed import Edit

if TYPE_CHECKING:
    import pandas as pd

CHUNK = 20_000
OP, DECISION, WHY, ROW, FIRST = 0, 1, 2, 3, 4
SEPARATORS = {";": "semicolons", "\t": "tabs", "|": "bars"}


@dataclass(frozen=True, kw_only=True)
class Fault:
    """Something in a file that cannot be taken as it came back."""

    file: str
    row: str  #: "" where it is the file
    column: str
    words: str

    def __str__(self) -> str:
        places = [self.file, f"row {self.row}" if self.row else "", f"column {self.column}" if self.column else ""]
        return f"{', '.join(filter(None, places))}: {self.words}"


@dataclass(frozen=True, kw_only=True)
class Pair:
    """A file as exported and as it came back, and what its columns mean."""

    file: str
    exported: Path
    returned: Path
    header: tuple[str, ...]
    layout: Layout
    columns: tuple[ColumnNote, ...]  #: none: only decisions may change


@dataclass
class Findings:
    """What comparing found, so far."""

    faults: list[Fault] = field(default_factory=list)
    edits: list[Edit] = field(default_factory=list)
    #: Rows by operation and decision, and whether they are old's own, which new says nothing of.
    counted: Counter[tuple[str, str, bool]] = field(default_factory=Counter)
    edited_rows: set[int] = field(default_factory=set)


def compare(pair: Pair, findings: Findings) -> Iterator["pd.DataFrame"]:
    """The rows as they came back, chunk by chunk in the exported order; `findings` fills up on the way.

    After a fault of structure the rows end.
    """
    words = _structure(pair)
    if words:
        findings.faults.append(Fault(file=pair.file, row="", column="", words=words))
        return
    for before, after in _aligned(pair, findings):
        _compare(pair, before, after, findings)
        yield after


def _structure(pair: Pair) -> str:
    csv.field_size_limit(sys.maxsize)
    try:
        with pair.returned.open(encoding="utf-8-sig", newline="") as file:
            lines = csv.reader(file, strict=True)
            header = next(lines, [])
            if tuple(header) != pair.header:
                return _header_fault(header, pair.header) if header else "the file is empty"
            return next((words for line in lines if (words := _line_fault(line, pair, lines.line_num))), "")
    except UnicodeDecodeError:
        return "the file is not UTF-8 any more: save it as UTF-8"
    except csv.Error:
        return f"the file is not CSV any more, from line {lines.line_num} on: a quote is missing, or one too many"


def _line_fault(line: list[str], pair: Pair, number: int) -> str:
    if len(line) == len(pair.header):
        return ""
    return f"line {number} has {len(line)} cells, the header {len(pair.header)}: a value with a comma goes into quotes"


def _header_fault(header: list[str], expected: tuple[str, ...]) -> str:
    for separator, words in SEPARATORS.items():
        if header[0].replace('"', "").startswith(separator.join(expected[:2])):
            return f"cells are separated by {words}: save it with commas"
    lost = [name for name in expected if name not in header]
    added = [name for name in header if name not in expected]
    if lost or added:
        return f"columns lost: {', '.join(lost) or 'none'}; columns added: {', '.join(added) or 'none'}"
    return "the columns are in another order"


def _aligned(pair: Pair, findings: Findings) -> Iterator[tuple["pd.DataFrame", "pd.DataFrame"]]:
    if _same_order(pair):
        yield from zip(_chunks(pair.exported, pair), _chunks(pair.returned, pair), strict=True)
        return
    import pandas as pd

    before = pd.concat(_chunks(pair.exported, pair), ignore_index=True)
    after = pd.concat(_chunks(pair.returned, pair), ignore_index=True)
    faults = _rows_lost_or_added(pair, before[ROW].tolist(), after[ROW].tolist())
    if faults:
        findings.faults += faults
        return
    yield before, after.set_index(ROW, drop=False).loc[before[ROW]].reset_index(drop=True)


def _same_order(pair: Pair) -> bool:
    before, after = (_numbers(path, pair) for path in (pair.exported, pair.returned))
    return all(one == other for one, other in _zipped(before, after))


def _numbers(path: Path, pair: Pair) -> Iterator[str]:
    for chunk in _chunks(path, pair, only=[ROW]):
        yield from chunk[ROW]


def _zipped(one: Iterator[str], other: Iterator[str]) -> Iterator[tuple[str | None, str | None]]:
    from itertools import zip_longest

    return zip_longest(one, other)


def _rows_lost_or_added(pair: Pair, before: list[str], after: list[str]) -> list[Fault]:
    had, has = Counter(before), Counter(after)
    lost = [(row, "the row is missing") for row in before if row not in has]
    places = (place for place, row in enumerate(after, 1) if row not in had)  # what it says may be a value
    added = [("", f"row {place} of the file was added: rows cannot be") for place in places]
    twice = [(row, "the row is there more than once") for row in had if has[row] > 1]
    return [Fault(file=pair.file, row=row, column="", words=words) for row, words in (*lost, *added, *twice)]


def _chunks(path: Path, pair: Pair, only: list[int] | None = None) -> Iterator["pd.DataFrame"]:
    import pandas as pd

    width = len(pair.header)
    reader = pd.read_csv(
        path,
        dtype=str,
        keep_default_na=False,
        na_filter=False,
        encoding="utf-8-sig",
        header=0,
        names=list(range(width)),
        usecols=only or list(range(width)),
        index_col=False,
        skip_blank_lines=False,
        chunksize=CHUNK,
    )
    with reader:
        yield from reader


def _compare(pair: Pair, before: "pd.DataFrame", after: "pd.DataFrame", findings: Findings) -> None:
    import numpy as np

    one, other = before.to_numpy(dtype=object), after.to_numpy(dtype=object)
    for index, column in np.argwhere(one != other):
        _changed_cell(pair, one[index], other[index], int(column), findings)
    findings.counted.update(zip(other[:, OP], other[:, DECISION], other[:, WHY] == Conflict.KEPT_ON_OLD, strict=True))


def _changed_cell(pair: Pair, before: list[str], after: list[str], column: int, findings: Findings) -> None:
    name = pair.header[column]
    words = _refusal(pair, before, after, column)
    if words:
        findings.faults.append(Fault(file=pair.file, row=before[ROW], column=name, words=words))
        return
    row = int(before[ROW])
    findings.edits.append(Edit(file=pair.file, row=row, column=name, before=before[column], after=after[column]))
    if column != DECISION:
        findings.edited_rows.add(row)


def _refusal(pair: Pair, before: list[str], after: list[str], column: int) -> str:
    if column == DECISION:
        known = after[column] in tuple(Decision)
        return "" if known else "a decision is `apply` or `skip`"
    place = column - FIRST
    if place < 0 or place >= len(pair.columns):
        return "it may not be changed: edit new's value, or skip the row"
    if before[OP] == Operation.DELETE:
        return "the row is a delete: nothing in it may be changed"
    note, alone = pair.columns[place], pair.layout.alone[place]
    if note.name in pair.layout.key:
        return "the key may not be changed"
    return damage(before[column], after[column], alone=alone) or Rule(column=note).refusal(cells.decode(after[column]))
