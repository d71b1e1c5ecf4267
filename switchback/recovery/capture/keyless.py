"""Captures a table without a key: equal rows are counted, what comes and what goes is written row by row.

There are no updates here: a changed row goes in one form and comes in the other.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from psycopg import sql

from switchback.recovery import buckets, find, hashing
from switchback.recovery.bundle import Values
from switchback.recovery.copying import Cells
from switchback.recovery.judge import Ancestry
from switchback.recovery.lockstep import in_step
from switchback.recovery.sides import Sides
from switchback.recovery.view import TRUE, View

WIDTH = 4  #: cells before the row's own: hash, count, recent, stamped


@dataclass(frozen=True, kw_only=True)
class Copies:
    """How often one row is on a side."""

    count: int = 0
    recent: int = 0
    stamped: int = 0


@dataclass(frozen=True, kw_only=True)
class Surplus:
    """A row that comes (more than 0) or goes (less), on new's behalf or on old's own."""

    values: Values
    apply: int  #: what new changed
    kept: int  #: what only old changed, as a change that would undo it
    stamped: int  #: of new's copies, those that the timestamp rule sees


def surpluses(sides: Sides, *, stamped_only: bool = False) -> Iterator[Surplus]:
    """Every distinct row that one side has more often than the other.

    `stamped_only`: by the timestamp rule, which sees only rows that come.
    """
    if stamped_only:
        wanted: tuple[sql.Composable, sql.Composable] = (sides.new.stamped, sides.old.stamped)
    elif sides.base or sides.new.pair.estimate < find.SMALL:
        wanted = (TRUE, TRUE)
    else:
        parts = buckets.differing(sides.new, sides.old, lambda view: view.row_hash)
        if not parts.numbers:
            return
        wanted = (parts.wanted(sides.new), parts.wanted(sides.old))
    streams = [_groups(sides.new, wanted[0]), _groups(sides.old, wanted[1])]
    if sides.base:
        streams.append(_groups(sides.base, TRUE))
    for hashes in _aligned(streams):
        for values, (new, old, base) in hashes.items():
            apply, kept = shares(new, old, base, sides.ancestry)
            if stamped_only:
                apply, kept = max(apply, 0), 0
            if apply or kept:
                yield Surplus(values=values, apply=apply, kept=kept, stamped=new.stamped)


def shares(new: Copies, old: Copies, base: Copies, ancestry: Ancestry) -> tuple[int, int]:
    """How many copies come or go on new's behalf, and how many on old's own (to undo what old did). Pure."""
    difference = new.count - old.count
    if ancestry is Ancestry.BASE:
        apply = max(new.count - base.count, -old.count)
    elif ancestry in (Ancestry.RECENCY, Ancestry.EXPORTED):
        untouched = old.count - old.recent
        apply = max(-untouched, min(new.recent, new.count - untouched))
    else:
        apply = difference
    return apply, difference - apply


def _groups(view: View, wanted: sql.Composable) -> Iterator[Cells]:
    names = [sql.Identifier(f"c{number}") for number in range(len(view.columns))]
    named = zip((hashing.output(column) for column in view.columns), names, strict=True)
    return view.rows(
        "diff/list_groups",
        hash=view.row_hash,
        names=sql.SQL("").join([sql.SQL(", {}").format(name) for name in names]),
        named_cells=sql.SQL("").join([sql.SQL(', ({}) collate "C" as {}').format(*pair) for pair in named]),
        wanted=wanted,
    )


def _aligned(streams: list[Iterator[Cells]]) -> Iterator[dict[Values, list[Copies]]]:
    """Rows with one hash from all streams, as the copies of each distinct row per stream (new, old, base)."""
    for met in in_step(streams):
        copies: dict[Values, list[Copies]] = defaultdict(lambda: [Copies(), Copies(), Copies()])
        for number, rows in enumerate(met):
            for row in rows:
                count, recent, stamped = (int(cell or 0) for cell in row[1:WIDTH])
                copies[row[WIDTH:]][number] = Copies(count=count, recent=recent, stamped=stamped)
        yield copies
