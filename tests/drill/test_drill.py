"""The whole drill on a whole local site, as `make drill` runs it: slow, and only by `make proof PARTS=drill`."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from switchback.drill import report
from switchback.drill.report import Report
from tests.drill import running


@pytest.fixture(scope="module")
def var() -> Iterator[Path]:
    """A site's folder in which a drill has run; the site is down again."""
    with running.drilled("switchback") as folder:
        yield folder


@pytest.fixture(scope="module")
def measured(var: Path) -> Report:
    """The drill's report."""
    return report.load(var / "drills" / "latest" / "report.json")


@pytest.mark.timeout(running.TIMEOUT_S)
def test_no_acknowledged_write_is_lost(measured: Report) -> None:
    """Under load, through a cutover, an incident and the way back."""
    assert measured.proven
    assert measured.acknowledged_writes > 0
    assert measured.lost_writes == measured.duplicated_writes == measured.acknowledged_by_new_after_fence == 0


def test_every_step_was_seen_to_hold(measured: Report) -> None:
    """Of both attempts, in their order of time."""
    for steps in (measured.steps, measured.cutover_steps):
        assert all(step.holds for step in steps)
        began = [step.started for step in steps if step.started]
        assert began == sorted(began)


def test_the_report_has_what_was_promised(var: Path) -> None:
    """The fields that others read."""
    content = json.loads((var / "drills" / "latest" / "report.json").read_text())
    promised = "way_back acknowledged_writes lost_writes duplicated_writes waiting_on_new downtime_s"
    assert {*promised.split(), "approval_to_first_served_s", "steps", "proven"} <= content.keys()
    assert {"name", "started", "ended", "outcome"} == content["steps"][0].keys()


def test_nothing_of_the_drill_is_left(var: Path) -> None:
    """No incident on new, and one line of history."""
    assert not (var / "drills" / ".local.incident").exists()
    assert json.loads((var / "run" / "faults-new.json").read_text()) == {}
    assert len((var / "drills" / "history.jsonl").read_text().splitlines()) == 1
