"""The tables that two databases are compared by, and the few ways SQL names them. Reads only."""

from dataclasses import dataclass

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
    def line(self) -> Composed:
        """Its columns for row(), of the alias t."""
        return _of("t", self.columns)


def listed(session: Connection) -> dict[tuple[str, str], Table]:
    """Every table of the database by schema and name."""
    with connection.translated(session):
        found = session.cursor(row_factory=class_row(Table)).execute(sqlfiles.load("compare/list_tables"))
        return {(table.schema, table.table): table for table in found}


def _of(alias: str, columns: list[str]) -> Composed:
    return SQL(", ").join(Identifier(alias, column) for column in columns)
