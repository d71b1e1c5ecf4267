"""Which table of new goes home into which table of old, column by column, by name.

A difference between the schemas is mapped where nothing can be lost and refused, all of them at
once, where something could (defects 47, 63). Looks at catalogs only; where rows decide, it asks.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum, auto
from typing import ClassVar

from switchback.domain.errors import Refused
from switchback.recovery import widening
from switchback.recovery.catalog import Column, Database, Name, Sequence, Table, Unique


@dataclass(eq=False)
class SchemaDiffers(Refused):
    """Rows of new do not fit into old as old is."""

    problem: ClassVar[str] = "The schemas differ where rows could be lost:\n- {differences}\n"
    remedy: ClassVar[str] = "Bring old's schema to new's (or sign these tables as a loss), then run again."
    differences: str


@dataclass(frozen=True, kw_only=True)
class Shared:
    """A column that travels, as each side has it."""

    old: Column
    new: Column

    @property
    def name(self) -> str:
        """The name, which is the same on both sides."""
        return self.old.name

    @property
    def faithful(self) -> bool:
        """Whether both sides' own hashes can be compared, if they agree at all (see hashing.py)."""
        return self.old.faithful and self.new.faithful and widening.same_hash(self.old.base_type, self.new.base_type)


@dataclass(frozen=True, kw_only=True)
class Pair:
    """One table on both sides."""

    old: Table
    new: Table
    columns: tuple[Shared, ...]  #: the key's first, then by old's position
    old_key: Unique | None  #: old's index on the key; None: rows are told apart by all their columns
    new_key: Unique | None  #: new's index on the same columns

    @property
    def name(self) -> Name:
        """The name, which is the same on both sides."""
        return self.old.name

    @property
    def key_columns(self) -> tuple[Shared, ...]:
        """The columns of the key, none where there is no key."""
        return self.columns[: len(self.old_key.columns)] if self.old_key else ()

    @property
    def estimate(self) -> int:
        """How many rows the larger side is believed to have."""
        return max(self.old.estimate, self.new.estimate)


@dataclass(frozen=True, kw_only=True)
class Pairing:
    """All tables of both sides, and what a person should know about how they differ."""

    pairs: tuple[Pair, ...]
    sequences: tuple[tuple[Sequence | None, Sequence | None], ...]  #: old, new
    notes: tuple[str, ...]


class Holds(Enum):
    """What only rows can answer."""

    ROWS = auto()  #: is there any row
    VALUES = auto()  #: is there a value in the column
    NULLS = auto()  #: is there a NULL in the column


Asks = Callable[[Table, Holds, str], bool]  #: asks new; the text is a column's name, "" with ROWS


def pair(old: Database, new: Database, holds: Asks) -> Pairing:
    """Old and new, table by table; SchemaDiffers with the whole list where something could be lost."""
    olds, news = old.by_name(), new.by_name()
    losses: list[str] = []
    notes: list[str] = []
    pairs = []
    for name in sorted(olds.keys() | news.keys()):
        if name not in news:
            notes.append(f"{name}: only on old, left as it is")
        elif name not in olds and holds(news[name], Holds.ROWS, ""):
            losses.append(f"{name}: only on new, and it holds rows")
        elif name not in olds:
            notes.append(f"{name}: only on new, empty")
        else:
            found = _pair(olds[name], news[name])
            pairs.append(found)
            losses += [f"{name}, {loss}" for loss in _losses(found, (old.enums, new.enums), holds)]
            notes += [f"{name}, {note}" for note in _notes(found)]
    sequences = tuple(_sequences(old, new, notes, losses))
    if losses:
        raise SchemaDiffers("\n- ".join(losses))
    return Pairing(pairs=tuple(pairs), sequences=sequences, notes=tuple(notes))


def _losses(pair: Pair, enums: tuple[widening.Enums, widening.Enums], holds: Asks) -> Iterator[str]:
    ours = {column.name: column for column in pair.old.columns}
    for column in pair.new.columns:
        loss = _loss(column, ours.get(column.name), enums)
        if isinstance(loss, Holds):
            kept = holds(pair.new, loss, column.name)
            yield from [f"column {column.name}: {HELD[loss]}"] if kept else []
        elif loss:
            yield f"column {column.name}: {loss}"
    for column in pair.old.columns:
        travels = any(shared.name == column.name for shared in pair.columns)
        if column.written and not travels and column.not_null and column.default is None and not column.identity:
            yield f"column {column.name}: only on old, without a default for rows of new"


HELD = {Holds.VALUES: "only on new, and it holds values", Holds.NULLS: "old takes no NULL, new holds some"}


def _loss(column: Column, ours: Column | None, enums: tuple[widening.Enums, widening.Enums]) -> str | Holds:
    if ours is None:
        return Holds.VALUES if column.written else ""
    if not ours.written:
        return "old computes it, new stores what it is given" if column.written else ""
    if not widening.fits(column, ours, enums[1], enums[0]):
        return f"{_told(column, ours)} on new does not fit into {_told(ours, column)} on old"
    return Holds.NULLS if ours.not_null and not column.not_null else ""


def _told(column: Column, other: Column) -> str:
    """Its type; and what that is made of, where it is called the same on the other side."""
    made = column.shape or column.plain_type
    return f"{column.type}, which is ({made})," if other.type == column.type != made else column.type


def _notes(pair: Pair) -> Iterator[str]:
    theirs = {column.name for column in pair.new.columns}
    for column in pair.old.columns:
        if column.name not in theirs:
            yield f"column {column.name}: only on old; rows of new take its default"
    for definition in sorted(set(pair.old.constraints) - set(pair.new.constraints)):
        yield f"only old demands {definition}"


def _pair(old: Table, new: Table) -> Pair:
    theirs = {column.name: column for column in new.columns}
    shared = {
        column.name: Shared(old=column, new=theirs[column.name])
        for column in old.columns
        if column.written and column.name in theirs
    }
    ours, news = _common_key(old, new, frozenset(shared))
    first = ours.columns if ours else ()
    names = (*first, *(name for name in shared if name not in first))
    columns = tuple(shared[name] for name in names)
    return Pair(old=old, new=new, columns=columns, old_key=ours, new_key=news)


def _common_key(old: Table, new: Table, shared: frozenset[str]) -> tuple[Unique, Unique] | tuple[None, None]:
    news = {frozenset(unique.columns): unique for unique in reversed(new.keys)}
    for ours in old.keys:
        columns = frozenset(ours.columns)
        if columns and columns <= shared and columns in news:
            return ours, news[columns]
    return None, None


def _sequences(
    old: Database, new: Database, notes: list[str], losses: list[str]
) -> Iterator[tuple[Sequence | None, Sequence | None]]:
    by_name = {sequence.name: sequence for sequence in old.sequences}
    by_column = {(sequence.table, sequence.column): sequence for sequence in old.sequences if sequence.table}
    met = set()
    for theirs in new.sequences:
        ours = by_name.get(theirs.name) or by_column.get((theirs.table or theirs.name, theirs.column))
        if ours is None:
            notes.append(f"sequence {theirs.name} is only on new")
        else:
            met.add(ours.name)
            if not ours.minimum <= theirs.last_value <= ours.maximum:
                losses.append(f"sequence {theirs.name}: it stands at {theirs.last_value} on new, where old's cannot go")
        yield ours, theirs
    for ours in old.sequences:
        if ours.name not in met:
            yield ours, None
