"""Rows that a key identifies, streamed from one side and looked up on the other. Reads only, memory stays flat."""

from psycopg.rows import args_row, scalar_row
from psycopg.sql import SQL, Composable, Composed, Identifier, Placeholder

from switchback.systems.postgres import sqlfiles
from switchback.systems.postgres.since import Side
from switchback.systems.postgres.tables import Table

Key = list[str]


def differing(here: Side, table: Table, there: Side, other: Table) -> int:
    """How many rows written here since are not exactly so over there."""
    statement = sqlfiles.load("waiting/stream_rows").format(table=table.rows, key=_texts(table), columns=table.line)
    lookup = sqlfiles.load("waiting/count_identical").format(columns=other.line, **_asked(other))
    waiting = 0
    for batch in here.batches(args_row(_keyed_digest), statement, {"bound": here.bound}):
        digests = [digest for _, digest in batch]
        waiting += len(batch) - _count(there, lookup, [key for key, _ in batch], digests)
    return waiting


def missing(here: Side, table: Table, there: Side, other: Table, *, touched: bool) -> int:
    """How many keys of the rows that were (not) written here since are not over there at all."""
    statement = sqlfiles.load("waiting/stream_keys").format(table=table.rows, key=_texts(table))
    lookup = sqlfiles.load("waiting/count_present").format(**_asked(other))
    values = {"bound": here.bound, "touched": touched}
    batches = here.batches(scalar_row, statement, values)
    return sum(len(batch) - _count(there, lookup, batch, []) for batch in batches)


def _keyed_digest(key: Key, digest: bytes) -> tuple[Key, bytes]:
    return key, digest


def _count(there: Side, lookup: Composed, keys: list[Key], digests: list[bytes]) -> int:
    columns = {f"k{number}": list(values) for number, values in enumerate(zip(*keys, strict=True))}
    return int(there.one(scalar_row, lookup, {**columns, "digests": digests}))


def _texts(table: Table) -> Composed:
    return SQL(", ").join(SQL("{}::text").format(Identifier("t", column)) for column in table.key)


def _asked(table: Table) -> dict[str, Composable]:
    """The parts of a lookup by key: typed arrays, their names, and how they match the table's own columns."""
    names = [f"k{number}" for number in range(len(table.key))]
    types = [Identifier(*each) for each in zip(table.key_type_schemas, table.key_types, strict=True)]
    array, match = SQL("{}::text[]::{}[]"), SQL("{} = {}")
    return {
        "table": table.rows,
        "keys": SQL(", ").join(array.format(Placeholder(n), t) for n, t in zip(names, types, strict=True)),
        "names": SQL(", ").join(map(Identifier, names)),
        "match": SQL(" and ").join(
            match.format(Identifier("t", column), Identifier("asked", name))
            for column, name in zip(table.key, names, strict=True)
        ),
    }
