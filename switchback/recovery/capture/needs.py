"""Finds what rows need of others before they fit into old.

That another row of old no longer holds a unique value, that a parent is there, that no child refers to one that goes.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice

from switchback.recovery import hashing
from switchback.recovery.bundle import Conflict, Values
from switchback.recovery.capture.keyed import CHUNK, Difference, looked_up
from switchback.recovery.catalog import ForeignKey, Name, Unique
from switchback.recovery.copying import Cells
from switchback.recovery.judge import Deletes, conflict_of, values
from switchback.recovery.sides import Both, Sides
from switchback.recovery.snapshot import OURSELVES, Reader
from switchback.recovery.spelling import literally
from switchback.recovery.view import BY_INDEX, BY_KEY, Key, Part, View

Node = tuple[Name, Key]
Met = tuple[Difference, Sides, Difference, Unique | ForeignKey]  # a row, the other one it meets, and by what rule


@dataclass(frozen=True, kw_only=True)
class Obstacle:
    """Why a row would not fit, and the row of old in its way where there is one."""

    conflict: Conflict
    constraint: str
    holder: Values | None = None


@dataclass(frozen=True, kw_only=True)
class Need:
    """A row that does not fit as long as another one stays as old has it."""

    row: Node
    other: Node
    stays: bool  #: whether the other one does by itself, whatever it needs in turn
    obstacle: Obstacle


@dataclass(frozen=True)
class Needs:
    """What the rows of any table need."""

    both: Both
    deletes: Deletes

    @cached_property
    def sides(self) -> dict[Name, Sides]:
        """The tables whose rows can be told apart."""
        return {pair.name: self.both.sides(pair) for pair in self.both.pairing.pairs if pair.key_columns}

    @cached_property
    def _referring(self) -> dict[Name, list[tuple[Sides, ForeignKey]]]:
        found = defaultdict[Name, list[tuple[Sides, ForeignKey]]](list)
        for children in self.sides.values():
            for key in children.old.table.foreign_keys:
                found[key.parent].append((children, key))
        return found

    def of(self, table: Name, found: Sequence[Difference]) -> Iterator[Need]:
        """What those differences need that nothing else holds up."""
        clean = [one for one in found if one.verdict and not self._stays(table, one)]
        for row, sides, other, rule in self._met(table, clean):
            where = sides.old.pair.name
            stays = self._stays(where, other)
            conflict, holder = Conflict.PARENT_GONE if stays else Conflict.DEPENDS, None
            if isinstance(rule, Unique):
                conflict, holder = Conflict.UNIQUE_TAKEN, values(other.old)
            obstacle = Obstacle(conflict=conflict, constraint=rule.name, holder=holder)
            yield Need(row=(table, row.key), other=(where, other.key), stays=stays, obstacle=obstacle)

    def _met(self, table: Name, clean: Sequence[Difference]) -> Iterator[Met]:
        sides = self.sides[table]
        coming = [one for one in clean if one.new is not None]
        going = [one for one in clean if one.new is None]
        for unique in sides.old.table.uniques:
            yield from _taken(sides, coming, unique)
        shared = {column.name for column in sides.old.columns}
        for key in sides.old.table.foreign_keys:
            if key.parent in self.sides and shared.issuperset(key.columns):
                yield from _orphans(sides, coming, self.sides[key.parent], key)
        for children, key in self._referring[table]:
            if shared.issuperset(key.referenced):
                yield from _bereaved(sides, going, children, key)

    def _stays(self, table: Name, row: Difference) -> bool:
        """Whether only old changed a row, or a person has yet to decide on it."""
        verdict = row.verdict
        return bool(verdict and conflict_of(verdict.operation, verdict.conflict, self.deletes.of(table)))


def _taken(sides: Sides, coming: Sequence[Difference], unique: Unique) -> Iterator[Met]:
    own = sides.old.pair.old_key
    if not coming or unique == own or len(unique.terms) != len(unique.operators):
        return
    asked = _present(sides.new.terms([one.key for one in coming], unique), coming)
    parts = [
        Part(term=literally(f"({term})"), operator=operator, type=kind)
        for term, operator, kind in zip(unique.terms, unique.operators, unique.types, strict=True)
    ]
    matched = _matched(sides.old, asked, parts, unique.predicate, BY_INDEX)
    others = ((one, holder) for one, holder in matched if holder != _old_key(one, len(holder)))
    yield from _differing(sides, others, unique)


def _orphans(sides: Sides, coming: Sequence[Difference], parents: Sides, key: ForeignKey) -> Iterator[Met]:
    asked = _referring(coming, sides.new, key.columns)
    there = {one.key for one, _ in _matched(parents.old, asked, _parts(parents.old, key.referenced, key))}
    missing = [(one, wanted) for one, wanted in asked if one.key not in there]
    theirs = _matched(parents.new, missing, _parts(parents.new, key.referenced, key))
    yield from _differing(parents, theirs, key)


def _bereaved(sides: Sides, going: Sequence[Difference], children: Sides, key: ForeignKey) -> Iterator[Met]:
    asked = _referring(going, sides.old, key.referenced)
    theirs = _matched(children.old, asked, _parts(children.old, key.columns, key), reader=OURSELVES)
    yield from _differing(children, theirs, key)


def _differing(sides: Sides, met: Iterator[tuple[Difference, Key]], rule: Unique | ForeignKey) -> Iterator[Met]:
    """Those rows of `sides` that are not the same on both."""
    while part := list(islice(met, CHUNK)):
        for (one, _), other in zip(part, looked_up(sides, [key for _, key in part]), strict=True):
            if other.verdict is not None:
                yield one, sides, other, rule


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
