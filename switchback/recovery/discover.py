"""Reads a database's catalog, whole, as a role that is no superuser. Nothing is skipped silently.

Refuses where rows would be hidden from us: no privilege, row security, a partition elsewhere. Reads
names from the catalog only (defects 36, 47 to 52).
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, ClassVar

from psycopg import sql

from switchback.domain.errors import Refused
from switchback.recovery.catalog import (
    OURS,
    Aside,
    Column,
    Database,
    ForeignKey,
    Generated,
    Identity,
    Kind,
    Name,
    Sequence,
    Table,
    Unique,
)
from switchback.recovery.snapshot import Reader, Snapshot
from switchback.systems.postgres import sqlfiles

Record = dict[str, Any]
ASIDES = {
    "f": "foreign table: its rows live on another server",
    "m": "materialised view: derived from tables; refresh it afterwards",
}


@dataclass(eq=False)
class RowsHidden(Refused):
    """Rows exist that this role would not see; less than everything is never captured."""

    problem: ClassVar[str] = "{side}: {role} does not see every row of {tables}."
    remedy: ClassVar[str] = (
        "Grant it SELECT on them (pg_read_all_data), and where row security applies membership of their owner, "
        "or BYPASSRLS where it is forced. Nothing was filtered silently."
    )
    side: str
    role: str
    tables: str


@dataclass(eq=False)
class RowsElsewhere(Refused):
    """A partition is a foreign table: the root's rows are not all in this database."""

    problem: ClassVar[str] = "{side}: the partitions {tables} are foreign tables."
    remedy: ClassVar[str] = "Detach them for the recovery, or recover that server on its own."
    side: str
    tables: str


def read(snapshot: Snapshot) -> Database:
    """The database as the snapshot sees it. Raises RowsHidden, RowsElsewhere and what Postgres answers."""
    facts = snapshot.records("catalog/read_database")[0]
    ours = {"ours": list(OURS)}
    relations = snapshot.records("catalog/list_tables", ours)
    sequences = snapshot.records("catalog/list_sequences", ours)
    blind = [record for record in [*relations, *sequences] if not (record["readable"] or record["readable_by_owner"])]
    if blind:
        raise RowsHidden(snapshot.side, facts["role"], ", ".join(sorted(str(_name(record)) for record in blind)))
    return Database(
        name=facts["name"],
        system_identifier=snapshot.records("catalog/read_system")[0]["system_identifier"],
        version=facts["version"],
        encoding=facts["encoding"],
        user=facts["role"],
        prepared=facts["prepared"],
        tables=_tables(snapshot, relations),
        sequences=tuple(_sequence(snapshot, record) for record in sequences),
        enums={record["type"]: tuple(record["labels"]) for record in snapshot.records("catalog/list_enums")},
        asides=_asides(snapshot, snapshot.records("catalog/list_asides", ours)),
    )


def _tables(snapshot: Snapshot, relations: list[Record]) -> tuple[Table, ...]:
    units = [record for record in relations if not record["partition"]]
    oids = {"tables": [record["oid"] for record in units]}
    columns = _by_relation(snapshot.records("catalog/list_columns", oids))
    uniques = _by_relation(snapshot.records("catalog/list_uniques", oids))
    foreign_keys = _by_relation(snapshot.records("catalog/list_foreign_keys", oids), "child")
    names = {record["oid"]: _name(record) for record in relations}
    constraints = _by_relation(snapshot.records("catalog/list_constraints", oids))
    leaves = defaultdict(list)
    for record in relations:
        leaves[record["root"] if record["partition"] else record["oid"]].append(record)
    return tuple(
        Table(
            name=_name(record),
            oid=record["oid"],
            kind=Kind.ROOT if record["kind"] == "p" else Kind.PLAIN,
            unlogged=record["unlogged"],
            columns=tuple(_column(found) for found in columns[record["oid"]]),
            uniques=tuple(_unique(found) for found in uniques[record["oid"]]),
            foreign_keys=tuple(
                _foreign_key(found, names) for found in foreign_keys[record["oid"]] if found["parent"] in names
            ),
            constraints=tuple(found["definition"] for found in constraints[record["oid"]]),
            read_as=_read_as(record),
            estimate=sum(leaf["estimate"] for leaf in leaves[record["oid"]]),
        )
        for record in units
    )


def _by_relation(records: Iterable[Record], field: str = "relation") -> defaultdict[int, list[Record]]:
    found = defaultdict(list)
    for record in records:
        found[record[field]].append(record)
    return found


def _name(record: Record) -> Name:
    return Name(schema=record["schema"], name=record["name"])


def _read_as(record: Record) -> str:
    return "" if record["readable"] else record["owner"]


def _column(record: Record) -> Column:
    fields = {field: value for field, value in record.items() if field not in ("relation", "generated", "identity")}
    return Column(**fields, generated=Generated(record["generated"]), identity=Identity(record["identity"]))


def _unique(record: Record) -> Unique:
    arrays = ("columns", "terms", "operators", "types")
    fields: Record = {field: tuple(value) if field in arrays else value for field, value in record.items()}
    del fields["relation"]
    return Unique(**fields)


def _foreign_key(record: Record, names: dict[int, Name]) -> ForeignKey:
    return ForeignKey(
        name=record["name"],
        columns=tuple(record["child_columns"]),
        parent=names[record["parent"]],
        referenced=tuple(record["parent_columns"]),
        operators=tuple(record["operators"]),
    )


def _sequence(snapshot: Snapshot, record: Record) -> Sequence:
    name = _name(record)
    query = sqlfiles.load("catalog/read_position").format(sequence=sql.Identifier(name.schema, name.name))
    last_value, is_called = snapshot.one(query, Reader(role=_read_as(record)))
    table = Name(schema=record["table_schema"], name=record["table_name"]) if record["column"] else None
    return Sequence(
        name=name,
        increment=record["increment"],
        minimum=record["minimum"],
        maximum=record["maximum"],
        cycles=record["cycles"],
        last_value=int(last_value or 0),
        is_called=is_called == "t",
        table=table,
        column=record["column"] or "",
    )


def _asides(snapshot: Snapshot, records: list[Record]) -> tuple[Aside, ...]:
    elsewhere = [str(_name(record)) for record in records if record["kind"] == "f" and record["partition"]]
    if elsewhere:
        raise RowsElsewhere(snapshot.side, ", ".join(elsewhere))
    return tuple(
        Aside(
            name=_name(record),
            why=f"belongs to extension {record['extension']}" if record["extension"] else ASIDES[record["kind"]],
        )
        for record in records
    )
