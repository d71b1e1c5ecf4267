"""Rows that a key identifies, streamed from one side and looked up on the other. Reads only, memory stays flat."""

from dataclasses import dataclass

from psycopg.rows import args_row, class_row, scalar_row
from psycopg.sql import SQL, Composable, Composed, Identifier, Placeholder

from switchback.systems.postgres import sqlfiles
from switchback.systems.postgres.since import Side
from switchback.systems.postgres.tables import Sums, Table

Key = list[str]


@dataclass(frozen=True, kw_only=True)
class Written:
    """What was written on one side since."""

    differing: int  #: rows that the other side does not have exactly so
    found: Sums  #: over the keys that the other side has


@dataclass(frozen=True, kw_only=True)
class _Found(Sums):
    identical: int


def written(here: Side, table: Table, there: Side, other: Table) -> Written:
    """The rows written here since, looked up over there."""
    statement = sqlfiles.load("waiting/stream_rows").format(table=table.rows, key=_texts(table), columns=table.line)
    lookup = sqlfiles.load("waiting/look_up_rows").format(
        columns=other.line, key_columns=other.key_columns, **_asked(other)
    )
    differing, found = 0, Sums()
    for batch in here.batches(args_row(_keyed_digest), statement, {"bound": here.bound}):
        digests = [digest for _, digest in batch]
        known = there.one(class_row(_Found), lookup, {**_arrays([key for key, _ in batch]), "digests": digests})
        differing += len(batch) - known.identical
        found += known
    return Written(differing=differing, found=found)


def same_keys(old: Side, mine: Table, new: Side, theirs: Table, found: Sums) -> bool:
    """Whether new still has every key of old: those not written on new since, and the `found` ones, add up to old's.

    False may also mean that equal keys are spelt differently; then `missing` tells.
    """
    ours, others = (
        sqlfiles.load("waiting/read_key_sums").format(table=t.rows, key_columns=t.key_columns) for t in (mine, theirs)
    )
    every = old.one(class_row(Sums), ours, {"bound": old.bound, "all": True})
    untouched = new.one(class_row(Sums), others, {"bound": new.bound, "all": False})
    return every == untouched + found


def missing(here: Side, table: Table, there: Side, other: Table, *, touched: bool) -> int:
    """How many keys of the rows that were (not) written here since are not over there at all."""
    statement = sqlfiles.load("waiting/stream_keys").format(table=table.rows, key=_texts(table))
    lookup = sqlfiles.load("waiting/count_present").format(**_asked(other))
    values = {"bound": here.bound, "touched": touched}
    batches = here.batches(scalar_row, statement, values)
    return sum(len(batch) - int(there.one(scalar_row, lookup, _arrays(batch))) for batch in batches)


def _keyed_digest(key: Key, digest: bytes) -> tuple[Key, bytes]:
    return key, digest


def _arrays(keys: list[Key]) -> dict[str, object]:
    return {f"k{number}": list(values) for number, values in enumerate(zip(*keys, strict=True))}


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
