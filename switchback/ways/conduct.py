"""How an attempt is conducted: begun, planned, carried out step by step, finished or undone.

Everything here may be called again by another process after the first was killed; the journal
says where it stands.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import ClassVar, cast

from switchback import settings
from switchback.domain.errors import Refused, SwitchbackError, Unreachable
from switchback.domain.journal import Json, Kind, Record
from switchback.domain.model import Plan, Side
from switchback.domain.step import Check, Runbook, Step
from switchback.rollback import lifecycle, records
from switchback.rollback.attempt import Ended, Rollback
from switchback.rollback.records import Outcome, Request, Way
from switchback.rollback.survey import survey
from switchback.steps import postgres, recovery
from switchback.systems import journal
from switchback.ways import history, runbooks


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """Which attempt a task works on; small enough to travel as a parameter."""

    run: str
    environment: str


@dataclass(eq=False)
class NotAnId(Refused):
    """No attempt is ever called that."""

    problem: ClassVar[str] = "{run!r} is not the id of an attempt."
    remedy: ClassVar[str] = "Copy it from switchback status: it reads WAY-ENVIRONMENT-KEY."
    run: str


@dataclass(eq=False)
class OtherOption(Refused):
    """An attempt goes on as it began."""

    problem: ClassVar[str] = "{run} was begun as {option}."
    remedy: ClassVar[str] = "Resume it as that, or undo it and start a new one."
    run: str
    option: str


@dataclass(frozen=True, kw_only=True)
class Result:
    """How an attempt ended, in numbers."""

    run: str
    outcome: str  #: done or undone
    waiting_on_new: int = 0  #: rows that exist only on new


def begin(request: Request, *, key: str, resume: str = "") -> Attempt:
    """Lock the environment and open the journal.

    `key` names the run that asks (the same key continues the same attempt), `resume` an attempt to continue from
    another run: as it was begun, or, where new has died since, as a DNS switchback without new.
    Raises UnknownEnvironment, AlreadyHeld, NoCutover, AlreadyCutOver, CutoverInFuture, UsersWereOnNew, KeptFor,
    BadInstant, NaiveInstant, OtherOption, NewAnswers or NoJournal.
    """
    environment = settings.load(request.environment)
    store = journal.open_store(environment)
    run = resume or f"{request.way}-{request.environment}-{key.replace('-', '')[:8]}"
    attempt = Attempt(run=run, environment=request.environment)
    if whole := _written(store, run):
        if _turns(whole, request):
            recovery.NewIsDown(ground(attempt)[0]).look()
            note(attempt, Kind.WITHOUT_NEW, {"asked_by": request.requested_by})
        recorded = records.request(_written(store, run))
        if _options(recorded) != _options(request):
            raise OtherOption(run, ", ".join(_options(recorded)))
        request = recorded
    else:
        if resume:
            _must_be_known(store, attempt)
        request = replace(_grounded(environment, store, request), run=run)
    lifecycle.begin(store, run, request)
    return attempt


def rehearse(request: Request) -> Plan:
    """What an attempt would change, seen now. Changes nothing; raises what the real one would refuse for."""
    environment = settings.load(request.environment)
    store = journal.open_store(environment)
    request = _grounded(environment, store, request)
    return survey(runbooks.of_request(environment, store, request))[0]


def _grounded(environment: settings.Environment, store: journal.Store, request: Request) -> Request:
    """The request with the attempt that it follows."""
    if request.way is Way.PRE_CUTOVER_DESTROY:
        return history.destroyable(environment, store, request, datetime.now(UTC))
    return history.ground(environment.name, store, request, datetime.now(UTC))


def plan(attempt: Attempt) -> Plan:
    """The attempt's plan, recorded; see Rollback.plan."""
    with _held(attempt) as (rollback, runbook):
        if rollback.ended:
            return rollback.approved_plan()
        return rollback.plan(runbook)


def give_up(attempt: Attempt, why: SwitchbackError) -> None:
    """End an attempt that could not be planned and of which nothing was begun, and free the environment.

    One that people were asked about stays where a system only does not answer: it is resumed. A second call changes
    nothing.
    """
    own = told(attempt).records
    asked = records.last(own, Kind.ASKED) is not None
    if records.last(own, Kind.INTENT) is None and not (asked and isinstance(why, Unreachable)):
        store = journal.open_store(settings.load(attempt.environment))
        lifecycle.close(store, attempt.run, Outcome.UNDONE, {"refused": str(why)})


def carry_out(attempt: Attempt, name: str) -> None:
    """Do the step of that name; see Rollback.carry_out. On an attempt that is done, nothing."""
    with _held(attempt) as (rollback, runbook):
        if not _is_done(rollback):
            rollback.carry_out(cast("Step[object]", runbook.named(name)), runbook.until.get(name, ""))


def prove(attempt: Attempt, name: str) -> None:
    """Look by the check of that name; see Rollback.prove. On an attempt that is done, nothing."""
    with _held(attempt) as (rollback, runbook):
        if not _is_done(rollback):
            rollback.prove(cast("Check[object]", runbook.named(name)), runbook.until.get(name, ""))


def note(attempt: Attempt, kind: Kind, data: Mapping[str, Json]) -> None:
    """Record a question or a vote."""
    with _held(attempt) as (rollback, _runbook):
        rollback.note(kind, data)


def told(attempt: Attempt) -> history.Told:
    """The attempt as its journal tells it."""
    store = journal.open_store(settings.load(attempt.environment))
    return history.Told(run=attempt.run, records=records.read(store, attempt.run))


def request(attempt: Attempt) -> Request:
    """Who asked for the attempt, and why."""
    return records.request(told(attempt).records)


def ground(attempt: Attempt) -> tuple[recovery.Ground, tuple[Record, ...]]:
    """What the attempt's recovery stands on, and its records; raises NotRecorded or OtherDatabases."""
    environment = settings.load(attempt.environment)
    store = journal.open_store(environment)
    own = records.read(store, attempt.run)
    asked = records.request(own)
    before = own if asked.way is Way.CUTOVER else records.read(store, asked.follows)
    return recovery.ground(environment, own, before), own


def attempt_of(run: str) -> Attempt:
    """The attempt that an id names; raises NotAnId or UnknownEnvironment."""
    rest, _, _key = run.rpartition("-")
    for way in Way:
        if rest.startswith(f"{way}-"):
            return Attempt(run=run, environment=settings.load(rest.removeprefix(f"{way}-")).name)
    raise NotAnId(run)


def finish(attempt: Attempt) -> Result:
    """End the attempt as done and free the environment; a second call gives the same result."""
    store = journal.open_store(settings.load(attempt.environment))
    whole = records.read(store, attempt.run)
    counted = postgres.counted(whole)
    waiting = counted.rows if counted else 0
    if records.outcome(whole) is not Outcome.UNDONE:
        lifecycle.close(store, attempt.run, Outcome.DONE, {"waiting_on_new": waiting})
    return Result(run=attempt.run, outcome=(records.outcome(whole) or Outcome.DONE).value, waiting_on_new=waiting)


def undo(attempt: Attempt) -> tuple[str, ...]:
    """Take an unfinished attempt back to where it began, and free the environment; returns the steps undone.

    May be killed and called again. Raises NoJournal, RunnerAlive, PastReturn, what a step refuses to undo for, or
    Ended: the environment is free then too.
    """
    store = journal.open_store(settings.load(attempt.environment))
    _must_be_known(store, attempt)
    if not _written(store, attempt.run):  # its runner died between the lock and the first line
        store.unlock(attempt.run)
        return ()
    with _held(attempt) as (rollback, runbook):
        if rollback.ended:
            store.unlock(attempt.run)
        undone = rollback.undo(runbook)
    lifecycle.close(store, attempt.run, Outcome.UNDONE, {"steps": list(undone)})
    return undone


@contextmanager
def _held(attempt: Attempt) -> Iterator[tuple[Rollback, Runbook]]:
    environment = settings.load(attempt.environment)
    store = journal.open_store(environment)
    with lifecycle.opened(store, attempt.run) as rollback:
        yield rollback, runbooks.of_attempt(environment, store, rollback.records)


def _written(store: journal.Store, run: str) -> tuple[Record, ...]:
    return records.read(store, run) if run in store.runs() else ()


def _options(request: Request) -> tuple[str, ...]:
    """What shapes the runbook, in words."""
    lost = [f"{name} is lost" for name in sorted(request.lost)]
    return (request.way, request.option, *(["new is down"] if request.new_is_down else []), *lost)


def _turns(told: tuple[Record, ...], asked: Request) -> bool:
    """Whether an attempt whose users still wait between two fences is to go on without new, as a DNS switchback.

    Not once new was opened again: what was exported before is not all that users wrote there.
    """
    before = records.request(told)
    wanted = asked.way is Way.DNS_SWITCHBACK and asked.new_is_down and not before.new_is_down
    opened = records.intent(told, f"unfence {Side.OLD}") or records.undone(told, f"fence {Side.NEW}")
    waits = records.outcome(told) is None and opened is None
    return wanted and waits and before.way in (Way.DNS_SWITCHBACK, Way.EVALUATED_ROLLBACK)


def _must_be_known(store: journal.Store, attempt: Attempt) -> None:
    """Raise NoJournal unless a journal or the environment's lock names the attempt."""
    holder = store.holder()
    if attempt.run not in store.runs() and (holder is None or holder.run != attempt.run):
        raise journal.NoJournal(attempt.run, attempt.environment)


def _is_done(rollback: Rollback) -> bool:
    if rollback.ended is Outcome.UNDONE:
        raise Ended(rollback.run, rollback.ended.value)
    return rollback.ended is Outcome.DONE
