"""report.html: the drill on one page, self-contained, for tired people. The verdict first."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from switchback.domain.model import Side
from switchback.drill import chart, template
from switchback.drill.chart import Band, Mark, View
from switchback.drill.history import Past
from switchback.drill.measure import Evidence
from switchback.drill.report import AttemptSeen, Report
from switchback.drill.steps import StepOutcome, StepTaken
from switchback.rollback.records import Way

AROUND_S = 3.0  #: seconds shown before and after an attempt
RESUMES = "the run resumes"
SEND_TO = {side: f"send users to {side}" for side in Side}


def render(report: Report, found: Evidence, past: Sequence[Past]) -> str:
    """The page. The same drill and the same past give the same page."""
    quick = report.way_back is Way.DNS_SWITCHBACK
    return template.fill(
        "page.html",
        report,
        whole=template.whole(report, found.requests, _marks(report)),
        past=past,
        target_served_s=report.ttl_s + 5 if quick else None,
        target_downtime_s=report.ttl_s + 10 if quick else None,
        switchback=chart.draw(_switchback(report), found.requests),
        cutover=chart.draw(_cutover(report), found.requests),
        back_steps=_with_wait(report.switchback, report.steps),
        cutover_steps=_with_wait(report.cutover, report.cutover_steps),
    )


def _marks(report: Report) -> list[Mark]:
    return [
        *_ended(report.cutover_steps, SEND_TO[Side.NEW], "DNS points to new"),
        Mark(name="way back approved", at=_s(report.switchback.approved)),
        *_ended(report.steps, SEND_TO[Side.OLD], "DNS points to old"),
    ]


def _switchback(report: Report) -> View:
    approved = _s(report.switchback.approved)
    marks = [Mark(name="approved", at=approved), *_ended(report.steps, SEND_TO[Side.OLD], "DNS points to old")]
    if report.approval_to_first_served_s is not None:
        at = approved + report.approval_to_first_served_s
        marks.append(Mark(name=f"first user served by old, {report.approval_to_first_served_s:.1f} s", at=at))
    gap = _s(report.downtime_began)
    return View(
        label="Requests per second while users were sent back",
        since=approved - AROUND_S,
        until=_s(report.switchback.ended) + AROUND_S,
        zero=approved,
        marks=marks,
        shaded=Band(name=f"longest outage, {report.downtime_s:.1f} s", started=gap, ended=gap + report.downtime_s),
        steps=_with_wait(report.switchback, report.steps),
    )


def _cutover(report: Report) -> View:
    approved = _s(report.cutover.approved)
    return View(
        label="Requests per second while users were sent to new",
        since=approved - AROUND_S,
        until=_s(report.cutover.ended) + AROUND_S,
        zero=approved,
        marks=[
            Mark(name="approved", at=approved),
            *_ended(report.cutover_steps, SEND_TO[Side.NEW], "DNS points to new"),
        ],
        steps=_with_wait(report.cutover, report.cutover_steps),
    )


def _ended(steps: Sequence[StepTaken], name: str, words: str) -> Iterator[Mark]:
    for step in steps:
        if step.name == name and step.ended:
            yield Mark(name=words, at=_s(step.ended))


def _with_wait(attempt: AttemptSeen, steps: Sequence[StepTaken]) -> tuple[StepTaken, ...]:
    """The steps, after the time that the run took to come back from its approval."""
    wait = StepTaken(name=RESUMES, started=attempt.approved, ended=attempt.resumed, outcome=StepOutcome.HELD)
    return (wait, *steps)


def _s(at: datetime) -> float:
    return at.timestamp()
