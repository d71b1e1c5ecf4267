"""The tables that two databases are compared by, and the few ways SQL names them. Reads only."""

from dataclasses import dataclass
from decimal import Decimal

from psycopg.rows import class_row
from psycopg.sql import SQL, Composed, Identifier

from switchback.systems.postgres import connection, sqlfiles
from switchback.systems.postgres.connection import Connection


@dataclass(frozen=True, kw_only=True)
class Table:
    """One table; of a partitioned one the root."""

    schema: str
    table: str
    partitioned: bool
    columns: list[str]  #: all of them, generated ones too, by name: their order may differ between the sides
    key: list[str]  #: empty when nothing identifies a row
    key_type_schemas: list[str]
    key_types: list[str]

    @property
    def rows(self) -> Composed:
        """Its own rows, for FROM: a parent's without its children's, a partition root's all."""
        only = SQL("" if self.partitioned else "only ")
        return only + Identifier(self.schema, self.table)

    @property
    def key_columns(self) -> Composed:
        """Its key for row(), of the alias t."""
        return _of("t", self.key)

    @property
    def line(self) -> Composed:
        """Its columns for row(), of the alias t."""
        return _of("t", self.columns)


@dataclass(frozen=True, kw_only=True)
class Sums:
    """How many rows, and two independent 64-bit sums over their text: equal for the same rows in any order."""

    rows: int = 0
    first: Decimal = Decimal(0)
    second: Decimal = Decimal(0)

    def __add__(self, other: "Sums") -> "Sums":
        return Sums(rows=self.rows + other.rows, first=self.first + other.first, second=self.second + other.second)


def sums(session: Connection, table: Table) -> Sums:
    """Over every row of the table, whole; reads all of it."""
    statement = sqlfiles.load("compare/read_sums").format(table=table.rows, columns=table.line)
    with connection.translated(session):
        (found,) = session.cursor(row_factory=class_row(Sums)).execute(statement)
    return found


def count(session: Connection, table: Table) -> int:
    """How many rows the table has."""
    with connection.translated(session):
        statement = sqlfiles.load("compare/count_rows").format(table=table.rows)
        (rows,) = session.execute(statement).fetchone() or (0,)
    return int(rows)


def listed(session: Connection) -> dict[tuple[str, str], Table]:
    """Every table of the database by schema and name."""
    with connection.translated(session):
        found = session.cursor(row_factory=class_row(Table)).execute(sqlfiles.load("compare/list_tables"))
        return {(table.schema, table.table): table for table in found}


def _of(alias: str, columns: list[str]) -> Composed:
    return SQL(", ").join(Identifier(alias, column) for column in columns)
