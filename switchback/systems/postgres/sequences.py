"""Sequences of old, moved past everything that new ever handed out, so that rows brought home later never collide.

Never moves one backwards, never touches new. Postgres counts the values that a session caches as handed
out already, so `cache` needs no room of its own.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import ClassVar

from psycopg.rows import class_row
from psycopg.sql import Identifier

from switchback.domain.errors import HalfDone, Refused
from switchback.systems.postgres import connection, facts, sqlfiles
from switchback.systems.postgres.connection import Connection
from switchback.systems.postgres.facts import Position


@dataclass(eq=False)
class SequenceExhausted(Refused):
    """A sequence has no room past what was handed out, plus the gap."""

    problem: ClassVar[str] = "Sequence {sequence} of {place} would have to continue at {needed}, its bound is {bound}."
    remedy: ClassVar[str] = "Widen the column and the sequence (ALTER SEQUENCE ... MAXVALUE), or lower sequence_gap."
    place: str
    sequence: str
    needed: int
    bound: int


@dataclass(eq=False)
class SequencesBehind(HalfDone):
    """A sequence is not where it was moved to."""

    problem: ClassVar[str] = "On {place} these sequences did not move: {sequences}."
    remedy: ClassVar[str] = "Somebody set or dropped them meanwhile: find out who, then run again."
    place: str
    sequences: str


@dataclass(frozen=True, kw_only=True)
class Standing:
    """A sequence on one side, and the outermost values in the columns that it fills (null: no rows)."""

    position: Position
    lowest: int | None
    highest: int | None


@dataclass(frozen=True, kw_only=True)
class Pair:
    """The same sequence on both sides."""

    old: Standing
    new: Standing


@dataclass(frozen=True, kw_only=True)
class Sequences:
    """Every sequence of a database, on both sides."""

    old_at: str  #: host:port/database of old
    both: tuple[Pair, ...]
    only_old: tuple[str, ...]
    only_new: tuple[str, ...]
    cycling: tuple[str, ...]  #: hand out values again by design: columns that they fill do not bind them


@dataclass(frozen=True, kw_only=True)
class SequenceMove:
    """What old's sequence hands out next, before and after."""

    schema: str
    name: str
    owner: str
    before: int
    after: int


@dataclass(frozen=True, kw_only=True)
class _Filled:
    sequence_schema: str
    sequence_name: str
    schema: str
    table: str
    column: str


def look(old: Connection, new: Connection) -> Sequences:
    """Where every sequence stands on both sides, and what its columns hold. Changes nothing."""
    return _paired(connection.place_of(old), _standings(old), _standings(new))


def look_at_old(old: Connection, new: Iterable[Position]) -> Sequences:
    """The same where new cannot be read: `new` is how its sequences stood when old held all of its rows."""
    return _paired(
        connection.place_of(old),
        _standings(old),
        (Standing(position=position, lowest=None, highest=None) for position in new),
    )


def _paired(old_at: str, old: Iterable[Standing], new: Iterable[Standing]) -> Sequences:
    mine, theirs = ({_name(each.position): each for each in side} for side in (old, new))
    both = sorted(mine.keys() & theirs.keys())
    return Sequences(
        old_at=old_at,
        both=tuple(Pair(old=mine[name], new=theirs[name]) for name in both),
        only_old=tuple(sorted(mine.keys() - theirs.keys())),
        only_new=tuple(sorted(theirs.keys() - mine.keys())),
        cycling=tuple(name for name in both if mine[name].position.cycle),
    )


def plan(seen: Sequences, gap: int, *, sparing: bool = False) -> tuple[SequenceMove, ...]:
    """The moves after which old hands out only values that neither side has handed out or stored.

    Past new's own position and rows there are `gap` steps in addition, but with `sparing` never more than half of
    what a sequence has left. Empty once applied. Raises SequenceExhausted.
    """
    moves = (_move(seen.old_at, pair, gap, sparing=sparing) for pair in seen.both)
    return tuple(move for move in moves if move is not None)


def apply(old: Connection, moves: tuple[SequenceMove, ...]) -> None:
    """Move old's sequences as planned, as their owners. A second call moves nothing. Raises SequencesBehind."""
    with connection.translated(old):
        for move in moves:
            with old.transaction():
                old.execute(sqlfiles.load("access/become").format(role=Identifier(move.owner)))
                statement = sqlfiles.load("sequences/move_sequence")
                sequence = Identifier(move.schema, move.name)
                old.execute(statement.format(sequence=sequence), {"next_value": move.after})
        now = {(each.schema, each.name): each for each in facts.positions(old)}
    if behind := [move for move in moves if not _reached(now.get((move.schema, move.name)), move.after)]:
        names = ", ".join(f"{move.schema}.{move.name}" for move in behind)
        raise SequencesBehind(connection.place_of(old), names)


def _standings(session: Connection) -> Iterator[Standing]:
    columns = defaultdict[tuple[str, str], list[_Filled]](list)
    with connection.translated(session), connection.holding_still(session):
        listed = session.cursor(row_factory=class_row(_Filled)).execute(sqlfiles.load("sequences/list_filled_columns"))
        for each in listed.fetchall():
            columns[each.sequence_schema, each.sequence_name].append(each)
        for position in facts.positions(session):
            ends = [_extremes(session, each) for each in columns[position.schema, position.name]]
            held = [end for pair in ends for end in pair if end is not None]
            yield Standing(position=position, lowest=min(held, default=None), highest=max(held, default=None))


def _extremes(session: Connection, filled: _Filled) -> tuple[int | None, int | None]:
    statement = sqlfiles.load("sequences/read_extremes")
    table, column = Identifier(filled.schema, filled.table), Identifier(filled.column)
    lowest, highest = session.execute(statement.format(table=table, column=column)).fetchone() or (None, None)
    return (None if lowest is None else int(lowest), None if highest is None else int(highest))


def _move(place: str, pair: Pair, gap: int, *, sparing: bool) -> SequenceMove | None:
    old = pair.old.position
    way, step = (1, abs(old.increment)) if old.increment > 0 else (-1, abs(old.increment))
    new_next = way * pair.new.position.next_value
    bound = old.max_value if way > 0 else old.min_value
    needed = max([new_next, *_beyond(pair.new, way)])
    steps = max(0, min(gap, (way * bound - needed) // step // 2)) if sparing else gap
    needed = max([needed + steps * step, *_beyond(pair.old, way)])
    short = needed - way * old.next_value
    if short <= 0:
        return None
    after = old.next_value + way * -(-short // step) * step
    if way * after > way * bound:
        if old.cycle:
            return None
        raise SequenceExhausted(place, _name(old), after, bound)
    return SequenceMove(schema=old.schema, name=old.name, owner=old.owner, before=old.next_value, after=after)


def _beyond(standing: Standing, way: int) -> tuple[int, ...]:
    """The first value past the stored ones, in the sequence's own direction; none without rows, or when it cycles."""
    furthest = standing.highest if way > 0 else standing.lowest
    return () if furthest is None or standing.position.cycle else (way * furthest + 1,)


def _reached(position: Position | None, wanted: int) -> bool:
    if position is None:
        return False
    return position.next_value >= wanted if position.increment > 0 else position.next_value <= wanted


def _name(position: Position) -> str:
    return f"{position.schema}.{position.name}"
