"""Old's tables as the merge needs to know them, read in the merge's own transaction. Reads catalogs only."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from psycopg.rows import dict_row
from psycopg.sql import SQL, Composed, Identifier

from switchback.recovery import catalog
from switchback.recovery.session import Connection
from switchback.systems.postgres import sqlfiles


@dataclass(frozen=True, kw_only=True)
class Firing:
    """A trigger or a rule of the application."""

    kind: str  #: trigger or rule
    name: str
    mode: str  #: O, A, R or D


@dataclass(frozen=True, kw_only=True)
class Relation:
    """A table or a partition of old."""

    oid: int
    name: catalog.Name
    partitioned: bool
    root: int  #: its own oid where it is no partition
    owner: str
    forced: bool  #: row security binds even its owner
    identity: str  #: by what publications tell its rows apart: d (the primary key), i (an index), f (all), n (nothing)
    untold: bool  #: a publication should tell of its rows, and cannot: Postgres refuses to change or delete any
    columns: tuple[catalog.Column, ...]  #: of tables only, not of partitions
    firing: tuple[Firing, ...]

    @property
    def place(self) -> Identifier:
        """Its name in a statement."""
        return Identifier(self.name.schema, self.name.name)

    @property
    def rows(self) -> Composed:
        """Its own rows in a statement: with those of its partitions, without those of its inheritance children."""
        return SQL("{}" if self.partitioned else "only {}").format(self.place)

    @property
    def written(self) -> tuple[catalog.Column, ...]:
        """The columns that a value can be given for."""
        return tuple(column for column in self.columns if column.written)

    def column(self, name: str) -> catalog.Column:
        """The column of that name; KeyError when there is none."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(name)


def read(link: Connection, names: Iterable[catalog.Name]) -> tuple[Relation, ...]:
    """The tables of these names and, after them, their partitions; a name that old has not is left out."""
    wanted = sorted(names)
    records = _records(
        link, "list_relations", schemas=[name.schema for name in wanted], names=[name.name for name in wanted]
    )
    oids = [record["oid"] for record in records]
    columns = link.cursor(row_factory=dict_row).execute(
        sqlfiles.load("catalog/list_columns"), {"tables": [record["oid"] for record in records]}
    )
    by_table: dict[int, list[catalog.Column]] = {}
    for found in columns:
        by_table.setdefault(found.pop("relation"), []).append(_column(found))
    firing: dict[int, list[Firing]] = {}
    for found in _records(link, "list_firing", relations=oids):
        firing.setdefault(found.pop("relation"), []).append(Firing(**found))
    return tuple(
        Relation(
            oid=record["oid"],
            name=catalog.Name(schema=record["schema"], name=record["name"]),
            partitioned=record["partitioned"],
            root=record["root"],
            owner=record["owner"],
            forced=record["forced"],
            identity=record["identity"],
            untold=record["untold"],
            columns=tuple(by_table.get(record["oid"], ())),
            firing=tuple(firing.get(record["oid"], ())),
        )
        for record in records
    )


def columns_by_root(link: Connection, statement: str, tables: Sequence[int]) -> dict[int, list[str | None]]:
    """What a statement that lists columns of tables finds, by table."""
    found: dict[int, list[str | None]] = {}
    for record in _records(link, statement, tables=list(tables)):
        found.setdefault(record["root"], []).append(record["name"])
    return found


def _records(link: Connection, statement: str, **parameters: Sequence[Any]) -> list[dict[str, Any]]:
    return link.cursor(row_factory=dict_row).execute(sqlfiles.load(f"apply/{statement}"), parameters).fetchall()


def _column(found: dict[str, Any]) -> catalog.Column:
    kinds = {"generated": catalog.Generated(found["generated"]), "identity": catalog.Identity(found["identity"])}
    return catalog.Column(**{**found, **kinds})
