"""The report of a destroy's drill for people: report.html to look at, report.md for a ticket. The verdict first."""

from collections.abc import Iterator, Sequence

from switchback.drill import template
from switchback.drill.chart import Mark
from switchback.drill.destroyed import Destroyed, Evidence
from switchback.drill.history import Past
from switchback.drill.markdown import steps_of, table, timeline_of, verdict, what_users_got


def page(made: Destroyed, found: Evidence, past: Sequence[Past]) -> str:
    """The page. The same drill and the same past give the same page."""
    whole = template.whole(made, found.requests, _marks(made))
    return template.fill("destroyed.html", made, whole=whole, past=past, numbers=tuple(numbers(made)))


def markdown(made: Destroyed, found: Evidence) -> str:
    """The report as Markdown."""
    return "\n".join(_parts(made, found))


def numbers(made: Destroyed) -> Iterator[tuple[str, str]]:
    """What was measured, in words."""
    yield "acknowledged writes", f"{made.acknowledged_writes:,}"
    yield "... on old", f"{made.audit.on_old:,}"
    yield "... lost", f"{made.lost_writes:,}"
    yield "requests of users that failed", f"{made.failed_requests:,}"
    yield "requests of users served by new", f"{made.served_by_new:,}"
    yield "resources in the approved plan", f"{made.planned}"
    yield "resource groups gone", ", ".join(made.gone) or "none"
    names = (f"{name} on {free:%Y-%m-%d}" for name, free in made.taken_names.items())
    yield "names that are free again later", ", ".join(names) or "none"
    yield "longest pause of a service for its users", f"{made.downtime_s:.1f} s"
    yield "approval to way back finished", f"{made.approval_to_done_s:.1f} s"


def _marks(made: Destroyed) -> list[Mark]:
    ends = [Mark(name=step.name, at=step.ended.timestamp()) for step in made.steps[-1:] if step.ended]
    return [Mark(name="destroy approved", at=made.attempt.approved.timestamp()), *ends]


def _parts(made: Destroyed, found: Evidence) -> Iterator[str]:
    yield from verdict(made)
    yield table(("what", "measured"), numbers(made))
    yield f"\nThe fault on new: {made.fault}\n"
    yield "\n## Nobody was on new\n"
    yield table(("proof", "what was counted, and where"), made.nobody.items())
    yield what_users_got(made)
    yield steps_of(made.attempt, made.steps)
    yield timeline_of(found.destroy)
    yield ""
