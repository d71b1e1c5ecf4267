"""Writes the summary beside a bundle's files; again after the review, with what was decided."""

import csv
import io
from dataclasses import asdict
from pathlib import Path

from switchback.recovery import reviewed
from switchback.recovery.bundle import Bundle
from switchback.recovery.reviewed import Reviewed
from switchback.recovery.summary import conflicts, facts

CSV = "summary.csv"
HTML = "summary.html"
TEMPLATE = Path(__file__).with_name("page.html.j2")
EDITS_SHOWN = 100


def write(found: Bundle, review: Reviewed | None) -> None:
    """summary.csv and summary.html of a bundle, replacing those of an earlier step."""
    lines = facts.lines(found.manifest, review)
    reviewed.write(found.folder / CSV, _csv(lines))
    reviewed.write(found.folder / HTML, _html(found, review, lines))


def _csv(lines: tuple[facts.Line, ...]) -> str:
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, fieldnames=list(asdict(facts.totals(()))), lineterminator="\n")
    writer.writeheader()
    writer.writerows(asdict(line) for line in lines)
    return text.getvalue()


def _html(found: Bundle, review: Reviewed | None, lines: tuple[facts.Line, ...]) -> str:
    from jinja2 import Environment, StrictUndefined

    page = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True).from_string(
        TEMPLATE.read_text(encoding="utf-8")
    )
    return page.render(
        manifest=found.manifest,
        review=review,
        lines=[line for line in lines if line.changes or line.kept_on_old],
        untouched=[line.name for line in lines if not line.changes and not line.kept_on_old],
        totals=facts.totals(lines),
        conflicts=conflicts.shown(found),
        edits=review.edits[:EDITS_SHOWN] if review else (),
    )
