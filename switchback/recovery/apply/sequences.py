"""Sequences: old's go on where new's stand, or stay where they are when old is further. Never backwards.

`setval` alone would survive a rollback; restarting the sequence first makes the whole step one that is undone
with its transaction.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from psycopg.rows import tuple_row
from psycopg.sql import Identifier, Literal

from switchback.recovery.apply import roles
from switchback.recovery.bundle import Position, SequenceNote
from switchback.recovery.session import Connection
from switchback.systems.postgres import sqlfiles


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where a sequence stands."""

    last_value: int
    is_called: bool

    def following(self, increment: int) -> int:
        """What it hands out next."""
        return self.last_value + increment if self.is_called else self.last_value


@dataclass(frozen=True, kw_only=True)
class Move:
    """One sequence of old, from where to where."""

    schema: str
    name: str
    before: Place
    after: Place


def move_on(link: Connection, acting: roles.Roles, notes: Iterable[SequenceNote]) -> tuple[Move, ...]:
    """Set old's sequences to new's positions where those are further; returns the moves made.

    Of one that cycles nothing is further: it goes where new's is.
    """
    moves = []
    for note in notes:
        if note.old is None or note.new is None:
            continue
        move = _wanted(link, acting, note.old, note.new, 0 if note.cycles else note.increment)
        if move is not None:
            put(link, acting, move, move.after)
            moves.append(move)
    return tuple(moves)


def read(link: Connection, acting: roles.Roles, schema: str, name: str) -> Place | None:
    """Where a sequence of old stands; None where there is none."""
    owner = _owner(link, schema, name)
    if owner is None:
        return None
    place = sqlfiles.load("apply/read_sequence").format(sequence=Identifier(schema, name))
    with acting.acting_for(owner, f"{schema}.{name}"):
        row = link.cursor(row_factory=tuple_row).execute(place).fetchone()
    return Place(last_value=row[0], is_called=row[1]) if row else None


def put(link: Connection, acting: roles.Roles, move: Move, place: Place) -> None:
    """Set the sequence, as its owner."""
    sequence = Identifier(move.schema, move.name)
    shown = f"{move.schema}.{move.name}"
    with acting.acting_for(_owner(link, move.schema, move.name) or "", shown):
        link.execute(sqlfiles.load("apply/restart_sequence").format(sequence=sequence))
        link.execute(
            sqlfiles.load("apply/set_sequence").format(
                sequence=Literal(sequence.as_string(link)),
                last_value=Literal(place.last_value),
                is_called=Literal(place.is_called),
            )
        )


def _wanted(link: Connection, acting: roles.Roles, old: Position, new: Position, increment: int) -> Move | None:
    before = read(link, acting, old.schema, old.name)
    after = Place(last_value=new.last_value, is_called=new.is_called)
    if before is None or before == after:
        return None
    ahead = after.following(increment) - before.following(increment)
    if ahead * increment < 0:
        return None
    return Move(schema=old.schema, name=old.name, before=before, after=after)


def _owner(link: Connection, schema: str, name: str) -> str | None:
    row = (
        link.cursor(row_factory=tuple_row)
        .execute(sqlfiles.load("apply/read_sequence_owner"), {"schema": schema, "name": name})
        .fetchone()
    )
    return row[0] if row else None
