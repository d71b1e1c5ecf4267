"""Where old's sequences go, for every start, step, direction and pile of rows."""

from dataclasses import replace

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from switchback.systems.postgres.facts import Position
from switchback.systems.postgres.sequences import Pair, SequenceExhausted, Sequences, Standing, plan

LIMIT = 10_000
VALUES = st.integers(-LIMIT, LIMIT)


def standing(increment: int, last_value: int, *, is_called: bool, ends: tuple[int, int] | None) -> Standing:
    """A sequence with room in both directions, and rows between the ends."""
    position = Position(
        schema="public",
        name="s",
        owner="app",
        increment=increment,
        min_value=-LIMIT * 100,
        max_value=LIMIT * 100,
        cache=1,
        cycle=False,
        last_value=last_value,
        is_called=is_called,
    )
    return Standing(position=position, lowest=min(ends) if ends else None, highest=max(ends) if ends else None)


def seen(old: Standing, new: Standing) -> Sequences:
    """Both sides of one sequence."""
    return Sequences(old_at="old", both=(Pair(old=old, new=new),), only_old=(), only_new=(), cycling=())


@st.composite
def pairs(draw: st.DrawFn) -> tuple[Standing, Standing]:
    """The same sequence on both sides, anywhere."""
    increment = draw(st.integers(-50, 50).filter(bool))
    ends = st.none() | st.tuples(VALUES, VALUES)
    old, new = (standing(increment, draw(VALUES), is_called=draw(st.booleans()), ends=draw(ends)) for _ in range(2))
    return old, new


@example((standing(-1, 1, is_called=False, ends=None), standing(-1, 2, is_called=False, ends=(1, 1))), 1)
@given(pairs(), st.integers(1, 100))
def test_old_hands_out_only_what_nobody_has(sides: tuple[Standing, Standing], gap: int) -> None:
    """Old's next value is past everything stored or handed out on both sides, on its own steps, never backwards."""
    old, new = sides
    way = 1 if old.position.increment > 0 else -1
    moves = plan(seen(old, new), gap)
    goes_on = moves[0].after if moves else old.position.next_value
    assert way * goes_on >= way * old.position.next_value
    assert (goes_on - old.position.next_value) % old.position.increment == 0
    assert way * goes_on >= way * new.position.next_value + gap * abs(old.position.increment)
    for side in sides:
        for stored in (side.lowest, side.highest):
            assert stored is None or way * goes_on > way * stored
    for move in moves:
        assert move.before == old.position.next_value


@given(pairs(), st.integers(1, 100))
def test_a_plan_that_was_applied_is_empty(sides: tuple[Standing, Standing], gap: int) -> None:
    """Also after old has handed out and stored one value more, which is not new's doing."""
    old, new = sides
    for move in plan(seen(old, new), gap):
        applied = replace(old, position=replace(old.position, last_value=move.after, is_called=False))
        assert plan(seen(applied, new), gap) == ()
        used = replace(applied.position, is_called=True)
        assert plan(seen(Standing(position=used, lowest=move.after, highest=move.after), new), gap) == ()


def ending(last_value: int) -> Sequences:
    """Old has not begun and may go up to 1100; new has handed out `last_value`."""
    old = standing(1, 1, is_called=False, ends=None)
    bounded = replace(old, position=replace(old.position, max_value=1100))
    return seen(bounded, standing(1, last_value, is_called=True, ends=None))


def test_the_bound_may_be_reached() -> None:
    """The last value that fits is planned."""
    (move,) = plan(ending(99), 1000)
    assert move.after == 1100


def test_the_bound_may_not_be_passed() -> None:
    """One more is refused, with what is needed and what there is."""
    with pytest.raises(SequenceExhausted, match=r"1101.* 1100"):
        plan(ending(100), 1000)


def test_a_sparing_plan_leaves_half_of_what_is_left() -> None:
    """However far it would like to go, and is empty once applied; one with room enough goes all the way."""
    (move,) = plan(ending(100), 1000, sparing=True)
    assert move.after == 101 + (1100 - 101) // 2
    assert plan(ending(99), 300, sparing=True)[0].after == 400
    used_up = ending(100)
    moved = replace(used_up.both[0].old, position=replace(used_up.both[0].old.position, last_value=move.after))
    assert plan(seen(moved, used_up.both[0].new), 1000, sparing=True) == ()
