"""A drill's report is written: for machines, for people, and as one more line of history."""

from dataclasses import dataclass
from typing import ClassVar

from switchback.domain.errors import HalfDone
from switchback.drill import archive, destroyed, destroyed_pages, history, markdown, page, report
from switchback.drill.archive import Folder
from switchback.drill.destroyed import Destroyed
from switchback.drill.history import Past
from switchback.drill.measure import Evidence, measure
from switchback.drill.report import Measured, Report


@dataclass(eq=False)
class NotProven(HalfDone):
    """The drill came to its end, and did not prove what it was for."""

    problem: ClassVar[str] = "{drill} is not proven: {reasons}"
    remedy: ClassVar[str] = "See {report}."
    drill: str
    reasons: str
    report: str


def publish(folder: Folder, found: Evidence) -> Report:
    """Measure, and write report.json, report.md, report.html and the line of history; a second call writes the same."""
    measured = measure(found)
    alike = _remember(folder, measured)
    _write(folder, measured, markdown.render(measured, found, alike), page.render(measured, found, alike))
    return measured


def publish_destroyed(folder: Folder, found: destroyed.Evidence) -> Destroyed:
    """The same for the drill of a destroy."""
    measured = destroyed.measure(found)
    alike = _remember(folder, measured)
    _write(folder, measured, destroyed_pages.markdown(measured, found), destroyed_pages.page(measured, found, alike))
    return measured


def must_be_proven(measured: Measured) -> None:
    """Raise NotProven unless the drill is proven."""
    if not measured.proven:
        report = archive.root() / measured.id / "report.html"
        raise NotProven(measured.id, " ".join(measured.why_not_proven), str(report))


def _remember(folder: Folder, measured: Measured) -> tuple[Past, ...]:
    """Add the drill to the history; all there were like it."""
    past_drills = folder.path.parent / "history.jsonl"
    history.add(past_drills, measured)
    return history.like(history.read(past_drills), measured)


def _write(folder: Folder, measured: Measured, text: str, html: str) -> None:
    archive.write(folder.path / "report.md", text)
    archive.write(folder.path / "report.html", html)
    archive.write(folder.report, report.dump(measured))
