"""What surrounds a database's rows, as text that both majors print alike; and what holds rows beside its tables.

Reads only.
"""

from dataclasses import dataclass

from psycopg.rows import class_row, scalar_row

from switchback.systems.postgres import sqlfiles
from switchback.systems.postgres.connection import Connection


@dataclass(frozen=True, kw_only=True)
class _Definition:
    kind: str
    name: str
    definition: str


def definitions(session: Connection) -> dict[str, str]:
    """Columns, constraints, indexes, triggers, partitions, functions and enums by kind and name."""
    found = session.cursor(row_factory=class_row(_Definition)).execute(sqlfiles.load("compare/list_definitions"))
    return {f"{each.kind} {each.name}": each.definition for each in found}


def left_out(session: Connection) -> tuple[str, ...]:
    """What holds rows and is no table: stored views, foreign and extensions' tables, large objects."""
    return tuple(session.cursor(row_factory=scalar_row).execute(sqlfiles.load("compare/list_left_out")))
