"""The judge at the end: old and new compared row by row, whatever captured and applied before.

Proven means: they differ in nothing but what the sealed review says was skipped or edited, and every
sequence of old stands at or past new's. Reads only; memory does not grow with rows.
"""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from switchback.recovery import bundle, canonical, find, reviewed, sides
from switchback.recovery.bundle import LARGE_OBJECTS, Bundle, Operation, Row, Values
from switchback.recovery.capture import keyed, keyless, large_objects
from switchback.recovery.catalog import Sequence
from switchback.recovery.judge import Ancestry, values
from switchback.recovery.reviewed import File, Reviewed
from switchback.recovery.sides import Both, Known, Sides
from switchback.recovery.snapshot import Snapshot

Change = tuple[Operation, Values | None, Values | None]  #: operation, new, old
MODULUS = 1 << 256


@dataclass(frozen=True, kw_only=True)
class Mark:
    """How many differences there are and a sum over them: equal for the same differences in any order."""

    count: int = 0
    total: int = 0

    def and_one(self, operation: Operation, new: Values | None, old: Values | None) -> "Mark":
        """With one more: `operation` would make old's row new's."""
        text = repr((operation.value, new, old)).encode("utf-8", "surrogatepass")
        one = int.from_bytes(hashlib.sha256(text).digest())
        return Mark(count=self.count + 1, total=(self.total + one) % MODULUS)


@dataclass(frozen=True, kw_only=True)
class TableReport:
    """One table, or all large objects."""

    name: str
    differences: int
    exceptions: int  #: differences that the review has signed for
    proven: bool  #: the differences are exactly the exceptions


@dataclass(frozen=True, kw_only=True)
class Report:
    """What was compared and what was found."""

    tables: tuple[TableReport, ...]
    sequences_behind: tuple[str, ...]  #: sequences of old that could hand out a value again
    exported: str  #: the manifest's digest
    reviewed: str  #: the review's digest

    @property
    def proven(self) -> bool:
        """Whether old is what was signed for."""
        return not self.sequences_behind and all(table.proven for table in self.tables)

    @property
    def equal(self) -> bool:
        """Whether old holds exactly what new holds."""
        return self.proven and not any(table.differences for table in self.tables)


def verify(old_dsn: str, new_dsn: str, folder: Path) -> Report:
    """Compare old and new and hold the outcome against the reviewed bundle in `folder`.

    Raises NotABundle, NotReviewed, ReviewOutdated, SchemaDiffers and what sessions raise; a difference raises nothing.
    """
    found = bundle.opened(folder)
    review = reviewed.read(found)
    reviewed.check_files(found, review)
    with sides.opened(old_dsn, new_dsn) as databases:
        old = databases["old"].snapshot
        exceptions = {(file.schema, file.name): _exceptions(found, file, review, old) for file in review.files}
        both = sides.paired(databases, Known(cutover=found.manifest.cutover))
        tables = [
            _table(both.sides(pair), exceptions.get((pair.name.schema, pair.name.name), Mark()))
            for pair in both.pairing.pairs
        ]
        tables.append(_report(reviewed.OBJECTS, _objects(both), exceptions.get(("", reviewed.OBJECTS), Mark())))
        pairs = both.pairing.sequences
    behind = tuple(str(new.name) for old, new in pairs if old and new and is_behind(old, new))
    return Report(tables=tuple(tables), sequences_behind=behind, exported=found.manifest.digest, reviewed=review.digest)


def _exceptions(found: Bundle, file: File, review: Reviewed, old: Snapshot) -> Mark:
    """What must still differ in a table once the review is applied: rows skipped, and values edited."""
    if not file.skipped and not file.edited:
        return Mark()
    note = next((note for note in found.manifest.tables if note.file == file.file), None)
    layout = note.layout if note else LARGE_OBJECTS
    exported = bundle.read_rows(found.folder / bundle.ORIGINAL / f"{file.file}.exported", layout)
    applied = bundle.read_rows(reviewed.path_of(found.folder, file), layout)
    kept = slice(None) if note else slice(0, 4, 3)  #: of large objects: oid and fingerprint
    settled = (
        (
            was,
            replace(now, new=canonical.written(old, note, now.new)) if note and now.new and now.new != was.new else now,
        )
        for was, now in zip(exported, applied, strict=True)
    )
    return _marked(
        (operation, new and new[kept], old_values and old_values[kept])
        for was, now in settled
        for operation, new, old_values in _remaining(was, now, review.decisions, has_key=bool(layout.key))
    )


def _remaining(was: Row, now: Row, decisions: tuple[str, ...], *, has_key: bool) -> Iterator[Change]:
    if now.decision.value not in decisions:
        yield was.operation, was.new, was.old
    elif now.new != was.new and has_key:
        yield Operation.UPDATE, was.new, now.new
    elif now.new != was.new:
        yield Operation.INSERT, was.new, None
        yield Operation.DELETE, None, now.new


def is_behind(old: Sequence, new: Sequence) -> bool:
    """Whether old's sequence would hand out a value that new's has handed out already."""
    return not new.cycles and (_following(new) - _following(old)) * new.increment > 0


def _following(sequence: Sequence) -> int:
    return sequence.last_value + (sequence.increment if sequence.is_called else 0)


def _table(of: Sides, exceptions: Mark) -> TableReport:
    if not of.new.pair.key_columns:
        found = _marked(_surplus_rows(of))
    elif not exceptions.count:
        found = Mark(count=find.count(of.new, find.by_diff(of.new, of.old)))
    else:
        found = _marked(_keyed_rows(of))
    return _report(str(of.new.pair.name), found, exceptions)


def _report(name: str, found: Mark, exceptions: Mark) -> TableReport:
    return TableReport(name=name, differences=found.count, exceptions=exceptions.count, proven=found == exceptions)


def _marked(rows: Iterable[Change]) -> Mark:
    mark = Mark()
    for change in rows:
        mark = mark.and_one(*change)
    return mark


def _keyed_rows(of: Sides) -> Iterator[Change]:
    for found in keyed.differences(of, find.one_by_one(of.new, of.old)):
        if found.verdict is not None:
            yield found.verdict.operation, values(found.new), values(found.old)


def _surplus_rows(of: Sides) -> Iterator[Change]:
    for surplus in keyless.surpluses(of):
        for _ in range(surplus.apply):
            yield Operation.INSERT, surplus.values, None
        for _ in range(-surplus.apply):
            yield Operation.DELETE, None, surplus.values


def _objects(both: Both) -> Mark:
    lobs = large_objects.Lobs(new=both.new.snapshot, old=both.old.snapshot, base=None, ancestry=Ancestry.FENCED)
    return _marked(
        (found.operation, found.new and found.new[:4:3], found.old and found.old[:4:3])
        for found in large_objects.differences(lobs)
    )
