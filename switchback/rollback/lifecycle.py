"""How an attempt begins, is held and ends: one per environment, also while it waits for approval."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime

from switchback.domain.journal import Json, Kind
from switchback.rollback import records
from switchback.rollback.attempt import Rollback
from switchback.rollback.records import Outcome, Request
from switchback.systems.journal import Holder, Store


@contextmanager
def opened(store: Store, run: str) -> Iterator[Rollback]:
    """The attempt, held as its only runner while the block lasts; raises RunnerAlive or JournalTampered."""
    with store.turn(run) as turn:
        yield Rollback(run, store, turn)


def begin(store: Store, run: str, request: Request) -> None:
    """Lock the environment for an attempt and open its journal; a second call changes nothing. Raises AlreadyHeld.

    An attempt that has ended holds nothing, whatever died before the lock was taken away.
    """
    if run in store.runs() and records.outcome(records.read(store, run)):
        store.unlock(run)
        return
    since = datetime.now(UTC).isoformat(timespec="seconds")
    store.lock(Holder(run=run, by=request.requested_by, since=since))
    with opened(store, run) as rollback:
        rollback.open(request)


def close(store: Store, run: str, result: Outcome, data: Mapping[str, Json]) -> None:
    """End an attempt and free its environment; a second call only makes sure that it is freed."""
    with opened(store, run) as rollback:
        if rollback.ended is None:
            rollback.note(Kind.CLOSED, {**data, "outcome": result.value})
    store.unlock(run)
