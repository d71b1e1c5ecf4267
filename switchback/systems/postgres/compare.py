"""Are two databases equal: every row of every table, every sequence, and what surrounds them. Changes nothing.

Rows are compared by the bytes of their text, in any order: equality is coarser (1.5 = 1.50), and databases that
should be copies must be exact. Meant for two sites on which nobody writes; both are read side by side,
and memory does not grow with the rows.
"""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from switchback.systems.postgres import connection, facts, surroundings, tables
from switchback.systems.postgres.connection import Connection
from switchback.systems.postgres.tables import Sums


@dataclass(frozen=True, kw_only=True)
class TableComparison:
    """One table on both sides; None where a side does not have it."""

    schema: str
    table: str
    rows_old: int | None
    rows_new: int | None
    equal: bool

    def __str__(self) -> str:
        return f"{self.schema}.{self.table} ({_count(self.rows_old)} on old, {_count(self.rows_new)} on new)"


@dataclass(frozen=True, kw_only=True)
class SequenceComparison:
    """What a sequence hands out next on both sides; None where a side does not have it."""

    schema: str
    name: str
    next_old: int | None
    next_new: int | None

    def __str__(self) -> str:
        return f"sequence {self.schema}.{self.name} (next {self.next_old} on old, {self.next_new} on new)"


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """A database on both sides."""

    database: str
    tables: tuple[TableComparison, ...]
    sequences: tuple[SequenceComparison, ...]
    definitions: tuple[str, ...]  #: how columns, constraints, indexes, triggers, functions, enums differ: for people
    left_out: tuple[str, ...]  #: what holds rows and was not compared

    @property
    def differences(self) -> tuple[str, ...]:
        """The tables and sequences that are not the same, in words without values of rows."""
        unequal = [str(each) for each in self.tables if not each.equal]
        return (*unequal, *(str(each) for each in self.sequences if each.next_old != each.next_new))

    @property
    def equal(self) -> bool:
        """Every table and every sequence is the same."""
        return not self.differences


@dataclass(frozen=True, kw_only=True)
class _Contents:
    """One side; tables and sequences by schema and name."""

    columns: dict[tuple[str, str], list[str]]
    sums: dict[tuple[str, str], Sums]
    sequences: dict[tuple[str, str], int]
    definitions: dict[str, str]
    left_out: tuple[str, ...]


def compare(old: Connection, new: Connection) -> Comparison:
    """Read both databases whole, each from one snapshot, at the same time. Raises what the sessions raise."""
    with ThreadPoolExecutor(max_workers=2) as sides:
        reading = [sides.submit(_contents, session) for session in (old, new)]
        mine, theirs = (side.result() for side in reading)
    return Comparison(
        database=old.info.dbname,
        tables=tuple(_table(mine, theirs, name) for name in sorted(mine.sums.keys() | theirs.sums.keys())),
        sequences=tuple(
            SequenceComparison(
                schema=key[0], name=key[1], next_old=mine.sequences.get(key), next_new=theirs.sequences.get(key)
            )
            for key in sorted(mine.sequences.keys() | theirs.sequences.keys())
        ),
        definitions=tuple(_definition_differences(mine.definitions, theirs.definitions)),
        left_out=tuple(sorted({*mine.left_out, *theirs.left_out})),
    )


def _contents(session: Connection) -> _Contents:
    with connection.translated(session), connection.holding_still(session):
        known = tables.listed(session)
        return _Contents(
            columns={name: table.columns for name, table in known.items()},
            sums={name: tables.sums(session, table) for name, table in known.items()},
            sequences={(each.schema, each.name): each.next_value for each in facts.positions(session)},
            definitions=surroundings.definitions(session),
            left_out=surroundings.left_out(session),
        )


def _table(mine: _Contents, theirs: _Contents, name: tuple[str, str]) -> TableComparison:
    old, new = mine.sums.get(name), theirs.sums.get(name)
    return TableComparison(
        schema=name[0],
        table=name[1],
        rows_old=old.rows if old else None,
        rows_new=new.rows if new else None,
        equal=old == new and mine.columns.get(name) == theirs.columns.get(name),
    )


def _definition_differences(old: dict[str, str], new: dict[str, str]) -> list[str]:
    said = []
    for name in sorted(old.keys() | new.keys()):
        if name not in new:
            said.append(f"{name}: only on old")
        elif name not in old:
            said.append(f"{name}: only on new")
        elif old[name] != new[name]:
            said.append(f"{name}: {old[name]} on old, {new[name]} on new")
    return said


def _count(rows: int | None) -> str:
    return "not there" if rows is None else f"{rows} rows"
