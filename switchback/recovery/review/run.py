"""The review of one bundle: every file compared with what was exported, the decisions sealed.

A file that nobody touched is proven by its sum alone. An edited one gets a canonical copy under `reviewed/`, so
that what the importer reads is what was compared, whatever program saved it. A second review starts afresh.
"""

import os
import shutil
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import ClassVar

from switchback.domain.errors import Refused
from switchback.recovery import bundle, reviewed
from switchback.recovery.bundle import Operation, cells, sha256
from switchback.recovery.review.comparing import FIRST, OP, ROW, Fault, Findings, Pair, compare
from switchback.recovery.review.tasks import Task, tasks
from switchback.recovery.reviewed import Decide, File, Reviewed

SHOWN = 10


@dataclass(eq=False)
class BadReview(Refused):
    """Cells, rows or files cannot be taken as they came back."""

    problem: ClassVar[str] = "{count} cells or rows cannot be taken as they came back: {shown}."
    remedy: ClassVar[str] = (
        "Correct them in the file, or take the exported one from {folder}/original, then review again."
    )
    count: int
    shown: str
    folder: str


@dataclass(eq=False)
class Undecided(Refused):
    """Rows are left that only a person may decide."""

    exit_code: ClassVar[int] = 3
    problem: ClassVar[str] = "{count} rows are undecided: {shown}."
    remedy: ClassVar[str] = "Write `apply` or `skip` into `_decision` of each in {folder}, then review again."
    count: int
    shown: str
    folder: str


def review(folder: Path, decide: Decide = Decide.CLEAN) -> Reviewed:
    """The decisions about the bundle in `folder`, sealed in reviewed.json.

    Raises NotABundle, BundleChanged, BadReview (what cannot be taken) or Undecided; reviewed.json is gone then.
    """
    found = bundle.opened(folder)
    (folder / reviewed.FILE).unlink(missing_ok=True)
    shutil.rmtree(folder / reviewed.FOLDER, ignore_errors=True)
    findings = Findings()
    files: list[File] = []
    undecided: Counter[str] = Counter()
    for task in tasks(found):
        file, open_rows = _take(found, task, decide, findings)
        files.append(file)
        if open_rows:
            undecided[task.file] += open_rows
    if findings.faults:
        shown = "; ".join(str(fault) for fault in findings.faults[:SHOWN])
        raise BadReview(len(findings.faults), shown, str(folder))
    if undecided:
        shown = ", ".join(f"{file} {rows}" for file, rows in undecided.most_common(SHOWN))
        raise Undecided(undecided.total(), shown, str(folder))
    sealed = Reviewed(
        recovery=found.manifest.recovery,
        exported=found.manifest.digest,
        decide=decide,
        reviewed_at=datetime.now(tz=UTC),
        files=tuple(files),
        edits=tuple(findings.edits),
    ).sealed()
    reviewed.write(folder / reviewed.FILE, sealed.to_json())
    return sealed


def _take(found: bundle.Bundle, task: Task, decide: Decide, findings: Findings) -> tuple[File, int]:
    if not task.pair.returned.is_file():
        findings.faults.append(Fault(file=task.file, row="", column="", words="the file is missing"))
        return _as_exported(task), 0
    returned = sha256(task.pair.returned)
    if returned == task.sha256 and not (decide is Decide.KEEP or (decide.leaves and task.conflicts)):
        open_rows = {Decide.CLEAN: task.conflicts, Decide.NONE: sum(task.counts.values())}
        return _as_exported(task), open_rows.get(decide, 0)
    if sha256(task.pair.exported) != task.sha256:
        raise bundle.BundleChanged(task.pair.exported.name, "the exported copy is not what the manifest says")
    here = Findings()
    canonical = f"{reviewed.FOLDER}/{task.file}"
    (found.folder / reviewed.FOLDER).mkdir(mode=0o700, exist_ok=True)
    _rewrite(found.folder / canonical, task.pair, here)
    findings.faults += here.faults
    findings.edits += here.edits
    file = replace(
        _as_exported(task), sha256=returned, applied=canonical, applied_sha256=sha256(found.folder / canonical)
    )
    return _counted(file, here, decide)


def _counted(file: File, here: Findings, decide: Decide) -> tuple[File, int]:
    applied: Counter[str] = Counter()
    left: Counter[str] = Counter()
    for (operation, cell, of_old), rows in here.counted.items():
        if cell in decide.takes:
            applied[operation] += rows
        elif not of_old:
            left[operation] += rows
    total, taken = here.counted.total(), applied.total()
    skipped = sum(rows for (_, cell, _), rows in here.counted.items() if cell == "skip")
    counted = replace(
        file,
        inserts=applied[Operation.INSERT],
        updates=applied[Operation.UPDATE],
        deletes=applied[Operation.DELETE],
        skipped=total - taken if decide.leaves else skipped,
        edited=len(here.edited_rows),
        left_inserts=left[Operation.INSERT],
        left_updates=left[Operation.UPDATE],
        left_deletes=left[Operation.DELETE],
    )
    return counted, total - counted.skipped - taken


def _as_exported(task: Task) -> File:
    return File(
        schema=task.schema,
        name=task.name,
        file=task.file,
        sha256=task.sha256,
        applied=task.file,
        applied_sha256=task.sha256,
        inserts=task.counts[Operation.INSERT],
        updates=task.counts[Operation.UPDATE],
        deletes=task.counts[Operation.DELETE],
        skipped=task.kept_on_old,
        edited=0,
    )


def _rewrite(path: Path, pair: Pair, findings: Findings) -> None:
    lines = bundle.Lines()
    lines.add(list(pair.header))
    with os.fdopen(bundle.create(path), "wb") as file:
        for chunk in compare(pair, findings):
            edits = {(edit.row, edit.column): edit.before for edit in findings.edits if edit.column != "_decision"}
            for line in _with_old(chunk.itertuples(index=False, name=None), pair, edits):
                lines.add(line)
            file.write(lines.taken())
        file.write(lines.taken())


def _with_old(rows: Iterable[tuple[str, ...]], pair: Pair, edits: dict[tuple[int, str], str]) -> Iterator[list[str]]:
    """An edited value's `old:` cell may say "the same as new's": then it must say what that was."""
    width = len(pair.layout.columns)
    for row in rows:
        line = list(row)
        if pair.layout.old and edits and line[OP] == Operation.UPDATE:
            for place, name in enumerate(pair.header[FIRST : FIRST + width]):
                before, aside = edits.get((int(line[ROW]), name)), FIRST + width + place
                if before is not None and line[aside] == "":
                    line[aside] = before or cells.EMPTY
        yield line
