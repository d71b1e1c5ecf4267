"""Finds the cell that a type of old does not take, so that the message can name it; the value itself is never shown."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from psycopg import errors as driver
from psycopg.rows import tuple_row
from psycopg.sql import SQL, Identifier, Literal

from switchback.recovery.apply import errors
from switchback.recovery.apply.filling import fill
from switchback.recovery.apply.stage import Stage
from switchback.recovery.bundle import Manifest
from switchback.recovery.session import Connection
from switchback.recovery.spelling import literally
from switchback.systems.postgres import sqlfiles


@contextmanager
def located(link: Connection, stages: Sequence[Stage], manifest: Manifest) -> Iterator[None]:
    """Turn a value that does not fit into ValueNotTaken with its file, row and column."""
    try:
        with link.transaction():
            yield
    except driver.DataError as error:
        files = {(note.schema, note.name): note.file for note in manifest.tables}
        for stage in stages:
            name = stage.table.name
            if stage.lines:
                fill(link, stage)
            for column in stage.layout.columns:
                row = _first_misfit(link, stage, column)
                if row is not None:
                    kind, condition = stage.table.column(column).type, type(error).__name__
                    raise errors.ValueNotTaken(files[name.schema, name.name], row, column, kind, condition) from error
        raise


def _first_misfit(link: Connection, stage: Stage, column: str) -> int | None:
    first, last = 1, _last(link, stage)
    if _fits(link, stage, column, first, last):
        return None
    while first < last:
        middle = (first + last) // 2
        if _fits(link, stage, column, first, middle):
            first = middle + 1
        else:
            last = middle
    return first


def _last(link: Connection, stage: Stage) -> int:
    query = SQL("select coalesce(max(_row), 0) from {}").format(stage.rows)
    row = link.cursor(row_factory=tuple_row).execute(query).fetchone()
    return int(row[0]) if row else 0


def _fits(link: Connection, stage: Stage, column: str, first: int, last: int) -> bool:
    probe = Identifier("pg_temp", "switchback_probe")
    kind = literally(stage.table.column(column).type)
    values = sqlfiles.load("apply/try_values").format(
        probe=probe,
        stage=stage.rows,
        applied=stage.applied,
        value=stage.cast(stage.new(column), column),
        first=Literal(first),
        last=Literal(last),
    )
    try:
        with link.transaction(force_rollback=True):
            link.execute(SQL("create temporary table {} (value {})").format(probe, kind))
            link.execute(values)
    except driver.DataError:
        return False
    return True
