"""Rows of a file that bring a unique value which another row of old keeps; found by the index that refused them."""

from collections.abc import Mapping

from psycopg import errors as driver
from psycopg.rows import scalar_row, tuple_row
from psycopg.sql import SQL, Identifier

from switchback.recovery.apply import errors
from switchback.recovery.apply.roles import Roles
from switchback.recovery.apply.stage import AND
from switchback.recovery.apply.work import Work
from switchback.systems.postgres import sqlfiles


def takers(
    acting: Roles, works: Mapping[int, Work], error: driver.UniqueViolation
) -> tuple[Work, tuple[int, ...]] | None:
    """The table and its rows, once the merge is rolled back; None where the index has more than columns, or no key."""
    index = {"schema": error.diag.schema_name, "name": error.diag.constraint_name}
    known = acting.link.cursor(row_factory=tuple_row).execute(sqlfiles.load("apply/read_unique"), index).fetchone()
    work = works.get(known[0]) if known else None
    if known is None or work is None or work.stage.lines or not work.stage.layout.key:
        return None
    stage, columns = work.stage, known[1]
    if not set(columns) <= set(stage.layout.columns):
        return None
    query = sqlfiles.load("apply/find_takers").format(
        stage=stage.rows,
        applied=stage.applied,
        brought=stage.brings(columns),
        table=stage.table.rows,
        same=AND.join(
            SQL("{} = {}").format(Identifier("t", name), stage.cast(stage.new(name), name)) for name in columns
        ),
        match=stage.match(),
        given_up=SQL("(s._op = 'delete' or (s._op = 'update' and {}))").format(stage.changed(columns)),
    )
    with acting.acting_for(stage.table.owner, str(stage.table.name)):
        return work, tuple(acting.link.cursor(row_factory=scalar_row).execute(query))


def refusal(error: driver.UniqueViolation, work: Work, rows: tuple[int, ...]) -> errors.RowsDoNotFit:
    """What to tell people of them."""
    condition = (
        f"{len(rows)} rows with values that other rows of old keep: {errors.rows_of(work.stage.path.name, rows)}"
    )
    return errors.RowsDoNotFit(str(work.stage.table.name), f"unique index {error.diag.constraint_name}", condition)
