"""Where each attempt of an environment stands: read from the journals, changing nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from switchback import settings
from switchback.domain.journal import Kind, Record
from switchback.domain.model import Side
from switchback.rollback import records
from switchback.steps import postgres, terraform
from switchback.systems import journal
from switchback.ways import history, runbooks
from switchback.ways.history import Told


@dataclass(frozen=True, kw_only=True)
class Standing:
    """One attempt, for the person on call."""

    run: str
    began: datetime
    requested_by: str
    state: str
    steps: str  #: "4 of 9"; empty for an attempt that has ended
    following: str  #: the step that is next; empty for an attempt that has ended
    waiting_on_new: int | None  #: rows, as last counted


@dataclass(frozen=True, kw_only=True)
class EnvironmentStanding:
    """An environment's attempts, newest first, and what is fenced by them."""

    environment: str
    attempts: tuple[Standing, ...]
    fenced: tuple[Side, ...]


def standing(name: str) -> EnvironmentStanding:
    """How an environment stands; raises UnknownEnvironment, JournalTampered, Refused or Unreachable."""
    environment = settings.load(name)
    store = journal.open_store(environment)
    attempts = tuple(history.newest_first(store))
    return EnvironmentStanding(
        environment=name,
        attempts=tuple(_standing(environment, store, told) for told in attempts),
        fenced=fenced([record for told in attempts for record in told.records]),
    )


def fenced(told: Sequence[Record]) -> tuple[Side, ...]:
    """The sites that these records leave fenced, in their own order of time."""
    closed: dict[str, bool] = {}
    for record in sorted(told, key=lambda record: record.at):
        for side in Side:
            if record.kind in (Kind.OBSERVED, Kind.UNDONE) and record.step in (f"fence {side}", f"unfence {side}"):
                closed[side] = (record.step == f"fence {side}") is (record.kind is Kind.OBSERVED)
        if record.kind is Kind.OBSERVED and record.step == terraform.Destroy.name:
            closed[Side.NEW] = False  # there is nothing left that could be closed
    return tuple(side for side in Side if closed.get(side))


def _standing(environment: settings.Environment, store: journal.Store, told: Told) -> Standing:
    ended = records.outcome(told.records)
    runbook = None if ended else runbooks.of_attempt(environment, store, told.records)
    names = [item.name for item in runbook.items] if runbook else []
    left = [name for name in names if records.observed(told.records, name) is None]
    counted = postgres.counted(told.records)
    return Standing(
        run=told.run,
        began=datetime.fromisoformat(told.records[0].at).astimezone(UTC),
        requested_by=records.request(told.records).requested_by,
        state=ended.value if ended else _state(told.records),
        steps=f"{len(names) - len(left)} of {len(names)}" if names else "",
        following=left[0] if left else "",
        waiting_on_new=counted.rows if counted else None,
    )


def _state(told: Sequence[Record]) -> str:
    if records.going_back(told):
        return "being undone"
    if records.last(told, Kind.INTENT):
        return "under way"
    return "waiting for approval" if records.last(told, Kind.ASKED) else "planning"
