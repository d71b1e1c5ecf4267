"""One attempt at a way back (or at the cutover before it), carried out step by step over its journal.

The order of every change, whatever dies in between: look, plan, refuse if unsafe, write down the
intent and the compensation, apply, look again, write down what was seen. A second run looks first:
what already holds is recorded as such and not done again. The journal is the truth; Prefect's
results are a convenience.
"""

import logging
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import ClassVar, TypeVar, cast

from pydantic import TypeAdapter

from switchback.domain.errors import HalfDone, Refused, Unreachable
from switchback.domain.journal import Json, Kind, head, next_record
from switchback.domain.model import Plan
from switchback.domain.step import Check, Runbook, Step
from switchback.rollback import records
from switchback.rollback.records import Outcome, Request
from switchback.rollback.survey import survey
from switchback.systems.journal import Store
from switchback.systems.journal.store import Turn

Facts = TypeVar("Facts")
LOG = logging.getLogger(__name__)


@dataclass(eq=False)
class DidNotHold(HalfDone):
    """A step was applied, and looking again it is not so."""

    problem: ClassVar[str] = "{step}: applied, but {left} of its changes do not show."
    remedy: ClassVar[str] = "Look at the named system, then resume: what holds is not done again."
    step: str
    left: int


@dataclass(eq=False)
class OnlyBack(Refused):
    """An attempt that is being undone is not carried on."""

    problem: ClassVar[str] = "{run} is being undone."
    remedy: ClassVar[str] = "Finish that first: switchback undo {run}."
    run: str


@dataclass(eq=False)
class PastReturn(Refused):
    """What users have written since lies only where undoing would take it away."""

    problem: ClassVar[str] = "{run} cannot be undone: {step} has begun, and what users write since is only there."
    remedy: ClassVar[str] = "Resume it. If users must leave again, take the next way once it is done."
    run: str
    step: str


@dataclass(eq=False)
class Ended(Refused):
    """An attempt that has ended stays as it is."""

    problem: ClassVar[str] = "{run} has ended: {outcome}."
    remedy: ClassVar[str] = "Start a new one."
    run: str
    outcome: str


class Rollback:
    """An attempt, held by this runner. Made by `opened`; see the module's words for its order."""

    def __init__(self, run: str, store: Store, turn: Turn) -> None:
        self.run = run
        self._turn = turn
        self.records = records.read(store, run)

    def carry_out(self, step: Step[Facts], until: str = "") -> Facts:
        """Do a step, or record that it already holds. Raises what it refuses for, OnlyBack, Ended or DidNotHold.

        Once the step `until` has begun, what was seen before is returned: a fence is not put up again before users
        whom the same attempt has let in.
        """
        self._must_go_forward()
        if kept := self._kept(step.name, until):
            return records.as_facts(step.facts, kept)
        seen = step.look()
        plan = step.plan(seen)
        if plan.changes:
            step.refuse_if_unsafe(seen, self.planned(step))
            if records.intent(self.records, step.name) is None:
                before = records.as_json(step.facts, seen)
                self._write(Kind.INTENT, step.name, {"plan": cast("Json", asdict(plan)), "before": before})
            step.apply(seen)
            seen = step.look()
            left = step.plan(seen).changes
            if left:
                raise DidNotHold(step.name, len(left))
            for change in plan.changes:
                LOG.info("%s: %s -> %s", change.subject, change.before, change.after)
        elif records.observed(self.records, step.name) is not None:
            return seen
        self._write(
            Kind.OBSERVED, step.name, {"changed": bool(plan.changes), "seen": records.as_json(step.facts, seen)}
        )
        return seen

    def prove(self, check: Check[Facts], until: str = "") -> Facts:
        """Look, and record the evidence; raises what the check raises. `until`: as in `carry_out`."""
        self._must_go_forward()
        if kept := self._kept(check.name, until):
            return records.as_facts(check.facts, kept)
        seen = check.look()
        LOG.info("%s: proven", check.name)
        self._write(Kind.OBSERVED, check.name, {"changed": False, "seen": records.as_json(check.facts, seen)})
        return seen

    def open(self, wanted: Request) -> None:
        """Record who asked for this attempt; a second call changes nothing."""
        if not self.records:
            self._write(Kind.OPENED, "", cast("Mapping[str, Json]", asdict(wanted)))

    def plan(self, runbook: Runbook) -> Plan:
        """The whole plan as `survey` makes it, recorded with its digest.

        Once a step has begun, the plan that was approved stands and is returned unchanged.
        """
        self._must_go_forward()
        if records.begun(self.records):
            return self.approved_plan()
        plan, seen = survey(runbook)
        latest = records.last(self.records, Kind.PLANNED)
        if latest is None or latest.data["digest"] != plan.digest:
            self._write(Kind.PLANNED, "", {"digest": plan.digest, "plan": cast("Json", asdict(plan)), "seen": seen})
        return plan

    def approved_plan(self) -> Plan:
        """The plan last recorded."""
        record = records.last(self.records, Kind.PLANNED)
        return TypeAdapter(Plan).validate_python(record.data["plan"]) if record else Plan(title="")

    def planned(self, step: Step[Facts]) -> Facts | None:
        """What `step` saw when the plan was made; None when there was no plan."""
        record = records.last(self.records, Kind.PLANNED)
        seen = cast("Mapping[str, Json]", record.data["seen"]) if record else {}
        return records.as_facts(step.facts, seen[step.name]) if step.name in seen else None

    def undo(self, runbook: Runbook) -> tuple[str, ...]:
        """Take back, last first, every step that was begun; returns their names. May be killed and called again.

        Where the first step refuses, or its system does not answer, the attempt may still go on. Raises PastReturn.
        """
        self._must_not_have_ended()
        if records.intent(self.records, runbook.no_return):
            raise PastReturn(self.run, runbook.no_return)
        if not records.going_back(self.records):
            self._write(Kind.UNDOING, "", {})
        undone = []
        for step in reversed(runbook.steps):
            intent = records.intent(self.records, step.name)
            if intent is None or step.name in self._undone():
                continue
            try:
                step.undo(records.as_facts(step.facts, intent.data["before"]))
            except (Refused, Unreachable) as why:
                if not self._undone():
                    self._write(Kind.STAYED, step.name, {"why": str(why)})
                raise
            self._write(Kind.UNDONE, step.name, {"seen": self._after(step)})
            LOG.info("%s: undone", step.name)
            undone.append(step.name)
        return tuple(undone)

    def note(self, kind: Kind, data: Mapping[str, Json], step: str = "") -> None:
        """Record a question, a vote or the end."""
        self._must_not_have_ended()
        self._write(kind, step, data)

    @property
    def request(self) -> Request:
        """Who asked for this attempt."""
        return records.request(self.records)

    @property
    def ended(self) -> Outcome | None:
        """How it ended, if it has."""
        return records.outcome(self.records)

    def _after(self, step: Step[Facts]) -> Json:
        """What is seen of a step that was taken back; None where one of its systems does not answer any more."""
        try:
            return records.as_json(step.facts, step.look())
        except Unreachable as met:
            LOG.warning("%s: undone, but cannot be looked at: %s", step.name, met)
            return None

    def _kept(self, name: str, until: str) -> Json:
        found = records.observed(self.records, name) if records.intent(self.records, until) else None
        return found.data["seen"] if found else None

    def _undone(self) -> set[str]:
        turned = records.last(self.records, Kind.WITHOUT_NEW)
        since = self.records[turned.seq :] if turned else self.records
        return {record.step for record in since if record.kind is Kind.UNDONE}

    def _must_not_have_ended(self) -> None:
        if self.ended:
            raise Ended(self.run, self.ended.value)

    def _must_go_forward(self) -> None:
        self._must_not_have_ended()
        if records.going_back(self.records):
            raise OnlyBack(self.run)

    def _write(self, kind: Kind, step: str, data: Mapping[str, Json]) -> None:
        at = datetime.now(UTC).isoformat(timespec="milliseconds")
        record = next_record(self.records, at=at, kind=kind, step=step, data=data)
        self._turn.append(record.line(), head((*self.records, record)))
        self.records = (*self.records, record)
