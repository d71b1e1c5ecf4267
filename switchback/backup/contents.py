"""What a database holds, as a manifest says it; and how a restored one differs from that. Reads only."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, TypeVar

from psycopg.rows import class_row, scalar_row

from switchback.backup.notes import Contents, Extension, Maker, Right, SequenceNote, TableNote
from switchback.domain.errors import Refused
from switchback.systems.postgres import facts, sqlfiles, surroundings, tables
from switchback.systems.postgres.connection import Connection

T = TypeVar("T")
SHOWN = 5


@dataclass(eq=False)
class NotAsBackedUp(Refused):
    """A restored database is not what the backup's manifest says."""

    problem: ClassVar[str] = "{database}, restored from {backup}, is not what its manifest says: {differences}."
    remedy: ClassVar[str] = "Nothing was replaced. Restore from another backup, and find out what this one is."
    database: str
    backup: str
    differences: str


@dataclass(frozen=True, kw_only=True)
class _Database:
    database: str
    owner: str
    encoding: str
    collate: str
    ctype: str
    server_version: int
    system_identifier: str
    snapshot: str
    taken_at: datetime


@dataclass(frozen=True, kw_only=True)
class _Rights:
    name: str
    owner: str
    rights: list[str]


def read(session: Connection) -> Contents:
    """Everything, in the transaction that `session` is in (connection.holding_still); reads every row."""
    (database,) = _rows(session, _Database, "read_database")
    sequences = facts.positions(session)
    return Contents(
        **vars(database),
        tables=tuple(_table(session, table) for table in tables.listed(session).values()),
        sequences=tuple(
            SequenceNote(schema=each.schema, name=each.name, increment=each.increment, next_value=each.next_value)
            for each in sequences
        ),
        extensions=tuple(_rows(session, Extension, "list_extensions")),
        roles=tuple(session.cursor(row_factory=scalar_row).execute(sqlfiles.load("backup/list_roles"))),
        rights=tuple(_rows(session, Right, "list_database_rights")),
        makers=tuple(_rows(session, Maker, "list_makers")),
        definitions=dict(_definitions(session)),
        left_out=surroundings.left_out(session),
    )


def refuse_if_different(backup: str, wanted: Contents, found: Contents) -> None:
    """Raise NotAsBackedUp, with the first of the differences, unless `found` holds what `wanted` says."""
    differing = list(_differences(wanted, found))
    if differing:
        more = f"; and {len(differing) - SHOWN} more" if len(differing) > SHOWN else ""
        raise NotAsBackedUp(wanted.database, backup, "; ".join(differing[:SHOWN]) + more)


def _differences(wanted: Contents, found: Contents) -> Iterator[str]:
    here = {(table.schema, table.table): table for table in found.tables}
    for table in wanted.tables:
        restored = here.pop((table.schema, table.table), None)
        if restored is None:
            yield f"{table} is missing"
        elif restored.rows != table.rows:
            yield f"{table} has {restored.rows} rows of {table.rows}"
        elif restored != table:
            yield f"{table} has other contents"
    yield from (f"{table} is not in the manifest" for table in here.values())
    yield from _behind(wanted, found)
    if wanted.left_out != found.left_out:
        yield f"besides tables it holds {', '.join(found.left_out) or 'nothing'}, not {', '.join(wanted.left_out)}"
    if wanted.major == found.major:  # majors print some definitions in other words
        for name in sorted(wanted.definitions.keys() | found.definitions.keys()):
            if wanted.definitions.get(name) != found.definitions.get(name):
                yield f"{name} is not as it was"


def _behind(wanted: Contents, found: Contents) -> Iterator[str]:
    here = {(each.schema, each.name): each for each in found.sequences}
    for sequence in wanted.sequences:
        restored = here.get((sequence.schema, sequence.name))
        if restored is None:
            yield f"sequence {sequence.schema}.{sequence.name} is missing"
        elif (restored.next_value - sequence.next_value) * sequence.increment < 0:
            yield f"sequence {sequence.schema}.{sequence.name} is behind"


def _table(session: Connection, table: tables.Table) -> TableNote:
    summed = tables.sums(session, table)
    return TableNote(
        schema=table.schema,
        table=table.table,
        columns=tuple(table.columns),
        rows=summed.rows,
        first=str(summed.first),
        second=str(summed.second),
    )


def _definitions(session: Connection) -> Iterator[tuple[str, str]]:
    for name, definition in surroundings.definitions(session).items():
        yield name, _short(definition)
    for right in _rows(session, _Rights, "list_rights"):
        yield f"ownership of {right.name}", _short(right.owner)
        yield f"rights on {right.name}", _short("\n".join(sorted(right.rights)))


def _rows(session: Connection, kind: type[T], statement: str) -> list[T]:
    return session.cursor(row_factory=class_row(kind)).execute(sqlfiles.load(f"backup/{statement}")).fetchall()


def _short(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]
