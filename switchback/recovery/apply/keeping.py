"""Old's rows as they are before they are touched: kept for undo, and held against what was captured."""

from collections.abc import Sequence

from psycopg.rows import tuple_row
from psycopg.sql import SQL, Composed, Literal

from switchback.recovery.apply import roles
from switchback.recovery.apply.stage import Stage
from switchback.recovery.apply.work import Left, Work, count
from switchback.recovery.bundle import Operation
from switchback.recovery.session import Connection
from switchback.systems.postgres import sqlfiles


def keep(link: Connection, acting: roles.Roles, work: Work) -> int:
    """Keep old's rows as they are before anything is touched; returns how many are not what was captured."""
    stage, counts = work.stage, work.counts
    if not counts.updates and not counts.deletes:
        return 0
    if stage.layout.key:
        find = sqlfiles.load("apply/find_rows").format(
            kept=stage.kept,
            table=stage.table.rows,
            image=stage.images(),
            stage=stage.rows,
            match=stage.match(),
            applied=stage.applied,
        )
    else:
        find = sqlfiles.load("apply/find_equal_rows").format(
            kept=stage.kept,
            table=stage.table.rows,
            image=stage.images(),
            stage=stage.rows,
            expected=stage.expected(),
            found=stage.found(),
            applied=stage.applied,
        )
    with acting.acting_for(stage.table.owner, str(stage.table.name)):
        found = link.execute(find).rowcount
    link.execute(SQL("analyze {}").format(stage.kept))
    unexpected = (
        link.cursor(row_factory=tuple_row)
        .execute(
            sqlfiles.load("apply/count_unexpected").format(
                stage=stage.rows,
                kept=stage.kept,
                expected=stage.expected(),
                applied=stage.applied,
                width=Literal(len(stage.telling)),
            )
        )
        .fetchone()
    )
    return max(found - counts.updates - counts.deletes, 0) + int(unexpected[0] if unexpected else 0)


def leave(link: Connection, work: Work) -> tuple[Work, Left]:
    """Take the rows that are not as captured off the stage; returns what is still asked for, and what was left."""
    stage = work.stage
    statement = sqlfiles.load("apply/leave_unexpected").format(
        stage=stage.rows,
        kept=stage.kept,
        expected=stage.expected(),
        applied=stage.applied,
        width=Literal(len(stage.telling)),
    )
    return _left(link, work, statement)


def leave_rows(link: Connection, work: Work, rows: Sequence[int]) -> tuple[Work, Left]:
    """The same for rows that do not fit, by their numbers."""
    stage = work.stage
    statement = sqlfiles.load("apply/leave_misfits").format(stage=stage.rows, kept=stage.kept, rows=Literal(list(rows)))
    return _left(link, work, statement)


def _left(link: Connection, work: Work, statement: Composed) -> tuple[Work, Left]:
    left = link.cursor(row_factory=tuple_row).execute(statement).fetchall()
    rows = {name: tuple(sorted(row for op, row in left if op == name)) for name in Operation}
    found = Left(inserts=rows[Operation.INSERT], updates=rows[Operation.UPDATE], deletes=rows[Operation.DELETE])
    return count(link, work.stage, work.sensitive), found


def skip(link: Connection, stage: Stage, left: Left) -> None:
    """Take rows off the stage that were left when they were applied."""
    rows = [*left.inserts, *left.updates, *left.deletes]
    if rows:
        link.execute(sqlfiles.load("apply/leave_rows").format(stage=stage.rows, rows=Literal(rows)))
