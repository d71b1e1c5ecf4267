"""The pages of a drill: whole, self-contained, and the same for the same drill."""

import re
import xml.etree.ElementTree as ET
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from switchback.drill import archive, history, measure, page, publish, report, screen, svg, trend
from switchback.drill.history import Past
from tests.unit import drill_example

FOUND = drill_example.evidence()
MEASURED = measure.measure(FOUND)
SPOILT = replace(FOUND, audit=replace(FOUND.audit, lost=1, on_old=FOUND.audit.on_old - 1))


@pytest.fixture
def drills(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder for drills."""
    monkeypatch.setenv("SWITCHBACK_DRILLS", str(tmp_path))
    return tmp_path


def _past(number: int) -> Past:
    return Past(
        id=f"example-{number}",
        environment="example",
        way_back="dns-switchback",
        began=drill_example.BEGAN + timedelta(days=number),
        proven=number != 1,
        acknowledged_writes=10,
        lost_writes=0,
        downtime_s=4.0 + number,
        approval_to_first_served_s=None if number == 2 else 5.0 + number,
        approval_to_done_s=12.0,
    )


def test_the_page_asks_nobody_for_anything() -> None:
    """It is opened from a mail, on a train, after the incident: no script, no font, no picture from elsewhere."""
    html = page.render(MEASURED, FOUND, [])
    addresses = set(re.findall(r"[a-z]+://[^\s\"'<]+", html))
    assert addresses == {"http://www.w3.org/2000/svg"}
    assert "<script" not in html
    assert "<link" not in html


def test_an_outage_is_told_as_one() -> None:
    """Rows may be left on new that hold no write which old lacks: how many do is said beside them."""
    nothing = replace(MEASURED.audit, waiting_on_new=0)
    html = page.render(replace(MEASURED, waiting_on_new=3, audit=nothing, new_was_down=True), FOUND, [])
    assert ">0 acknowledged writes among them<" in html
    assert "new&#39;s databases went down" in html


def test_every_drawing_is_well_formed() -> None:
    """A browser forgives; an editor or a converter does not."""
    html = page.render(MEASURED, FOUND, [_past(n) for n in range(4)])
    drawings = re.findall(r"<svg.*?</svg>", html, re.DOTALL)
    assert len(drawings) == 4
    for drawing in drawings:
        ET.fromstring(drawing)  # noqa: S314 - our own text


def test_every_step_is_drawn_and_listed() -> None:
    """By its name, in both attempts."""
    html = page.render(MEASURED, FOUND, [])
    for step in (*MEASURED.steps, *MEASURED.cutover_steps):
        assert html.count(step.name) >= 2


def test_the_verdict_comes_first() -> None:
    """With the reasons when it is bad."""
    measured = measure.measure(SPOILT)
    html = page.render(measured, SPOILT, [])
    assert "<h1>Not proven</h1>" in html
    assert html.index(measured.why_not_proven[0]) < html.index("<svg")
    assert "Proven: no acknowledged write was lost" in page.render(MEASURED, FOUND, [])


def test_the_same_drill_gives_the_same_files(drills: Path) -> None:
    """Published twice: one line of history, and not a byte differs."""
    folder = archive.make("example", drill_example.BEGAN)
    names = ("report.json", "report.md", "report.html")
    publish.publish(folder, FOUND)
    first = [(folder.path / name).read_bytes() for name in names]
    publish.publish(folder, FOUND)
    assert [(folder.path / name).read_bytes() for name in names] == first
    assert len((drills / "history.jsonl").read_text().splitlines()) == 1


def test_a_drill_that_is_not_proven_stops_the_command(drills: Path) -> None:
    """After its report was written, and with its reasons."""
    folder = archive.make("example", datetime.now(UTC))
    measured = publish.publish(folder, SPOILT)
    assert report.load(drills / "latest" / "report.json") == measured
    with pytest.raises(publish.NotProven, match="1 acknowledged writes are lost"):
        publish.must_be_proven(measured)
    publish.must_be_proven(MEASURED)


def test_latest_points_to_the_newest_drill(drills: Path) -> None:
    """Also while the drill before it is still there."""
    archive.make("example", drill_example.BEGAN)
    newest = archive.make("example", drill_example.BEGAN + timedelta(hours=1))
    assert (drills / "latest").resolve() == newest.path


def test_the_trend_keeps_to_its_own_kind(tmp_path: Path) -> None:
    """Another environment's drills are not this one's trend; a torn line is passed over."""
    path = tmp_path / "history.jsonl"
    history.add(path, MEASURED)
    history.add(path, replace(MEASURED, id="other-1", environment="other"))
    with path.open("a") as file:
        file.write('{"id": "torn')
    assert [past.id for past in history.like(history.read(path), MEASURED)] == [MEASURED.id]


def test_a_drill_that_was_not_proven_is_hollow_in_the_trend() -> None:
    """And a value that was never reached is left out."""
    drawn = trend.draw([_past(n) for n in range(4)])
    assert drawn.count("hollow") == 3
    assert drawn.count("<circle") == 11


def test_labels_that_would_overlap_get_lanes_of_their_own() -> None:
    """The third fits beside the first again."""
    assert svg.lanes([(0, 10), (5, 12), (10, 20), (11, 15)]) == [0, 1, 0, 2]


def test_the_summary_fits_one_screen(drills: Path) -> None:
    """24 lines of 100 characters, with the verdict and where the page is."""
    from rich.console import Console

    folder = archive.make("example", drill_example.BEGAN)
    console = Console(width=100, record=True, quiet=False, file=(drills / "out").open("w"))
    console.print(screen.summary(MEASURED, folder))
    said = console.export_text()
    assert len(said.splitlines()) <= 24
    assert "Proven" in said
