"""What a drill leaves behind, gathered for its measurement. Reads journals and files; changes nothing."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import ClassVar

from switchback.domain.errors import HalfDone
from switchback.drill import destroyed, diary, ledger, outcomes
from switchback.drill.audit import Audit
from switchback.drill.measure import Evidence, Taken
from switchback.drill.rehearsal import Rehearsal
from switchback.settings import Environment
from switchback.systems import journal
from switchback.ways import conduct, runbooks
from switchback.ways.conduct import Attempt


@dataclass(eq=False)
class NotOurs(HalfDone):
    """The environment is locked, but not for this drill."""

    problem: ClassVar[str] = "{environment} is locked for {held}, and not for {incident}."
    remedy: ClassVar[str] = "Look at switchback status: somebody else is at work there."
    environment: str
    held: str
    incident: str


def held_attempt(environment: Environment, incident: str) -> Attempt:
    """The attempt that waits for approval because of this incident; raises NotOurs."""
    holder = journal.open_store(environment).holder()
    if holder is None:
        raise NotOurs(environment.name, "nobody", incident)
    attempt = Attempt(run=holder.run, environment=environment.name)
    if conduct.request(attempt).incident != incident:
        raise NotOurs(environment.name, holder.run, incident)
    return attempt


def collect(
    rehearsal: Rehearsal, cutover: tuple[Attempt, datetime], switchback: tuple[Attempt, datetime], audit: Audit
) -> Evidence:
    """Everything that the drill left behind; each attempt comes with when it was approved."""
    folder, environment = rehearsal.folder, rehearsal.environment
    return Evidence(
        id=folder.id,
        environment=environment.name,
        ttl_s=environment.dns.ttl_s,
        writes_per_s=rehearsal.rate,
        phases=diary.stretches(diary.read(folder.diary), datetime.now(UTC)),
        cutover=_taken(environment, *cutover),
        switchback=_taken(environment, *switchback),
        requests=outcomes.read(folder.outcomes),
        writes=ledger.read(folder.ledger),
        audit=audit,
        planted=rehearsal.planted,
    )


def of_destroy(rehearsal: Rehearsal, destroy: tuple[Attempt, datetime], fault: str, audit: Audit) -> destroyed.Evidence:
    """Everything that the drill of a destroy left behind; the attempt comes with when it was approved."""
    folder, environment = rehearsal.folder, rehearsal.environment
    return destroyed.Evidence(
        id=folder.id,
        environment=environment.name,
        phases=diary.stretches(diary.read(folder.diary), datetime.now(UTC)),
        destroy=_taken(environment, *destroy),
        fault=fault,
        requests=outcomes.read(folder.outcomes),
        audit=audit,
    )


def _taken(environment: Environment, attempt: Attempt, approved: datetime) -> Taken:
    told = conduct.told(attempt)
    runbook = runbooks.of_attempt(environment, journal.open_store(environment), told.records)
    return Taken(told=told, approved=approved, steps=tuple(item.name for item in runbook.items))
