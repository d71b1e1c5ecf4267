"""Divides a table's rows so that only those parts are read twice in which the sides differ.

By ranges of an integer key, where rows that are only on new lie together, else by a part of the
hash. The sums only say where to look; they never say that two rows are equal that are not, short of
a collision of 64-bit sums.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar

from psycopg import sql

from switchback.recovery import hashing
from switchback.recovery.catalog import INTEGERS
from switchback.recovery.view import HELPED, View

T = TypeVar("T")
ROWS_PER_BUCKET = 512
MOST = 1 << 16
FEW_RUNS = 16
LIMIT = 1 << 63
Sums = dict[str, tuple[str, str]]


@dataclass(frozen=True, kw_only=True)
class Differing:
    """The parts of a table in which the sides differ."""

    shift: int | None  #: ranges of 2^shift integer keys; None: by hash
    mask: int
    numbers: tuple[int, ...]
    lone: tuple[int, ...]  #: of those, the ones in which old has no row at all
    lone_rows: int  #: new's rows in the lone ones
    other_rows: int  #: both sides' rows in the others

    def wanted(self, view: View) -> sql.Composable:
        """SQL of whether a row of alias t lies in one of them."""
        return self._within(view, self.numbers)

    def in_lone(self, view: View) -> sql.Composable:
        """SQL of whether it lies in a lone one."""
        return self._within(view, self.lone)

    def in_others(self, view: View) -> sql.Composable:
        """SQL of whether it lies in one that is not lone."""
        return self._within(view, tuple(sorted(set(self.numbers) - set(self.lone))))

    def _within(self, view: View, numbers: tuple[int, ...]) -> sql.Composable:
        ranges = list(runs(numbers)) if self.shift is not None else []
        if self.shift is None or not 0 < len(ranges) <= FEW_RUNS:
            return sql.SQL("{} = any({}::bigint[])").format(_bucket(view, self.shift, self.mask), list(numbers))
        key = hashing.of_alias(view.key[0])  # as ranges, which an index finds
        parts = [
            sql.SQL("{} between {} and {}").format(
                key, max(first << self.shift, -LIMIT), min((last + 1 << self.shift) - 1, LIMIT - 1)
            )
            for first, last in ranges
        ]
        return sql.SQL("({})").format(sql.SQL(" or ").join(parts))


def at_once(first: Callable[[], T], second: Callable[[], T]) -> tuple[T, T]:
    """The results of both, worked out side by side: two servers work while we wait."""
    with ThreadPoolExecutor(1) as other:
        later = other.submit(second)
        return first(), later.result()


def differing(new: View, old: View, of: Callable[[View], sql.Composable]) -> Differing:
    """Where the sides differ in what `of` hashes; one scan of each side, at once."""
    mask = _mask(new.pair.estimate)
    shift = _shift(new, old, mask + 1)
    ours, theirs = at_once(lambda: _sums(new, shift, mask, of), lambda: _sums(old, shift, mask, of))
    numbers = {number for number in ours.keys() | theirs.keys() if ours.get(number) != theirs.get(number)}
    lone = numbers - theirs.keys()
    return Differing(
        shift=shift,
        mask=mask,
        numbers=tuple(sorted(map(int, numbers))),
        lone=tuple(sorted(map(int, lone))),
        lone_rows=sum(int(ours[number][0]) for number in lone),
        other_rows=sum(int(side[number][0]) for side in (ours, theirs) for number in numbers - lone if number in side),
    )


def runs(numbers: tuple[int, ...]) -> Iterator[tuple[int, int]]:
    """Ordered numbers as runs without gaps, each by its first and last."""
    first = last = None
    for number in numbers:
        if first is None or last is None or number != last + 1:
            if first is not None and last is not None:
                yield first, last
            first = number
        last = number
    if first is not None and last is not None:
        yield first, last


def _sums(view: View, shift: int | None, mask: int, of: Callable[[View], sql.Composable]) -> Sums:
    found = view.rows("diff/sum_buckets", HELPED, bucket=_bucket(view, shift, mask), hash=of(view))
    return {str(number): (str(count), str(total)) for number, count, total in found}


def _bucket(view: View, shift: int | None, mask: int) -> sql.Composable:
    if shift is not None:
        return sql.SQL("({}::bigint >> {})").format(hashing.of_alias(view.key[0]), sql.Literal(shift))
    return sql.SQL("({} & {})").format(view.key_hash if view.key else view.row_hash, sql.Literal(mask))


def _mask(rows: int) -> int:
    return min(MOST, 1 << (rows // ROWS_PER_BUCKET).bit_length()) - 1


def _shift(new: View, old: View, parts: int) -> int | None:
    if len(new.key) != 1 or not {new.key[0].base_type, old.key[0].base_type} <= set(INTEGERS):
        return None
    ends = [int(end) for view in (new, old) for end in _range(view) if end is not None]
    return max(0, ((max(ends) - min(ends)) // parts).bit_length()) if ends else None


def _range(view: View) -> tuple[str | None, ...]:
    [ends] = view.rows("diff/read_range", column=hashing.of_alias(view.key[0]))
    return ends
