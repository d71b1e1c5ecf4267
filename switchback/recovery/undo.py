"""Put old back to the byte as it was before a recovery was applied, from the pre-images kept in it.

The same merge, backwards: what came leaves, what changed changes back, what went comes again. Refuses when a row
it would touch is not as the recovery left it. A second undo finds nothing applied and says so.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from psycopg.sql import SQL, Composed, Identifier, Literal

from switchback.recovery import bundle, reviewed, session
from switchback.recovery.apply import (
    arriving,
    errors,
    filling,
    keeping,
    large_objects,
    lock,
    records,
    run,
    sequences,
    transaction,
)
from switchback.recovery.apply.engine import Engine
from switchback.recovery.apply.stage import Stage
from switchback.recovery.bundle import Layout
from switchback.systems.postgres import connection, sqlfiles


@dataclass(frozen=True, kw_only=True)
class Undone:
    """What was put back; `already`: nothing was applied any more."""

    already: bool
    record: records.Record | None


def undo(old: str, folder: Path, *, put_sequences_back: bool = True) -> Undone:
    """Undo the recovery of the bundle in `folder` on the database `old`; the second time, say so and change nothing.

    Where others have moved the sequences on meanwhile, they can only be left as they are: `put_sequences_back=False`.
    Raises NotReviewed, ReviewOutdated, RecoveryRunning, AppliedDifferently, ChangedSince, RowsDoNotFit and what a
    session raises: nothing is changed then; only OutcomeUnknown leaves it open.
    """
    found = bundle.opened(folder)
    review = reviewed.read(found)
    with session.on(old, "old") as link, lock.held(link):
        arriving.clear(link)
        record = records.read(link, review.recovery)
        if record is None:
            return Undone(already=True, record=None)
        if record.digest != review.digest:
            raise errors.AppliedDifferently(review.recovery, connection.place_of(link))
        reviewed.check_files(found, review, but_copied=True)
        with transaction.all_or_nothing(link, as_before=True) as engine:
            _carry_out(engine, found, review, record if put_sequences_back else replace(record, sequences=()))
    return Undone(already=False, record=record)


def _carry_out(engine: Engine, found: bundle.Bundle, review: reviewed.Reviewed, record: records.Record) -> None:
    _refuse_moved_sequences(engine, record)
    stages = run.staged(engine, found, review)
    for stage, table in zip(stages, record.tables, strict=True):
        keeping.skip(engine.link, stage, table.left)
    views = {(table.schema, table.name): table.view for table in record.tables}
    turned = [_turned(engine, stage, views[stage.table.name.schema, stage.table.name.name]) for stage in stages]
    works = engine.prepare(turned)
    engine.keep(works, errors.ChangedSince)
    objects = large_objects.Objects(engine, Identifier(*run.OBJECTS.split(".")))
    objects.put_back(run.applied_objects(found, review), record.objects.view)
    engine.merge(works)
    for move in record.sequences:
        sequences.put(engine.link, engine.acting, move, move.before)
    records.forget(engine.link, record)


def _refuse_moved_sequences(engine: Engine, record: records.Record) -> None:
    moved = [
        f"{move.schema}.{move.name}"
        for move in record.sequences
        if sequences.read(engine.link, engine.acting, move.schema, move.name) != move.after
    ]
    if moved:
        raise errors.ChangedSince(f"sequences {', '.join(moved)}", len(moved))


def _turned(engine: Engine, stage: Stage, view: str) -> Stage:
    """The stage of the way back: each row with the operation reversed, its values those of the pre-image."""
    columns = (*stage.layout.columns, *stage.unlisted)
    layout = Layout(
        columns=columns,
        alone=(True,) * len(columns),
        key=stage.layout.key,
        old=bool(stage.layout.key),
        base=False,
    )
    back = replace(stage, layout=layout, plain=True, width=len(stage.layout.columns))
    link = engine.link
    filling.create(link, back)
    link.execute(sqlfiles.load("apply/create_kept").format(kept=stage.kept))
    if view:
        link.execute(sqlfiles.load("apply/thaw_rows").format(kept=stage.kept, view=Identifier(view)))
    link.execute(
        sqlfiles.load("undo/turn_rows").format(
            back=back.rows,
            stage=stage.rows,
            kept=stage.kept,
            applied=stage.applied,
            values=SQL("").join(
                SQL(", array[{}]::text[]").format(SQL(", ").join(side)) for side in _values(stage, columns)
            ),
        )
    )
    link.execute(SQL("analyze {}").format(back.rows))
    return back


def _values(stage: Stage, columns: Sequence[str]) -> list[list[Composed]]:
    listed = stage.layout.columns
    before = [SQL("k.before[{}]").format(Literal(place + 1)) for place in range(len(columns))]
    after = [_after(stage, name) if name in listed else stage.was(name) for name in columns]
    if stage.layout.key:
        return [before, after]
    either = SQL("case s._op when 'insert' then {} else {} end")
    return [[either.format(came, went) for came, went in zip(after, before, strict=True)]]


def _after(stage: Stage, name: str) -> Composed:
    return SQL("case when s._op <> 'delete' then {} end").format(stage.as_written(name))
