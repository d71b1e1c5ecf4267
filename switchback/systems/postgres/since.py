"""One side and what was written there since a recorded snapshot. Reads only."""

import logging
from dataclasses import dataclass

from psycopg.rows import class_row, scalar_row

from switchback.systems.postgres import connection, sqlfiles
from switchback.systems.postgres.connection import Connection
from switchback.systems.postgres.facts import DatabaseFacts
from switchback.systems.postgres.tables import Table

log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Side:
    """A session that holds still, and the oldest transaction that a row written since can carry."""

    session: Connection
    bound: str | None  #: None: it cannot be told, so every row counts as written since


@dataclass(frozen=True, kw_only=True)
class Ages:
    """How many rows of a table were written since, and how many were not."""

    touched: int
    untouched: int


def side(session: Connection, recorded: DatabaseFacts | None) -> Side:
    """The session's side since `recorded`; says in the log when that record does not fit this server."""
    if recorded is None:
        return Side(session=session, bound=None)
    then = {"snapshot": recorded.snapshot, "system": recorded.system_identifier, "timeline": recorded.timeline}
    bound = session.cursor(row_factory=scalar_row).execute(sqlfiles.load("waiting/read_bound"), then).fetchone()
    if bound is None:
        log.warning(
            "%s: the record is of another server or too old, every row is compared", connection.place_of(session)
        )
    return Side(session=session, bound=bound)


def ages(side: Side, table: Table) -> Ages:
    """How much of the table was written since."""
    statement = sqlfiles.load("waiting/count_touched").format(table=table.rows)
    (counted,) = side.session.cursor(row_factory=class_row(Ages)).execute(statement, {"bound": side.bound})
    return counted
