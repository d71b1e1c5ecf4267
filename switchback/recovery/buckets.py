"""Divides a table's rows so that only those parts are read twice in which the sides differ.

By ranges of an integer key, where rows that differ lie together, else by a part of the hash. The sums only say where to
look; they never say that two rows are equal that are not, short of a collision of 64-bit sums.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar

from psycopg import sql

from switchback.recovery import hashing
from switchback.recovery.view import HELPED, TRUE, View

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

    def wanted(self, view: View) -> sql.Composable:
        """SQL of whether a row of alias t lies in one of them."""
        ranges = list(runs(self.numbers)) if self.shift is not None else []
        if self.shift is None or not 0 < len(ranges) <= FEW_RUNS:
            return sql.SQL("{} = any({}::bigint[])").format(_bucket(view, self.shift, self.mask), list(self.numbers))
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


def differing(
    new: View, old: View, of: Callable[[View], sql.Composable], looked_at: sql.Composable = TRUE
) -> Differing:
    """Where the sides differ in what `of` hashes, of new only some rows; one scan of each side, at once."""
    mask = _mask(new.pair.estimate)
    shift = _shift(new, old, mask + 1)
    ours, theirs = at_once(lambda: _sums(new, shift, mask, of, looked_at), lambda: _sums(old, shift, mask, of, TRUE))
    numbers = {number for number in ours.keys() | theirs.keys() if ours.get(number) != theirs.get(number)}
    return Differing(shift=shift, mask=mask, numbers=tuple(sorted(map(int, numbers))))


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


def _sums(
    view: View, shift: int | None, mask: int, of: Callable[[View], sql.Composable], looked_at: sql.Composable
) -> Sums:
    bucket = _bucket(view, shift, mask)
    found = view.rows("diff/sum_buckets", HELPED, bucket=bucket, hash=of(view), wanted=looked_at)
    return {str(number): (str(count), str(total)) for number, count, total in found}


def _bucket(view: View, shift: int | None, mask: int) -> sql.Composable:
    if shift is not None:
        return sql.SQL("({}::bigint >> {})").format(hashing.of_alias(view.key[0]), sql.Literal(shift))
    return sql.SQL("({} & {})").format(view.key_hash if view.key else view.row_hash, sql.Literal(mask))


def _mask(rows: int) -> int:
    return min(MOST, 1 << (rows // ROWS_PER_BUCKET).bit_length()) - 1


def _shift(new: View, old: View, parts: int) -> int | None:
    if not (new.numbered and old.numbered):
        return None
    ends = [int(end) for view in (new, old) for end in _range(view) if end is not None]
    return max(0, ((max(ends) - min(ends)) // parts).bit_length()) if ends else None


def _range(view: View) -> tuple[str | None, ...]:
    [ends] = view.rows("diff/read_range", column=hashing.of_alias(view.key[0]))
    return ends
