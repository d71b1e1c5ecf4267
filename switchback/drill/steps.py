"""When each step of an attempt began and ended, as its journal tells it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import pairwise

from switchback.domain.journal import Kind, Record
from switchback.rollback import records

REVIEW = "people review the rows"


class StepOutcome(StrEnum):
    """How a step ended."""

    DONE = "done"  # it changed something, and looking again it was so
    HELD = "held"  # looked at, and it was so already: every check, and a step with nothing to do
    UNFINISHED = "unfinished"  # begun, never seen to hold
    NOT_BEGUN = "not begun"


@dataclass(frozen=True, kw_only=True)
class StepTaken:
    """One step of an attempt in time."""

    name: str
    started: datetime | None  #: of the intent, or else of the record before; None when it was not begun
    ended: datetime | None  #: when it was first seen to hold
    outcome: StepOutcome

    @property
    def seconds(self) -> float | None:
        """How long it took, if it ended."""
        return (self.ended - self.started).total_seconds() if self.started and self.ended else None

    @property
    def holds(self) -> bool:
        """Whether it was seen to hold."""
        return self.outcome in (StepOutcome.DONE, StepOutcome.HELD)


def taken(told: Sequence[Record], names: Iterable[str]) -> tuple[StepTaken, ...]:
    """The steps of these names in an attempt's records."""
    return tuple(_taken(told, name) for name in dict.fromkeys(names))


def with_review(told: Sequence[Record], steps: Sequence[StepTaken]) -> tuple[StepTaken, ...]:
    """The steps, and among them the time that people took to review the rows, where an attempt asked for that."""
    asked, voted = (
        next((r for r in reversed(told) if r.kind is kind and "subject" in r.data), None)
        for kind in (Kind.ASKED, Kind.VOTED)
    )
    if asked is None or voted is None:
        return tuple(steps)
    review = StepTaken(name=REVIEW, started=at(asked), ended=at(voted), outcome=StepOutcome.HELD)
    before = [step for step in steps if step.started and step.started < at(asked)]
    return (*before, review, *steps[len(before) :])


def _taken(told: Sequence[Record], name: str) -> StepTaken:
    intended = records.intent(told, name)
    seen = next(((r, before) for before, r in pairwise(told) if r.kind is Kind.OBSERVED and r.step == name), None)
    if seen is None:
        outcome = StepOutcome.UNFINISHED if intended else StepOutcome.NOT_BEGUN
        return StepTaken(name=name, started=at(intended) if intended else None, ended=None, outcome=outcome)
    observed, before = seen
    return StepTaken(
        name=name,
        started=at(intended or before),
        ended=at(observed),
        outcome=StepOutcome.DONE if intended else StepOutcome.HELD,
    )


def at(record: Record) -> datetime:
    """The record's instant."""
    return datetime.fromisoformat(record.at)
