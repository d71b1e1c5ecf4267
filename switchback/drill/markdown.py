"""report.md: the drill's numbers and both journals' timelines, as text for a wiki or a ticket."""

from collections.abc import Iterable, Iterator, Sequence

from switchback.drill.history import Past
from switchback.drill.measure import Evidence, Taken
from switchback.drill.outcomes import Served
from switchback.drill.report import AttemptSeen, Measured, Report
from switchback.drill.steps import StepTaken
from switchback.ways.timeline import timeline


def render(report: Report, found: Evidence, past: Sequence[Past]) -> str:
    """The report as Markdown."""
    return "\n".join(_parts(report, found, past))


def _parts(report: Report, found: Evidence, past: Sequence[Past]) -> Iterator[str]:
    yield from verdict(report)
    yield table(("what", "measured"), _numbers(report))
    yield what_users_got(report)
    yield steps_of(report.switchback, report.steps)
    yield steps_of(report.cutover, report.cutover_steps)
    yield f"\n## The last drills of {report.environment}\n"
    yield table(("drill", "proven", "first served by old", "longest outage", "finished"), map(_past, past[-10:]))
    for taken in (found.cutover, found.switchback):
        yield timeline_of(taken)
    yield ""


def _numbers(report: Report) -> Iterator[tuple[str, str]]:
    audit = report.audit
    yield "acknowledged writes", str(report.acknowledged_writes)
    yield "... on old", str(audit.on_old)
    yield "... waiting on new", f"{audit.waiting_on_new} ({report.waiting_on_new} rows)"
    yield "... lost", str(report.lost_writes)
    yield "done twice", str(report.duplicated_writes)
    yield "acknowledged by new after its fence", str(report.acknowledged_by_new_after_fence)
    if report.switchback.resumed:
        waited = report.switchback.resumed - report.switchback.approved
        yield "approval to the run being resumed", _seconds(waited.total_seconds())
    yield "approval to first user served by old", _seconds(report.approval_to_first_served_s)
    yield "longest outage of a service", f"{_seconds(report.downtime_s)} ({report.downtime_of})"
    yield "approval to way back finished", _seconds(report.approval_to_done_s)
    yield "TTL", f"{report.ttl_s} s"
    if report.restored:
        yield "restored from", f"{report.restored.backup}, {report.restored.backup_rows} rows"
        yield "recovery point without new", f"{_seconds(report.restored.backup_age_s)} before the approval"
        yield "... rows written since, home from new", str(report.restored.rows_home)
        for backup, why in report.restored.refused.items():
            yield f"refused: {backup}", why


def verdict(measured: Measured) -> Iterator[str]:
    """The title, and what speaks against the drill."""
    yield f"# Drill {measured.id}: {'proven' if measured.proven else 'NOT PROVEN'}\n"
    yield from (f"- {reason}" for reason in measured.why_not_proven)


def what_users_got(measured: Measured) -> str:
    """Requests by phase and by who served them."""
    phases = (
        (each.phase, f"{each.seconds:.1f} s", *(str(each.requests.get(served, 0)) for served in Served))
        for each in measured.phases
    )
    return "\n## What users got\n\n" + table(("phase", "lasted", "served by old", "served by new", "failed"), phases)


def steps_of(attempt: AttemptSeen, steps: Iterable[StepTaken]) -> str:
    """An attempt's steps, a row each."""
    rows = map(_step, steps)
    return f"\n## Steps of {attempt.run}\n\n" + table(("step", "began (UTC)", "took", "outcome"), rows)


def timeline_of(taken: Taken) -> str:
    """An attempt's journal, a line each record."""
    return f"\n## Timeline of {taken.told.run}\n\n```text\n{timeline(taken.told.records)}```"


def _step(step: StepTaken) -> tuple[str, str, str, str]:
    began = f"{step.started:%H:%M:%S.%f}"[:-3] if step.started else ""
    return step.name, began, _seconds(step.seconds) if step.started else "", step.outcome


def _past(past: Past) -> tuple[str, ...]:
    times = (past.approval_to_first_served_s, past.downtime_s, past.approval_to_done_s)
    return past.id, "yes" if past.proven else "no", *map(_seconds, times)


def _seconds(value: float | None) -> str:
    return "never" if value is None else f"{value:.1f} s"


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)
