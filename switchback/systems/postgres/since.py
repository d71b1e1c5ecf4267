"""One side and what was written there since a recorded snapshot. Reads only."""

import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TypeVar

from psycopg.rows import RowFactory, class_row, scalar_row
from psycopg.sql import SQL, Composed

from switchback.systems.postgres import connection, sqlfiles
from switchback.systems.postgres.connection import Connection
from switchback.systems.postgres.facts import DatabaseFacts
from switchback.systems.postgres.tables import Table

T = TypeVar("T")
Query = SQL | Composed
Values = Mapping[str, object]
BATCH = 5000
log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Side:
    """A session that holds still, and the oldest transaction that a row written since can carry."""

    session: Connection
    bound: str | None  #: None: it cannot be told, so every row counts as written since

    def one(self, shape: RowFactory[T], statement: Query, values: Values) -> T:
        """The only row that the statement returns."""
        with connection.translated(self.session):
            (row,) = self.session.cursor(row_factory=shape).execute(statement, values)
        return row

    def batches(self, shape: RowFactory[T], statement: Query, values: Values) -> Iterator[list[T]]:
        """The statement's rows, never more than BATCH of them in memory."""
        with connection.translated(self.session), self.session.cursor("stream", row_factory=shape) as rows:
            rows.execute(statement, values)
            while batch := rows.fetchmany(BATCH):
                yield batch


@dataclass(frozen=True, kw_only=True)
class Ages:
    """How many rows of a table were written since, and how many were not."""

    touched: int
    untouched: int


def side(session: Connection, recorded: DatabaseFacts | None) -> Side:
    """The session's side since `recorded`; says in the log when that record does not fit this server."""
    unknown = Side(session=session, bound=None)
    if recorded is None:
        return unknown
    then = {"snapshot": recorded.snapshot, "system": recorded.system_identifier, "timeline": recorded.timeline}
    bound = unknown.one(scalar_row, sqlfiles.load("waiting/read_bound"), then)
    if bound is None:
        log.warning(
            "%s: the record is of another server or too old, every row is compared", connection.place_of(session)
        )
    return Side(session=session, bound=bound)


def ages(side: Side, table: Table) -> Ages:
    """How much of the table was written since."""
    statement = sqlfiles.load("waiting/count_touched").format(table=table.rows)
    return side.one(class_row(Ages), statement, {"bound": side.bound})
