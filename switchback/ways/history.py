"""What the journals of an environment say: which cutover stands, and whether anybody has gone back since."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import ClassVar

from switchback.domain.errors import Refused
from switchback.domain.journal import Record
from switchback.domain.model import aware
from switchback.rollback import records
from switchback.rollback.records import Outcome, Request, Way
from switchback.settings import Environment
from switchback.steps import postgres
from switchback.systems.journal import Store


@dataclass(frozen=True, kw_only=True)
class Told:
    """One attempt, as its journal tells it."""

    run: str
    records: tuple[Record, ...]

    @property
    def way(self) -> Way:
        """What it was for."""
        return records.request(self.records).way

    @property
    def done(self) -> bool:
        """Whether it reached its end."""
        return records.outcome(self.records) is Outcome.DONE


@dataclass(eq=False)
class NoCutover(Refused):
    """There is nothing to go back from."""

    problem: ClassVar[str] = "{environment}: no cutover is recorded that users are on new by."
    remedy: ClassVar[str] = (
        "Users are on old: new can be destroyed, once nothing waits on it. If old itself is damaged, restore it by "
        "hand: switchback backups {environment} names the proven backups."
    )
    environment: str


@dataclass(eq=False)
class AlreadyCutOver(Refused):
    """Users already are on new."""

    problem: ClassVar[str] = "{environment}: users were sent to new by {run} and have not gone back since."
    remedy: ClassVar[str] = "Take a way back first."
    environment: str
    run: str


@dataclass(eq=False)
class CutoverInFuture(Refused):
    """A cutover that has not happened yet cannot be gone back from."""

    problem: ClassVar[str] = "{run} is recorded at {at}, which is in the future."
    remedy: ClassVar[str] = "Check this machine's clock and the journal (switchback journal verify)."
    run: str
    at: str


@dataclass(eq=False)
class BadInstant(Refused):
    """What was given is no instant."""

    problem: ClassVar[str] = "{given!r} is not an instant."
    remedy: ClassVar[str] = "Write it as 2026-01-31T10:00:00Z: the moment before which the data was good."
    given: str


@dataclass(eq=False)
class UsersWereOnNew(Refused):
    """After a cutover new is not destroyed, whatever is said."""

    problem: ClassVar[str] = "{environment}: {run} sent users to new, and no way back has been finished since."
    remedy: ClassVar[str] = "Take a way back first; new is kept until then, and for as long as was agreed after it."
    environment: str
    run: str


@dataclass(eq=False)
class KeptFor(Refused):
    """New is kept for some time after a rollback, whatever is on it."""

    problem: ClassVar[str] = "{environment}: users went back from new by {run}; new is kept until {until}."
    remedy: ClassVar[str] = "Ask again then; policy.keep_new_s in the descriptor says how long was agreed."
    environment: str
    run: str
    until: str


def newest_first(store: Store) -> Iterator[Told]:
    """An environment's attempts; raises JournalTampered at the first that is not whole."""
    for run in reversed(store.runs()):
        whole = records.read(store, run)
        if whole:
            yield Told(run=run, records=whole)


def on_new_by(store: Store) -> Told | None:
    """The finished cutover that users are on new by; None where they have gone back since, or were never sent."""
    latest = next((attempt for attempt in newest_first(store) if attempt.done), None)
    return latest if latest and latest.way is Way.CUTOVER else None


def ground(environment: str, store: Store, request: Request, now: datetime) -> Request:
    """The request with the finished attempt that it follows.

    A rollback follows the cutover that users are on new by, a cutover what was finished before it, if anything; for
    a destroy see `destroyable`. Raises NoCutover, CutoverInFuture, AlreadyCutOver, BadInstant or NaiveInstant.
    """
    latest = next((attempt for attempt in newest_first(store) if attempt.done), None)
    on_new = latest is not None and latest.way is Way.CUTOVER
    if request.way is Way.CUTOVER and latest is not None and on_new:
        raise AlreadyCutOver(environment, latest.run)
    if request.way is not Way.CUTOVER:
        if latest is None or not on_new:
            raise NoCutover(environment)
        _must_be_past(latest, now)
    before = request.before
    if request.way is Way.EMERGENCY_RESTORE:
        before = _instant(before, now).isoformat()
    return replace(request, follows=latest.run if latest else "", before=before)


def _instant(before: str, now: datetime) -> datetime:
    """The instant that a backup must be older than: as asked for, else now. Raises BadInstant or NaiveInstant."""
    if not before:
        return now
    try:
        return aware("--before", datetime.fromisoformat(before))
    except ValueError as error:
        raise BadInstant(before) from error


def undone_since(store: Store, follows: str, own: str) -> tuple[tuple[Record, ...], ...]:
    """The attempts between `follows` and `own` that were begun and undone, the oldest first."""
    runs = store.runs()
    since = runs[runs.index(follows) + 1 :] if follows in runs else runs
    told = (records.read(store, run) for run in since if run != own)
    return tuple(whole for whole in told if records.outcome(whole) is Outcome.UNDONE)


def destroyable(environment: Environment, store: Store, request: Request, now: datetime) -> Request:
    """The request to destroy new, with the attempt that tells what may be on it: a rollback, or an undone cutover.

    Nothing follows a destroy, or comes before the first cutover. Raises UsersWereOnNew or KeptFor.
    """
    latest = next(filter(_tells_of_new, newest_first(store)), None)
    if latest is None or latest.way is Way.PRE_CUTOVER_DESTROY:
        return replace(request, follows="")
    ended = records.outcome(latest.records)
    if ended is None or (ended is Outcome.DONE and latest.way is Way.CUTOVER):
        raise UsersWereOnNew(environment.name, latest.run)
    until = datetime.fromisoformat(latest.records[-1].at) + timedelta(seconds=environment.policy.keep_new_s)
    if ended is Outcome.DONE and now < until:
        raise KeptFor(environment.name, latest.run, f"{until:%Y-%m-%d %H:%M:%S} UTC")
    return replace(request, follows=latest.run)


def _tells_of_new(attempt: Told) -> bool:
    """Whether an attempt says what became of new: one that was finished, or a cutover that is open or has loaded it."""
    if attempt.way is not Way.CUTOVER:
        return attempt.done
    return records.outcome(attempt.records) is not Outcome.UNDONE or bool(
        records.intent(attempt.records, postgres.LoadNew.name)
    )


def _must_be_past(cutover: Told, now: datetime) -> None:
    at = cutover.records[-1].at
    if datetime.fromisoformat(at) > now:
        raise CutoverInFuture(cutover.run, at)
