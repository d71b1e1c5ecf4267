"""A drill is proven only when nothing speaks against it; each spoilt drill is told why it is not."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from switchback.domain.journal import Kind
from switchback.drill import measure, verdict
from switchback.drill.measure import Evidence
from switchback.drill.report import Restored
from switchback.rollback.records import Way
from tests.unit import drill_example

EXAMPLE = drill_example.evidence()


def _audit(**changed: int | dict[str, int]) -> Evidence:
    return replace(EXAMPLE, audit=replace(EXAMPLE.audit, **changed))  # type: ignore[arg-type] # fields by name


def _lost() -> Evidence:
    return _audit(lost=3, on_old=EXAMPLE.audit.on_old - 3)


def _nothing_acknowledged() -> Evidence:
    return _audit(acknowledged=0, on_old=0, waiting_on_new=0, waiting_rows={})


def _never_finished() -> Evidence:
    taken = EXAMPLE.switchback
    return replace(EXAMPLE, switchback=replace(taken, told=replace(taken.told, records=taken.told.records[:-1])))


def _without_a_check() -> Evidence:
    taken = EXAMPLE.cutover
    kept = tuple(r for r in taken.told.records if not (r.kind is Kind.OBSERVED and r.step == "new serves"))
    return replace(EXAMPLE, cutover=replace(taken, told=replace(taken.told, records=kept)))


def _leaking_fence() -> Evidence:
    last = EXAMPLE.writes[-1]
    return replace(EXAMPLE, writes=[*EXAMPLE.writes, replace(last, site="new")])


def _old_never_back() -> Evidence:
    approved = EXAMPLE.switchback.approved.timestamp()
    return replace(EXAMPLE, requests=[r for r in EXAMPLE.requests if r.at < approved])


SPOILT: list[tuple[Callable[[], Evidence], str]] = [
    (_lost, "3 acknowledged writes are lost"),
    (_nothing_acknowledged, "nothing to lose"),
    (lambda: _audit(duplicated=1), "1 writes took effect twice"),
    (lambda: _audit(refused_but_there=2), "2 writes were refused"),
    (lambda: _audit(on_old=1), "does not add up"),
    (lambda: _audit(waiting_rows={"books_db.books": 10_000}), "the audit knows of 10000"),
    (lambda: _audit(waiting_rows={"films_db.films": 1}), "films_db.films: the way back counted 0"),
    (lambda: _audit(waiting_on_new=0, waiting_rows={}, unknown=0, on_old=EXAMPLE.audit.acknowledged), "no write there"),
    (_never_finished, "unfinished, not done"),
    (_without_a_check, "new serves is not begun"),
    (_leaking_fence, "New acknowledged 1 writes sent after its fence"),
    (_old_never_back, "Nobody was served by old after the approval"),
    (lambda: replace(EXAMPLE, requests=[r for r in EXAMPLE.requests if r.site != "new"]), "Nobody was served by new"),
]


def test_the_example_is_proven() -> None:
    """The starting point of the others: nothing speaks against it."""
    measured = measure.measure(EXAMPLE)
    assert measured.proven
    assert measured.why_not_proven == ()


@pytest.mark.parametrize(("spoilt", "reason"), SPOILT, ids=[reason for _spoilt, reason in SPOILT])
def test_a_spoilt_drill_is_not_proven(spoilt: Callable[[], Evidence], reason: str) -> None:
    """And says what speaks against it."""
    measured = measure.measure(spoilt())
    assert not measured.proven
    assert reason in " ".join(measured.why_not_proven)


RESTORED = Restored(backup="good", backup_age_s=9.0, backup_rows=7, rows_home=3, refused={"bad": "corrupt"})


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"restored": None}, "Nothing was restored."),
        ({"restored": replace(RESTORED, refused={})}, "The planted backup bad was not refused."),
        ({"restored": replace(RESTORED, rows_home=0)}, "No row was written after the backup"),
    ],
)
def test_an_emergency_drill_that_refused_too_little_is_not_proven(
    changed: dict[str, Restored | None], says: str
) -> None:
    """A planted backup that was believed, or nothing that had to come home, proves nothing."""
    whole = replace(measure.measure(EXAMPLE), way_back=Way.EMERGENCY_RESTORE, restored=RESTORED)
    assert list(verdict.why_not_restored(whole, ["bad"])) == []
    (reason,) = verdict.why_not_restored(replace(whole, **changed), ["bad"])  # type: ignore[arg-type]
    assert says in reason
