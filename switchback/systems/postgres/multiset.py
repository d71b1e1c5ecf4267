"""Rows that nothing identifies, counted as multisets: both sides in the order of their digests, merged. Reads only."""

from collections.abc import Iterator
from dataclasses import dataclass

from psycopg.rows import class_row

from switchback.systems.postgres import sqlfiles
from switchback.systems.postgres.since import Side
from switchback.systems.postgres.tables import Table


@dataclass(frozen=True, kw_only=True)
class Group:
    """Equal rows of one side."""

    digest: bytes
    rows: int
    touched: int


@dataclass(frozen=True, kw_only=True)
class Surplus:
    """Equal rows that one side has more of: how many more, and how many of its own were written since."""

    on_new: bool
    rows: int
    touched: int
    untouched: int


def surpluses(old: Side, old_table: Table, new: Side, new_table: Table) -> Iterator[Surplus]:
    """Every kind of row that one side has more of than the other."""
    ours, theirs = _groups(old, old_table), _groups(new, new_table)
    mine, other = next(ours, None), next(theirs, None)
    while mine or other:
        have = mine if mine and (not other or mine.digest <= other.digest) else None
        has = other if other and (not mine or other.digest <= mine.digest) else None
        more = (has.rows if has else 0) - (have.rows if have else 0)
        side = has if more > 0 else have
        if more and side:
            yield Surplus(on_new=more > 0, rows=abs(more), touched=side.touched, untouched=side.rows - side.touched)
        mine, other = (next(ours, None) if have else mine), (next(theirs, None) if has else other)


def _groups(side: Side, table: Table) -> Iterator[Group]:
    statement = sqlfiles.load("waiting/stream_multiset").format(table=table.rows, columns=table.line)
    for batch in side.batches(class_row(Group), statement, {"bound": side.bound}):
        yield from batch
