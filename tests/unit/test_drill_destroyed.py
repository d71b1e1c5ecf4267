"""The drill of a destroy is proven only when new is gone and nobody on old noticed; its report says so."""

import xml.etree.ElementTree as ET
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console

from switchback.drill import archive, destroyed, destroyed_screen, publish
from switchback.drill.audit import Audit
from switchback.drill.destroyed import Evidence, measure
from switchback.drill.diary import Phase, Stretch
from switchback.drill.measure import Taken
from switchback.drill.outcomes import Request
from switchback.drill.publish import NotProven
from switchback.rollback.records import Way, as_json
from switchback.steps.resources import Gone, GoneSeen
from switchback.steps.terraform import Destroy, DestroySeen
from switchback.systems.resources import DeletedVault
from switchback.systems.terraform import Doomed
from switchback.ways.history import Told
from tests.unit import drill_example

STEPS = (("fence new", True, 1.0), (Destroy.name, True, 9.0), (Gone.name, False, 0.5), ("old serves", False, 0.5))
PHASES = ((Phase.BASELINE, 0), (Phase.INCIDENT, 10), (Phase.DESTROY, 20), (Phase.SETTLING, 45), (Phase.AUDIT, 50))
ENDED = 52
FREE = drill_example.instant(90 * 86400)
SEEN = DestroySeen(
    plan="5eed" * 16,
    doomed=(Doomed(address="a.b", kind="a", id="/subscriptions/s/resourceGroups/g", actions=("delete",)),),
    groups=(),
    beside=(),
)
GONE = GoneSeen(groups=("g",), vaults=(DeletedVault(name="v", location="x", free_on=FREE, protected=True),))


def evidence() -> Evidence:
    """A drill that went well: old serves throughout, a request of three services every tenth of a second."""
    kept = {Destroy.name: {"before": as_json(DestroySeen, SEEN)}, Gone.name: {"seen": as_json(GoneSeen, GONE)}}
    records = drill_example.journal(Way.PRE_CUTOVER_DESTROY, 20.0, STEPS, 0)
    records = tuple(replace(each, data={**each.data, **kept.get(each.step, {})}) for each in records)
    edges = [*(at for _phase, at in PHASES[1:]), ENDED]
    moments = (drill_example.instant(tenth / 10).timestamp() for tenth in range(1, 500))
    return Evidence(
        id="example-2026-11-22T10-00-00Z",
        environment="example",
        phases=tuple(
            Stretch(phase=phase, started=drill_example.instant(at), ended=drill_example.instant(end))
            for (phase, at), end in zip(PHASES, edges, strict=True)
        ),
        destroy=Taken(
            told=Told(run="pre-cutover-destroy-example-0123abcd", records=records),
            approved=drill_example.instant(24.5),
            steps=tuple(name for name, _changes, _seconds in STEPS),
        ),
        fault="books at new is not healthy: HTTP status 500.",
        requests=tuple(
            Request(at=at, service=service, site="old", outcome="ok")
            for at in moments
            for service in drill_example.SERVICES
        ),
        audit=Audit(acknowledged=900, on_old=900, waiting_on_new=0, lost=0, duplicated=0),
    )


FOUND = evidence()
FAILED = Request(at=drill_example.instant(30).timestamp(), service="books", site="old", outcome="503")


def test_a_drill_in_which_nobody_noticed_is_proven() -> None:
    """With the numbers that a person asks for."""
    made = measure(FOUND)
    assert (made.proven, made.why_not_proven) == (True, ())
    assert (made.planned, made.gone, made.taken_names) == (1, ("g",), {"v": FREE})
    assert (made.failed_requests, made.served_by_new, made.downtime_s) == (0, 0, pytest.approx(0.1, abs=0.01))
    assert made.approval_to_done_s == pytest.approx(13.7)


@pytest.mark.parametrize(
    ("spoilt", "why"),
    [
        (replace(FOUND, requests=(*FOUND.requests, FAILED)), "1 requests of old's users failed"),
        (replace(FOUND, requests=(*FOUND.requests, replace(FAILED, site="new", outcome="ok"))), "served by new"),
        (replace(FOUND, requests=FOUND.requests[:900]), "Nobody was served by old in the phase 'settling on old'"),
        (replace(FOUND, audit=replace(FOUND.audit, on_old=899, lost=1)), "Of 900 acknowledged writes 899 are on old"),
        (replace(FOUND, audit=replace(FOUND.audit, duplicated=2)), "2 writes took effect twice"),
        (replace(FOUND, audit=replace(FOUND.audit, acknowledged=0, on_old=0)), "No write was acknowledged"),
    ],
)
def test_whatever_users_noticed_speaks_against_it(spoilt: Evidence, why: str) -> None:
    """A failed request, one served by new, a write that is not on old, silence."""
    made = measure(spoilt)
    assert not made.proven
    assert why in " ".join(made.why_not_proven)


def test_a_destroy_that_did_not_end_speaks_against_it() -> None:
    """An attempt cut off before new was seen to be gone."""
    told = FOUND.destroy.told
    cut = replace(FOUND.destroy, told=replace(told, records=told.records[:-4]))
    reasons = " ".join(measure(replace(FOUND, destroy=cut)).why_not_proven)
    assert "unfinished, not done" in reasons
    assert "new is gone is not begun" in reasons
    assert "Nothing was destroyed" in reasons


def test_the_report_is_written_for_people_and_machines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """JSON, Markdown and a page of valid pictures, a line of history, and one screen."""
    monkeypatch.setenv("SWITCHBACK_DRILLS", str(tmp_path))
    folder = archive.make("example", drill_example.BEGAN)
    made = publish.publish_destroyed(folder, FOUND)
    assert destroyed.load(folder.report) == made
    text = (folder.path / "report.md").read_text(encoding="utf-8")
    assert text.startswith(f"# Drill {made.id}: proven\n")
    assert "v on 2027-02-20" in text
    page = (folder.path / "report.html").read_text(encoding="utf-8")
    assert "old's users noticed nothing" in page.replace("&#39;", "'")
    assert "src=" not in page
    ET.fromstring(page[page.index("<svg") : page.index("</svg>") + len("</svg>")])  # noqa: S314 - our own
    assert len((tmp_path / "history.jsonl").read_text(encoding="utf-8").splitlines()) == 1
    console = Console(record=True, width=120)
    console.print(destroyed_screen.summary(folder))
    assert "Proven" in console.export_text()


def test_a_drill_that_is_not_proven_ends_with_an_error() -> None:
    """And names why."""
    with pytest.raises(NotProven, match="users failed"):
        publish.must_be_proven(measure(replace(FOUND, requests=(*FOUND.requests, FAILED))))
