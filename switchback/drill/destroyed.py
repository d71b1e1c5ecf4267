"""The drill of a pre-cutover destroy, measured: new is gone, and old's users have noticed nothing. Reads no clock."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from pydantic import TypeAdapter

from switchback.drill import measure as measured_as
from switchback.drill import outcomes
from switchback.drill.audit import Audit
from switchback.drill.diary import Phase, Stretch
from switchback.drill.measure import Taken
from switchback.drill.outcomes import Request, Served
from switchback.drill.report import AttemptSeen, Measured
from switchback.drill.steps import taken
from switchback.rollback.records import Outcome, as_facts, intent, observed
from switchback.steps.resources import Gone, GoneSeen
from switchback.steps.terraform import Destroy, DestroySeen
from switchback.ways import evidence


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """Everything that such a drill left behind."""

    id: str
    environment: str
    phases: tuple[Stretch, ...]
    destroy: Taken
    fault: str  #: what was found wrong with new
    requests: Sequence[Request]
    audit: Audit


@dataclass(frozen=True, kw_only=True)
class Destroyed(Measured):
    """A drill of the destroy, measured. Old never stops serving, so what it measures is that nobody noticed."""

    served_by_new: int  #: requests of users
    failed_requests: int  #: of users, from the first phase to the last
    fault: str
    nobody: Mapping[str, str]  #: each proof that nobody was on new, and where was looked
    planned: int  #: resources in the approved plan
    gone: tuple[str, ...]  #: resource groups
    taken_names: Mapping[str, datetime]  #: vaults that linger, and when their names are free
    attempt: AttemptSeen


def measure(found: Evidence) -> Destroyed:
    """The drill's numbers, and whether they prove it."""
    told, approved = found.destroy.told.records, found.destroy.approved.timestamp()
    attempt = measured_as.seen(found.destroy)
    first = outcomes.first_served(found.requests, Served.OLD, approved)
    begun, kept = intent(told, Destroy.name), observed(told, Gone.name)
    gone = as_facts(GoneSeen, kept.data["seen"]) if kept else GoneSeen(groups=(), vaults=())
    made = Destroyed(
        id=found.id,
        environment=found.environment,
        way_back=found.destroy.told.way,
        began=found.phases[0].started,
        ended=found.phases[-1].ended,
        acknowledged_writes=found.audit.acknowledged,
        lost_writes=found.audit.lost,
        served_by_new=sum(request.served is Served.NEW for request in found.requests),
        failed_requests=sum(request.served is Served.FAILED for request in found.requests),
        downtime_s=round(outcomes.longest_gap(found.requests, approved).seconds, 3),
        approval_to_first_served_s=round(first - approved, 3) if first is not None else None,
        approval_to_done_s=round((attempt.ended - attempt.approved).total_seconds(), 3),
        fault=found.fault,
        nobody={name: f"0 {each.of}: {'; '.join(each.looked_at)}" for name, each in evidence.proven(told).items()},
        planned=len(as_facts(DestroySeen, begun.data["before"]).doomed) if begun else 0,
        gone=gone.groups,
        taken_names={vault.name: vault.free_on for vault in gone.vaults},
        steps=taken(told, found.destroy.steps),
        phases=tuple(measured_as.phase(stretch, found.requests) for stretch in found.phases),
        audit=found.audit,
        attempt=attempt,
    )
    reasons = tuple(_why_not_proven(made))
    return replace(made, proven=not reasons, why_not_proven=reasons)


def _why_not_proven(made: Destroyed) -> Iterator[str]:
    yield from _writes(made.audit)
    if made.served_by_new:
        yield f"{made.served_by_new} requests of users were served by new."
    if made.failed_requests:
        yield f"{made.failed_requests} requests of old's users failed: they noticed."
    for phase in made.phases:
        if phase.phase in (Phase.BASELINE, Phase.DESTROY, Phase.SETTLING) and not phase.requests.get(Served.OLD, 0):
            yield f"Nobody was served by old in the phase {phase.phase.value!r}."
    if made.attempt.outcome != Outcome.DONE:
        yield f"{made.attempt.run} is {made.attempt.outcome}, not done."
    for step in made.steps:
        if not step.holds:
            yield f"{made.attempt.run}: {step.name} is {step.outcome}."
    if not (made.planned and made.gone):
        yield "Nothing was destroyed: there was nothing to prove."


def _writes(audit: Audit) -> Iterator[str]:
    if not audit.acknowledged:
        yield "No write was acknowledged: there was nothing to lose."
    if audit.on_old != audit.acknowledged:
        yield f"Of {audit.acknowledged} acknowledged writes {audit.on_old} are on old."
    if audit.duplicated or audit.refused_but_there:
        yield f"{audit.duplicated} writes took effect twice, {audit.refused_but_there} although they were refused."


def load(path: Path) -> Destroyed:
    """The report that report.dump wrote there."""
    return TypeAdapter(Destroyed).validate_json(path.read_bytes())
