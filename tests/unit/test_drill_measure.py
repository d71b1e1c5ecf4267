"""What a drill measured is what its journals, outcomes, ledger and audit say."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from switchback.domain.journal import Kind
from switchback.drill import ledger, measure, outcomes, report, steps
from switchback.drill.diary import Phase
from switchback.drill.outcomes import Request, Served
from switchback.drill.steps import StepOutcome
from tests.unit import drill_example
from tests.unit.drill_example import instant


def _request(at: float, service: str = "books", site: str = "old", outcome: str = "ok") -> Request:
    return Request(at=at, service=service, site=site, outcome=outcome)


def test_a_gap_ends_with_the_first_user_who_is_served() -> None:
    """A failed answer does not end it."""
    gap = outcomes.longest_gap([_request(1), _request(4, outcome="503"), _request(6), _request(7)], since=0)
    assert (gap.service, gap.began, gap.seconds) == ("books", 1, 5)


def test_a_gap_counts_for_each_service() -> None:
    """One service that serves does not hide another that does not."""
    requests = [_request(at) for at in range(10)] + [_request(2, "films"), _request(9, "films")]
    assert outcomes.longest_gap(requests, since=0).service == "films"


def test_a_service_that_never_serves_again_is_down_until_the_end() -> None:
    """What was served before the approval does not count."""
    requests = [_request(1), *(_request(at, outcome="500") for at in range(5, 13))]
    assert outcomes.longest_gap(requests, since=4).seconds == 8


def test_the_first_user_is_the_first_one_after_the_approval() -> None:
    """Those whom old served before the cutover do not count, nor those whom it refused."""
    requests = [_request(1), _request(5, site="new"), _request(6, outcome="503"), _request(8), _request(9)]
    assert outcomes.first_served(requests, Served.OLD, since=4) == 8
    assert outcomes.first_served(requests, Served.OLD, since=10) is None


def test_a_torn_line_is_passed_over(tmp_path: Path) -> None:
    """The traffic may be killed while it writes."""
    path = tmp_path / "outcomes.csv"
    path.write_text("at,service,site,outcome,latency_ms\n2026-11-22T10:00:00+00:00,books,old,ok,3.5\n2026-11-22T10")
    assert [request.service for request in outcomes.read(path)] == ["books"]


def test_a_write_is_acknowledged_only_when_its_answer_says_so(tmp_path: Path) -> None:
    """A write that was sent, refused or left open is nobody's promise."""
    path = tmp_path / "ledger.jsonl"
    lines = [
        ("1", "a", "sent"),
        ("2", "b", "sent"),
        ("3", "a", "acknowledged"),
        ("4", "b", "unknown"),
        ("5", "c", "sent"),
    ]
    path.write_text(
        "".join(
            f'{{"at": "2026-11-22T10:00:0{second}+00:00", "operation": "{name}", "fate": "{fate}", "site": "new"}}\n'
            for second, name, fate in lines
        )
    )
    (kept,) = ledger.read(path)
    assert (kept.operation, kept.sent.second) == ("a", 1)


def test_a_write_on_its_way_when_the_fence_was_reported_is_no_leak() -> None:
    """What counts is when it was sent."""
    found = drill_example.evidence()
    write = replace(found.writes[0], site="new", sent=instant(0))
    assert ledger.sent_to_new_after([write], fenced=instant(1)) == 0
    assert ledger.sent_to_new_after([write], fenced=instant(-1)) == 1


def test_a_step_lasts_from_its_intent_to_its_observation() -> None:
    """A check has no intent: it lasts from the record before it."""
    told = drill_example.evidence().switchback.told.records
    fence, serves, unknown = steps.taken(told, ["fence new", "old serves", "sweep the floor"])
    assert fence.outcome is StepOutcome.DONE
    assert fence.seconds == pytest.approx(1.1)
    assert serves.outcome is StepOutcome.HELD
    assert serves.seconds == pytest.approx(0.6)
    assert (unknown.outcome, unknown.started, unknown.seconds) == (StepOutcome.NOT_BEGUN, None, None)


def test_the_review_of_the_rows_stands_among_the_steps() -> None:
    """From the question to the vote on the bundle; the vote on the plan before it is none."""
    told = drill_example.evidence().switchback.told.records
    plain = steps.taken(told, ("fence new", "send users to old"))
    assert steps.with_review(told, plain) == plain
    asked, voted = (
        replace(record, at=at, data={**record.data, "subject": "the bundle"})
        for record, at in ((told[2], "2026-11-22T10:00:58.750+00:00"), (told[3], "2026-11-22T10:00:58.760+00:00"))
    )
    assert [record.kind for record in (asked, voted)] == [Kind.ASKED, Kind.VOTED]
    names = [step.name for step in steps.with_review((*told, asked, voted), plain)]
    assert names == ["fence new", steps.REVIEW, "send users to old"]


def test_a_step_without_observation_is_unfinished() -> None:
    """It began, and nobody saw it hold."""
    told = drill_example.evidence().switchback.told.records
    cut = next(number for number, record in enumerate(told) if record.step == "fence new")
    (fence,) = steps.taken(told[: cut + 1], ["fence new"])
    assert (fence.outcome, fence.holds) == (StepOutcome.UNFINISHED, False)


def test_the_example_is_measured() -> None:
    """Approved at 55 s, first served by old at 62.5 s, and every number from its own source."""
    measured = measure.measure(drill_example.evidence())
    assert measured.approval_to_first_served_s == pytest.approx(7.5, abs=0.1)
    assert measured.downtime_s == pytest.approx(5.6, abs=0.1)
    assert measured.approval_to_done_s == pytest.approx(14.5)
    assert measured.waiting_on_new == measured.audit.waiting_on_new * 2
    assert [step.name for step in measured.steps] == [name for name, _changes, _seconds in drill_example.SWITCHBACK]
    assert measured.phases[0].requests[Served.NEW] == 0
    assert measured.phases[2].phase is Phase.ON_NEW
    assert measured.phases[2].seconds == 10


def test_a_report_survives_its_file(tmp_path: Path) -> None:
    """What machines read is what was measured."""
    measured = measure.measure(drill_example.evidence())
    path = tmp_path / "report.json"
    path.write_text(report.dump(measured))
    assert report.load(path) == measured


def test_the_same_evidence_gives_the_same_report() -> None:
    """Nothing depends on when it is measured."""
    assert measure.measure(drill_example.evidence()) == measure.measure(drill_example.evidence())


def test_a_later_approval_is_a_shorter_recovery() -> None:
    """The clock starts when the vote is given."""
    found = drill_example.evidence()
    later = replace(found.switchback, approved=found.switchback.approved + timedelta(seconds=2))
    first = measure.measure(replace(found, switchback=later)).approval_to_first_served_s
    assert first == pytest.approx(5.5, abs=0.1)
