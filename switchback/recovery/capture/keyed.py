"""Captures a table whose rows have a key: looks each candidate up on every side, judges, writes.

Holds a few thousand keys and one row per side at a time.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

from switchback.recovery.bundle import Values
from switchback.recovery.find import Candidate, Origin
from switchback.recovery.judge import Seen, Verdict, judge, values
from switchback.recovery.sides import Sides
from switchback.recovery.view import Key, View

CHUNK = 4000
ROOM = 8 << 20  #: characters of the values of the rows that are held at a time, wide ones fewer


@dataclass(frozen=True, kw_only=True)
class Difference:
    """A key whose rows were looked at; `verdict` is None where they turned out equal."""

    key: Key
    new: Seen | None
    old: Seen | None
    base: Values | None
    verdict: Verdict | None

    @property
    def size(self) -> int:
        """Characters of all its values."""
        rows = (values(self.new), values(self.old), self.base)
        return sum(len(cell) for row in rows if row for cell in row if cell)


def differences(sides: Sides, candidates: Iterable[Candidate]) -> Iterator[Difference]:
    """The candidates looked up and judged, each difference once."""
    stream = iter(candidates)
    while chunk := list(islice(stream, CHUNK)):
        keys = [key for _, key in chunk]
        for (origin, key), found in zip(chunk, looked_up(sides, keys), strict=True):
            if _is_named_elsewhere(sides, origin, key, found.new):
                continue
            yield found


def chunks(differences: Iterable[Difference], most: int) -> Iterator[list[Difference]]:
    """Up to so many at a time, and no more than there is room for; one at least."""
    chunk: list[Difference] = []
    size = 0
    for difference in differences:
        chunk.append(difference)
        if len(chunk) == most or (size := size + difference.size) > ROOM:
            yield chunk
            chunk, size = [], 0
    if chunk:
        yield chunk


def looked_up(sides: Sides, keys: list[Key]) -> Iterator[Difference]:
    """The rows of these keys on every side, judged, in the keys' order; equality is the key's own."""
    new, old = _rows(sides.new, keys), _rows(sides.old, keys)
    base = _rows(sides.base, keys) if sides.base else iter([None] * len(keys))
    for key, mine, other, held in zip(keys, new, old, base, strict=True):
        ancestor = _was(sides, key, mine, other) if sides.ancestor else held
        verdict = judge(mine, other, ancestor, sides.ancestry, later=sides.later(key, only_on_old=mine is None))
        yield Difference(key=key, new=mine, old=other, base=values(ancestor), verdict=verdict)


def _was(sides: Sides, key: Key, new: Seen | None, old: Seen | None) -> Seen | None:
    """What old held of this key while both sides were fenced."""
    assert sides.ancestor is not None  # noqa: S101 - asked for only where there is one
    spelt = [key, *(row.values[: len(key)] for row in (new, old) if row is not None)]
    was = sides.ancestor.was(sides.old.pair.name, spelt, values(new))
    return None if was is None else Seen(values=was)


def _is_named_elsewhere(sides: Sides, origin: Origin, key: Key, new: Seen | None) -> bool:
    """Whether another candidate stands for the same row: the key is only spelt differently, or new wrote it too."""
    if origin in (Origin.NEW, Origin.NEW_ONLY):
        return False
    if origin is Origin.OLD_ONLY:
        return new is not None
    return new is None or new.recent or new.values[: len(sides.new.key)] != key


def _rows(view: View, keys: list[Key]) -> Iterator[Seen | None]:
    found = view.fetch(keys)
    row = next(found, None)
    for place in range(1, len(keys) + 1):
        if row is not None and row[0] == str(place):
            yield Seen(values=row[3:], recent=row[1] == "t", stamped=row[2] == "t")
            row = next(found, None)
        else:
            yield None
