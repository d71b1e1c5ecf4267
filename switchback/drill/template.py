"""What the pages of all drills share: the verdict, the whole drill in one picture, what users got, recovery times."""

from collections.abc import Sequence
from pathlib import Path

import jinja2

from switchback.drill import chart, trend
from switchback.drill.chart import Band, Mark, View
from switchback.drill.diary import Phase
from switchback.drill.history import Past
from switchback.drill.outcomes import Request, Served
from switchback.drill.report import Measured


def fill(name: str, report: Measured, *, whole: str, past: Sequence[Past], **own: object) -> str:
    """The page that the template of that name makes; `own` is what only that template knows."""
    pages = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent), autoescape=True, undefined=jinja2.StrictUndefined
    )
    shared = {"report": report, "served": Served, "whole": whole, "trend": trend.draw(past), "drills": len(past)}
    return pages.get_template(name).render(shared, **own)


def whole(report: Measured, requests: Sequence[Request], marks: Sequence[Mark]) -> str:
    """The picture of the whole drill up to its audit."""
    phases = [phase for phase in report.phases if phase.phase is not Phase.AUDIT]
    bands = [Band(name=each.phase, started=each.started.timestamp(), ended=each.ended.timestamp()) for each in phases]
    began = report.began.timestamp()
    view = View(
        label="Requests per second over the whole drill",
        since=began,
        until=bands[-1].ended,
        zero=began,
        bands=bands,
        marks=marks,
    )
    return chart.draw(view, requests)
