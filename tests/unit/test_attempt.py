"""Attempts: look, plan, refuse, record, apply, look again; resumed and undone from every point."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from switchback.domain.errors import HalfDone, Refused
from switchback.domain.journal import Kind
from switchback.domain.step import Runbook
from switchback.rollback import lifecycle
from switchback.rollback.attempt import DidNotHold, Ended, OnlyBack, PastReturn, Rollback
from switchback.rollback.records import Outcome, Request, Way
from switchback.systems.journal.file import FileStore
from switchback.systems.journal.store import AlreadyHeld
from tests.lamp import Lamp, Light

RUN = "dns-switchback-dev-00000000"
REQUEST = Request(way=Way.DNS_SWITCHBACK, environment="dev", incident="errors", requested_by="Ada")


class Killed(BaseException):
    """The runner died here."""


@pytest.fixture
def store(tmp_path: Path) -> FileStore:
    made = FileStore(tmp_path / "dev")
    lifecycle.begin(made, RUN, REQUEST)
    return made


@contextmanager
def dying(store: FileStore, after: int, *, written: bool) -> Iterator[Rollback]:
    """An attempt whose runner dies at its nth write, before or after the line is in the journal."""
    with lifecycle.opened(store, RUN) as rollback:
        real: Callable[..., None] = rollback._turn.append
        writes = 0

        def append(line: bytes, known: object) -> None:
            nonlocal writes
            if writes == after and not written:
                raise Killed
            real(line, known)
            writes += 1
            if writes == after + 1 and written:
                raise Killed

        rollback._turn.append = append  # type: ignore[method-assign]
        yield rollback


def book(*lamps: Lamp, no_return: str = "") -> Runbook:
    return Runbook(title="lights on", preconditions=(), items=lamps, no_return=no_return)


def die(store: FileStore, after: int, lamps: list[Lamp], *, written: bool) -> None:
    with pytest.raises(Killed), dying(store, after, written=written) as rollback:  # noqa: PT012 - any of them dies
        for lamp in lamps:
            rollback.carry_out(lamp)


@pytest.mark.parametrize("written", [False, True])
@pytest.mark.parametrize("boundary", range(4))
def test_an_attempt_killed_at_any_boundary_is_resumed(store: FileStore, boundary: int, written: bool) -> None:  # noqa: FBT001
    """Two steps write four records; dying around each one and starting again ends in the same state."""
    lamps = [Lamp("one"), Lamp("two")]
    die(store, boundary, lamps, written=written)
    with lifecycle.opened(store, RUN) as rollback:
        for lamp in lamps:
            rollback.carry_out(lamp)
        told = [(record.kind, record.step) for record in rollback.records[1:]]
    assert [lamp.on for lamp in lamps] == [True, True]
    assert [lamp.applied for lamp in lamps] == [1, 1]
    steps = [(kind, name) for name in ("one", "two") for kind in (Kind.INTENT, Kind.OBSERVED)]
    assert told == steps


@pytest.mark.parametrize("written", [False, True])
@pytest.mark.parametrize("boundary", range(4))
def test_an_attempt_killed_at_any_boundary_is_undone(store: FileStore, boundary: int, written: bool) -> None:  # noqa: FBT001
    """Whatever was begun is taken back to what was there before the first try."""
    lamps = [Lamp("one"), Lamp("two", on=False)]
    die(store, boundary, lamps, written=written)
    with lifecycle.opened(store, RUN) as rollback:
        rollback.undo(book(*lamps))
        assert rollback.undo(book(*lamps)) == ()
    assert [lamp.on for lamp in lamps] == [False, False]


def test_what_already_holds_is_not_done_and_not_undone(store: FileStore) -> None:
    """A step whose world is as wanted is recorded as such."""
    lamp = Lamp("one", on=True)
    with lifecycle.opened(store, RUN) as rollback:
        rollback.carry_out(lamp)
        assert rollback.undo(book(lamp)) == ()
    assert lamp.on
    assert lamp.applied == 0


def test_past_the_point_of_no_return_it_only_goes_forward(store: FileStore) -> None:
    """Refused before anything is undone; the attempt may be carried on."""
    lamps = [Lamp("one"), Lamp("two")]
    with lifecycle.opened(store, RUN) as rollback:
        rollback.carry_out(lamps[0])
        rollback.carry_out(lamps[1])
        with pytest.raises(PastReturn, match="two"):
            rollback.undo(book(*lamps, no_return="two"))
        assert all(lamp.on for lamp in lamps)
        rollback.carry_out(lamps[1])


def test_a_step_that_does_not_hold_is_half_done(store: FileStore) -> None:
    """Applied is not enough: the world is looked at again."""
    with lifecycle.opened(store, RUN) as rollback, pytest.raises(DidNotHold, match="one: applied, but 1") as stop:
        rollback.carry_out(Lamp("one", broken=True))
    assert isinstance(stop.value, HalfDone)


def test_an_attempt_that_is_being_undone_only_goes_back(store: FileStore) -> None:
    """After undo began, no step is carried out."""
    with lifecycle.opened(store, RUN) as rollback:
        rollback.undo(book())
        with pytest.raises(OnlyBack):
            rollback.carry_out(Lamp("one"))


def test_an_ended_attempt_stays_as_it_is(store: FileStore) -> None:
    """Neither forward nor back."""
    lifecycle.close(store, RUN, Outcome.DONE, {})
    with lifecycle.opened(store, RUN) as rollback:
        for act in (lambda: rollback.carry_out(Lamp("one")), lambda: rollback.undo(book())):
            with pytest.raises(Ended):
                act()


def test_a_second_attempt_is_refused_until_the_first_has_ended(store: FileStore) -> None:
    """One rollback per environment, also while nobody runs it."""
    with pytest.raises(AlreadyHeld, match=RUN):
        lifecycle.begin(store, "dns-switchback-dev-11111111", REQUEST)
    lifecycle.close(store, RUN, Outcome.UNDONE, {})
    lifecycle.begin(store, "dns-switchback-dev-11111111", REQUEST)


def test_the_approved_plan_stands_once_a_step_has_begun(store: FileStore) -> None:
    """A plan made again before the first step may differ; afterwards it is the approved one."""
    lamps = (Lamp("one"), Lamp("two"))
    runbook = book(*lamps)
    with lifecycle.opened(store, RUN) as rollback:
        first = rollback.plan(runbook)
        lamps[0].on = True
        second = rollback.plan(runbook)
        assert first.digest != second.digest
        rollback.carry_out(lamps[1])
        assert rollback.plan(runbook) == second
        assert rollback.planned(lamps[1]) == Light(on=False)


def test_a_refused_step_leaves_no_intent(store: FileStore) -> None:
    """Refused means that nothing was changed, also in the journal."""

    class Unsafe(Lamp):
        def refuse_if_unsafe(self, seen: Light, planned: Light | None) -> None:
            super().refuse_if_unsafe(seen, planned)
            raise Refused

    with lifecycle.opened(store, RUN) as rollback:
        before = rollback.records
        with pytest.raises(Refused):
            rollback.carry_out(Unsafe("one"))
        assert rollback.records == before


def test_what_a_later_step_took_back_is_not_done_again(store: FileStore) -> None:
    """A fence is not put up again before users whom the same attempt has let in; before that it is."""
    fence, opened = Lamp("fence"), Lamp("open")
    with lifecycle.opened(store, RUN) as rollback:
        rollback.carry_out(fence, opened.name)
        fence.on = False
        assert rollback.carry_out(fence, opened.name) == Light(on=True)
        assert fence.applied == 2
        rollback.carry_out(opened)
        fence.on = False
        lines = len(rollback.records)
        assert rollback.carry_out(fence, opened.name) == Light(on=True)
        assert rollback.prove(fence, opened.name) == Light(on=True)
    assert (fence.on, fence.applied, len(rollback.records)) == (False, 2, lines)
