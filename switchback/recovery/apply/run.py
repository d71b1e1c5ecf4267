"""Bring a reviewed bundle home: into old, in one transaction, once.

The files are hashed while they are copied in: what is merged is what was reviewed. A second run finds the
record that the first one committed with its rows, and does nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from psycopg.sql import Identifier

from switchback.recovery import bundle, catalog, reviewed, session
from switchback.recovery.apply import (
    arriving,
    errors,
    foreign_keys,
    large_objects,
    lock,
    misfits,
    records,
    relations,
    sequences,
    straight,
    transaction,
)
from switchback.recovery.apply.engine import Engine
from switchback.recovery.apply.filling import fill
from switchback.recovery.apply.stage import Stage
from switchback.recovery.apply.work import Left, Work
from switchback.systems.postgres import connection, sqlfiles

OBJECTS = "pg_temp.switchback_kept_objects"


@dataclass(frozen=True, kw_only=True)
class Applied:
    """What applying did, or had done before."""

    already: bool
    record: records.Record

    @property
    def rows(self) -> int:
        """Rows and large objects that were inserted, updated or deleted."""
        objects = self.record.objects
        rows = sum(table.inserts + table.updates + table.deletes for table in self.record.tables)
        return rows + objects.inserts + objects.updates + objects.deletes


def apply(old: str, folder: Path, *, leave: bool = False, rehearse: bool = False) -> Applied:
    """Apply the bundle in `folder` to the database `old`; the second time, say so and change nothing.

    With `leave`, rows that changed on old since the bundle was made, or that do not fit beside what it has, are left;
    the record names them. With `rehearse`, all of it is taken back at the end.
    Raises NotReviewed, ReviewOutdated, RecoveryRunning, AppliedDifferently, OldChanged, TableChanged, ValueNotTaken,
    RowsDoNotFit and what a session raises: nothing is changed then; only OutcomeUnknown leaves it open.
    """
    found = bundle.opened(folder)
    review = reviewed.read(found)
    with session.on(old, "old") as link, lock.held(link):
        arriving.clear(link)
        before = records.read(link, review.recovery)
        if before is not None:
            if before.digest != review.digest:
                raise errors.AppliedDifferently(review.recovery, connection.place_of(link))
            return Applied(already=True, record=before)
        reviewed.check_files(found, review, but_copied=True)
        largest = max((note.bytes for note in found.manifest.tables), default=0)
        with arriving.room(link, largest), transaction.all_or_nothing(link, rehearse=rehearse) as engine:
            record = _carry_out(engine, found, review, leave=leave)
    return Applied(already=False, record=record)


def staged(
    engine: Engine, found: bundle.Bundle, review: reviewed.Reviewed, *, but_straight: bool = False
) -> tuple[Stage, ...]:
    """Every reviewed file of the bundle in its stage; raises TableChanged, ReviewOutdated or BundleChanged.

    With `but_straight`, a file that only adds rows is left out of its stage where it can go without.
    """
    notes = [note for note in found.manifest.tables if note.file]
    names = {catalog.Name(schema=note.schema, name=note.name) for note in notes}
    tables = {relation.name: relation for relation in relations.read(engine.link, names)}
    referring = _children_that_nobody_checks(engine, list(tables.values()))
    stages = []
    for number, note in enumerate(notes, start=1):
        file = review.file_of(note)
        if file is None:
            raise reviewed.ReviewOutdated(str(found.folder), f"{note.file} was not reviewed")
        table = _same_table(tables, note)
        stage = Stage(
            table=table,
            layout=note.layout,
            number=number,
            decisions=review.decisions,
            path=reviewed.path_of(found.folder, file),
            sha256=file.applied_sha256,
        )
        lines = _lines(note, file) if but_straight and table.oid not in referring else 0
        if lines and straight.fits(stage):
            stage = replace(stage, lines=lines)
        else:
            fill(engine.link, stage)
        stages.append(stage)
    return tuple(stages)


def _lines(note: bundle.TableNote, file: reviewed.File) -> int:
    """How many rows the file has, where it has nothing but rows to insert, as exported; else 0."""
    as_exported = file.applied_sha256 == note.sha256 and not note.conflicts
    return note.rows if as_exported and note.layout.columns and note.inserts == file.inserts == note.rows else 0


def _children_that_nobody_checks(engine: Engine, tables: Sequence[relations.Relation]) -> set[int]:
    """Tables whose references the stage must check, because foreign keys stand still."""
    keys = foreign_keys.read(engine.link, [table.oid for table in tables]) if engine.replica else ()
    return {key.child_root for key in keys}


def _same_table(tables: dict[catalog.Name, relations.Relation], note: bundle.TableNote) -> relations.Relation:
    name = catalog.Name(schema=note.schema, name=note.name)
    table = tables.get(name)
    if table is None:
        raise errors.TableChanged(str(name), "old has no such table")
    missing = set(note.layout.columns) - {column.name for column in table.written}
    if missing:
        raise errors.TableChanged(str(name), f"old has no column {', '.join(sorted(missing))}")
    return table


def _carry_out(engine: Engine, found: bundle.Bundle, review: reviewed.Reviewed, *, leave: bool) -> records.Record:
    records.prepare(engine.link)
    stages = staged(engine, found, review, but_straight=True)
    with misfits.located(engine.link, stages, found.manifest):
        works = engine.prepare(stages)
        works = engine.keep(works, errors.OldChanged, leave=leave)
        objects = _objects(engine, found, review)
        works = engine.merge(works, leave=leave)
    record = records.Record(
        recovery=review.recovery,
        digest=review.digest,
        applied_at=datetime.now(tz=UTC),
        path="replica" if engine.replica else "owner",
        tables=tuple(_table(stage, works, review, engine.left.get(stage.number)) for stage in stages),
        objects=objects,
        sequences=sequences.move_on(engine.link, engine.acting, found.manifest.sequences),
        notes=engine.notes(),
    )
    for stage, table in zip(stages, record.tables, strict=True):
        if table.view:
            records.freeze(engine.link, table.view, stage.kept_name)
    if record.objects.view:
        records.freeze(engine.link, record.objects.view, OBJECTS)
    records.write(engine.link, record)
    return record


def applied_objects(found: bundle.Bundle, review: reviewed.Reviewed) -> list[bundle.Row]:
    """The rows of the list of large objects that are applied."""
    file = review.file_of(found.manifest.large_objects)
    if file is None:
        return []
    rows = bundle.read_rows(reviewed.path_of(found.folder, file), bundle.LARGE_OBJECTS)
    return [row for row in rows if row.decision.value in review.decisions]


def _objects(engine: Engine, found: bundle.Bundle, review: reviewed.Reviewed) -> records.Objects:
    rows = applied_objects(found, review)
    if not rows:
        return records.Objects()
    kept = Identifier(*OBJECTS.split("."))
    engine.link.execute(sqlfiles.load("apply/create_kept").format(kept=kept))
    done = large_objects.Objects(engine, kept).bring(found, rows)
    touched = done.updates + done.deletes > 0
    return replace(done, view=records.view_name(review.recovery, "objects") if touched else "")


def _table(stage: Stage, works: Sequence[Work], review: reviewed.Reviewed, left: Left | None) -> records.Table:
    counts = next((work.counts for work in works if work.stage.number == stage.number), None)
    file = next(file for file in review.files if (file.schema, file.name) == _names(stage))
    touched = counts is not None and counts.updates + counts.deletes > 0
    return records.Table(
        schema=file.schema,
        name=file.name,
        file=file.file,
        view=records.view_name(review.recovery, stage.number) if touched else "",
        inserts=counts.inserts if counts else 0,
        updates=counts.updates if counts else 0,
        deletes=counts.deletes if counts else 0,
        skipped=file.skipped,
        left=left or Left(),
    )


def _names(stage: Stage) -> tuple[str, str]:
    return stage.table.name.schema, stage.table.name.name
