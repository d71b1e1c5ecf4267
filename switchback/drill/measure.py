"""From what a drill left behind - diary, journals, ledger, outcomes, audit - to its numbers. Reads no clock."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from switchback.domain.journal import Kind, Record
from switchback.domain.model import Side
from switchback.drill import ledger, outcomes, restored, steps, verdict
from switchback.drill.audit import Audit
from switchback.drill.diary import Stretch
from switchback.drill.ledger import Acknowledged
from switchback.drill.outcomes import Request, Served
from switchback.drill.report import AttemptSeen, PhaseSeen, Report
from switchback.rollback import records
from switchback.steps import postgres
from switchback.ways.history import Told

UNFINISHED = "unfinished"
FENCE_NEW = f"fence {Side.NEW}"


@dataclass(frozen=True, kw_only=True)
class Taken:
    """One attempt that the drill took."""

    told: Told
    approved: datetime  #: when its vote was given
    steps: tuple[str, ...]  #: every step and check that its runbook has


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """Everything that a drill left behind."""

    id: str
    environment: str
    ttl_s: int
    writes_per_s: float
    phases: tuple[Stretch, ...]
    cutover: Taken
    switchback: Taken
    requests: Sequence[Request]
    writes: Sequence[Acknowledged]
    audit: Audit
    planted: tuple[str, ...] = ()  #: backups that the way back had to refuse


def measure(found: Evidence) -> Report:
    """The drill's numbers, and whether they prove it."""
    approved = found.switchback.approved.timestamp()
    first = outcomes.first_served(found.requests, Served.OLD, approved)
    gap = outcomes.longest_gap(found.requests, approved)
    switchback = seen(found.switchback)
    whole = found.switchback.told.records
    waiting = _waiting(whole)
    report = Report(
        id=found.id,
        environment=found.environment,
        way_back=found.switchback.told.way,
        began=found.phases[0].started,
        ended=found.phases[-1].ended,
        acknowledged_writes=found.audit.acknowledged,
        lost_writes=found.audit.lost,
        duplicated_writes=found.audit.duplicated,
        waiting_on_new=sum(waiting.values()),
        waiting_rows=waiting,
        acknowledged_by_new_after_fence=_after_fence(found),
        downtime_s=round(gap.seconds, 3),
        downtime_of=gap.service,
        downtime_began=datetime.fromtimestamp(gap.began, UTC),
        approval_to_first_served_s=round(first - approved, 3) if first is not None else None,
        approval_to_done_s=round((switchback.ended - switchback.approved).total_seconds(), 3),
        ttl_s=found.ttl_s,
        writes_per_s=found.writes_per_s,
        steps=steps.with_review(whole, steps.taken(whole, found.switchback.steps)),
        cutover_steps=steps.taken(found.cutover.told.records, found.cutover.steps),
        phases=tuple(phase(stretch, found.requests) for stretch in found.phases),
        audit=found.audit,
        cutover=seen(found.cutover),
        switchback=switchback,
        restored=restored.restored(whole, found.switchback.approved),
        new_was_down=records.request(whole).new_is_down,
    )
    reasons = (*verdict.why_not_proven(report), *verdict.why_not_restored(report, found.planted))
    return replace(report, proven=not reasons, why_not_proven=reasons)


def seen(taken: Taken) -> AttemptSeen:
    """An attempt by its journal."""
    whole = taken.told.records
    outcome = records.outcome(whole)
    voted = next((record for record in whole if record.kind is Kind.VOTED), None)
    return AttemptSeen(
        run=taken.told.run,
        outcome=outcome.value if outcome else UNFINISHED,
        approved=taken.approved,
        resumed=steps.at(voted) if voted else None,
        ended=steps.at(whole[-1]),
    )


def phase(stretch: Stretch, requests: Sequence[Request]) -> PhaseSeen:
    """What users experienced in a phase."""
    counted = outcomes.tally(requests, stretch.started.timestamp(), stretch.ended.timestamp())
    return PhaseSeen(
        phase=stretch.phase,
        started=stretch.started,
        ended=stretch.ended,
        requests={served: counted[served] for served in Served},
    )


def _waiting(whole: Sequence[Record]) -> dict[str, int]:
    """Rows waiting on new as the way back counted them, by database.table."""
    rows: Counter[str] = Counter()
    seen = postgres.counted(whole)
    for database, tables in seen.databases.items() if seen else ():
        for table in tables:
            rows[f"{database}.{table.table}"] += table.upserts + table.deletes + table.undecided
    return dict(rows)


def _after_fence(found: Evidence) -> int:
    fenced = records.observed(found.switchback.told.records, FENCE_NEW)
    return ledger.sent_to_new_after(found.writes, steps.at(fenced)) if fenced else 0
