"""Finds rows that new alone changed and that old, written to meanwhile, would not take.

A unique value that another row of old holds, a parent that went on old, a parent that rows written on
old still refer to. Looked for only where old was written to: else new's own constraints vouch for it.
Tables without a key are not looked into: there the importer's constraints speak.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice

from switchback.recovery import hashing
from switchback.recovery.bundle import Conflict, Operation, Values
from switchback.recovery.capture.keyed import CHUNK, Difference, looked_up
from switchback.recovery.catalog import ForeignKey, Unique
from switchback.recovery.copying import Cells
from switchback.recovery.judge import values
from switchback.recovery.sides import Both, Sides
from switchback.recovery.snapshot import OURSELVES, Reader
from switchback.recovery.spelling import literally
from switchback.recovery.view import BY_INDEX, BY_KEY, Key, Part, View


@dataclass(frozen=True, kw_only=True)
class Obstacle:
    """Why a row would not fit, and the row of old in its way where there is one."""

    conflict: Conflict
    constraint: str
    holder: Values | None = None


@dataclass
class Obstacles:
    """What stands in the way of one table's rows."""

    both: Both
    sides: Sides
    referring: list[tuple[Sides, ForeignKey]] = field(init=False)

    def __post_init__(self) -> None:
        name = self.sides.old.table.name
        self.referring = [
            (self.both.sides(pair), key)
            for pair in self.both.pairing.pairs
            for key in pair.old.foreign_keys
            if key.parent == name and pair.key_columns
        ]

    def of(self, found: Sequence[Difference]) -> dict[Key, Obstacle]:
        """The obstacles of those differences that nothing else holds up, by key."""
        clean = [one for one in found if one.verdict is not None and not one.verdict.conflict]
        coming = [one for one in clean if one.new is not None]
        going = [one for one in clean if one.verdict is not None and one.verdict.operation is Operation.DELETE]
        met: dict[Key, Obstacle] = {}
        for unique in self.sides.old.table.uniques:
            met |= dict(self._taken(coming, unique))
        shared = {column.name for column in self.sides.old.columns}
        for key in self.sides.old.table.foreign_keys:
            if shared.issuperset(key.columns):
                met |= dict(self._orphans(coming, key))
        for children, key in self.referring:
            if shared.issuperset(key.referenced):
                met |= dict(self._bereaved(going, children, key))
        return met

    def _taken(self, coming: Sequence[Difference], unique: Unique) -> Iterator[tuple[Key, Obstacle]]:
        own = self.sides.old.pair.old_key
        if not coming or unique == own or len(unique.terms) != len(unique.operators):
            return
        asked = _present(self.sides.new.terms([one.key for one in coming], unique), coming)
        parts = [
            Part(term=literally(f"({term})"), operator=operator, type=kind)
            for term, operator, kind in zip(unique.terms, unique.operators, unique.types, strict=True)
        ]
        matched = _matched(self.sides.old, asked, parts, unique.predicate, BY_INDEX)
        others = ((one, holder) for one, holder in matched if holder != _old_key(one, len(holder)))
        for one, row in _staying(self.sides, others):
            obstacle = Obstacle(conflict=Conflict.UNIQUE_TAKEN, constraint=unique.name, holder=values(row.old))
            yield one.key, obstacle

    def _orphans(self, coming: Sequence[Difference], key: ForeignKey) -> Iterator[tuple[Key, Obstacle]]:
        pair = next((pair for pair in self.both.pairing.pairs if pair.name == key.parent), None)
        if pair is None or not pair.key_columns or not coming:
            return
        parents = self.both.sides(pair)
        asked = _referring(coming, self.sides.new, key.columns)
        there = {one.key for one, _ in _matched(parents.old, asked, _parts(parents.old, key.referenced, key))}
        missing = [(one, wanted) for one, wanted in asked if one.key not in there]
        theirs = _matched(parents.new, missing, _parts(parents.new, key.referenced, key))
        for one, _ in _staying(parents, theirs):
            yield one.key, Obstacle(conflict=Conflict.PARENT_GONE, constraint=key.name)

    def _bereaved(
        self, going: Sequence[Difference], children: Sides, key: ForeignKey
    ) -> Iterator[tuple[Key, Obstacle]]:
        asked = _referring(going, self.sides.old, key.referenced)
        theirs = _matched(children.old, asked, _parts(children.old, key.columns, key), reader=OURSELVES)
        for one, _ in _staying(children, theirs):
            yield one.key, Obstacle(conflict=Conflict.PARENT_GONE, constraint=key.name)


def _staying(sides: Sides, met: Iterator[tuple[Difference, Key]]) -> Iterator[tuple[Difference, Difference]]:
    """Those whose row of `sides` will stay as old has it: only old changed it, or a person has yet to decide."""
    while part := list(islice(met, CHUNK)):
        for (one, _), row in zip(part, looked_up(sides, [key for _, key in part]), strict=True):
            if row.verdict is not None and row.verdict.conflict is not Conflict.NONE:
                yield one, row


def _old_key(one: Difference, width: int) -> Key | None:
    return None if one.old is None else tuple(cell or "" for cell in one.old.values[:width])


def _present(rows: Iterator[Cells], of: Sequence[Difference]) -> list[tuple[Difference, Key]]:
    found = []
    for place, *cells in rows:
        if all(cell is not None for cell in cells):
            found.append((of[int(place or 0) - 1], tuple(cell or "" for cell in cells)))
    return found


def _referring(of: Sequence[Difference], view: View, names: tuple[str, ...]) -> list[tuple[Difference, Key]]:
    """What each row refers to by these columns; rows with a NULL among them refer to nothing."""
    places = [next(at for at, column in enumerate(view.columns) if column.name == name) for name in names]
    found = []
    for one in of:
        row = values(one.new if view.side == "new" else one.old) or ()
        wanted = tuple(row[place] for place in places)
        if all(cell is not None for cell in wanted):
            found.append((one, tuple(cell or "" for cell in wanted)))
    return found


def _parts(view: View, names: tuple[str, ...], key: ForeignKey) -> list[Part]:
    columns = [view.table.column(name) for name in names]
    return [
        Part(term=hashing.of_alias(column), operator=operator, type=column.type)
        for column, operator in zip(columns, key.operators, strict=True)
    ]


def _matched(
    view: View,
    asked: Sequence[tuple[Difference, Key]],
    parts: Sequence[Part],
    predicate: str | None = None,
    reader: Reader = BY_KEY,
) -> Iterator[tuple[Difference, Key]]:
    """The rows of `view` that are asked for, by key. What is referred to has an index; what refers may have none."""
    if not asked:
        return
    for place, *key in view.matches([wanted for _, wanted in asked], parts, predicate, reader):
        yield asked[int(place or 0) - 1][0], tuple(cell or "" for cell in key)
