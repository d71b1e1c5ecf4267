"""Whether a drill proved what it was for. A drill that measured nothing proves nothing."""

from collections.abc import Iterable, Iterator

from switchback.drill.diary import Phase
from switchback.drill.outcomes import Served
from switchback.drill.report import Report
from switchback.rollback.records import Outcome, Way

#: who has to have served users in a phase, or the phases after it rehearse nothing
SERVED_IN = {Phase.BASELINE: Served.OLD, Phase.ON_NEW: Served.NEW, Phase.SETTLING: Served.OLD}


def why_not_proven(report: Report) -> Iterator[str]:
    """Everything that speaks against the drill, in words; nothing when it is proven."""
    yield from _writes(report)
    yield from _waiting(report)
    yield from _steps(report)
    yield from _users(report)


def why_not_restored(report: Report, planted: Iterable[str]) -> Iterator[str]:
    """What speaks against an emergency restore's drill besides: a bad backup that was not refused."""
    if report.way_back is not Way.EMERGENCY_RESTORE:
        return
    if report.restored is None:
        yield "Nothing was restored."
        return
    for backup in planted:
        if backup not in report.restored.refused:
            yield f"The planted backup {backup} was not refused."
    if not report.restored.rows_home:
        yield "No row was written after the backup: nothing had to come home."


def _writes(report: Report) -> Iterator[str]:
    audit = report.audit
    if not audit.acknowledged:
        yield "No write was acknowledged: there was nothing to lose."
    if audit.lost:
        yield f"{audit.lost} acknowledged writes are lost."
    if audit.duplicated:
        yield f"{audit.duplicated} writes took effect twice."
    if audit.refused_but_there:
        yield f"{audit.refused_but_there} writes were refused to their users and took effect all the same."
    if not audit.complete:
        yield f"The audit does not add up: {audit.acknowledged} acknowledged writes are not {_places(report)}."
    if report.acknowledged_by_new_after_fence:
        yield f"New acknowledged {report.acknowledged_by_new_after_fence} writes sent after its fence was reported."


def _places(report: Report) -> str:
    audit = report.audit
    return f"{audit.on_old} on old + {audit.waiting_on_new} on new + {audit.lost} lost"


def _waiting(report: Report) -> Iterator[str]:
    """The way back may count more than the audit, which follows acknowledged writes through some tables; never less."""
    for table, known in report.audit.waiting_rows.items():
        counted = report.waiting_rows.get(table, 0)
        if counted < known:
            yield f"{table}: the way back counted {counted} rows waiting on new, the audit knows of {known}."
    if report.waiting_on_new and not (report.audit.waiting_on_new or report.audit.unknown):
        yield f"The way back counted {report.waiting_on_new} rows waiting on new; the audit knows of no write there."


def _steps(report: Report) -> Iterator[str]:
    for attempt, steps in ((report.cutover, report.cutover_steps), (report.switchback, report.steps)):
        if attempt.outcome != Outcome.DONE:
            yield f"{attempt.run} is {attempt.outcome}, not done."
        for step in steps:
            if not step.holds:
                yield f"{attempt.run}: {step.name} is {step.outcome}."


def _users(report: Report) -> Iterator[str]:
    for phase in report.phases:
        wanted = SERVED_IN.get(phase.phase)
        if wanted is not None and not phase.requests.get(wanted, 0):
            yield f"Nobody was served by {wanted} in the phase {phase.phase!r}."
    if report.approval_to_first_served_s is None:
        yield "Nobody was served by old after the approval."
