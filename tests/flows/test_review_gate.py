"""The review pause over a real Prefect server: only a review that was taken, and signed for, opens it."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from prefect import flow
from prefect.client.orchestration import get_client

from switchback import settings
from switchback.domain.approval import NotApproved
from switchback.domain.journal import Kind
from switchback.domain.step import Runbook
from switchback.recovery import bundle
from switchback.rollback import records
from switchback.rollback.records import Request, Way
from switchback.steps import recovery
from switchback.steps.postgres import SitesSeen
from switchback.steps.recovery import home, kept, seal
from switchback.systems import journal, shelf
from switchback.ways import conduct, reviewing, runbooks
from switchback.ways.conduct import Attempt
from tasks import review_text, reviews, rollbacks
from tests import manifests
from tests.flows.conftest import NAME
from tests.flows.running import Run

ANSWER = {
    "decision": "apply_reviewed",
    "conflicts": "leave",
    "returned": "none",
    "name": "Dana Example",
    "role": "data_steward",
    "reason": "looked at",
}
AT = datetime(2026, 1, 1, tzinfo=UTC)
LAYOUT = bundle.Layout(columns=("id", "n"), alone=(True, True), key=("id",), old=True, base=False)


@flow(name="review", persist_result=False)
def review_flow() -> str:
    """A way back that is nothing but the pause."""
    request = Request(way=Way.EVALUATED_ROLLBACK, environment=NAME, incident="dark", requested_by="Grace Example")
    attempt = rollbacks.begin(request, "")
    for database in ground(attempt)[0].environment.databases:
        export(ground(attempt)[0], database)
    reviews.require(attempt)
    return "signed"


def ground(attempt: Attempt) -> tuple[recovery.Ground, tuple[Any, ...]]:
    environment = settings.load(NAME)
    own = records.read(journal.open_store(environment), attempt.run)
    return recovery.Ground(environment, attempt.run, SitesSeen(old=(), new=()), AT, opened=False, found={}), own


def export(of: recovery.Ground, database: str) -> None:
    """One update of one table, on the shelf as capture would have put it; once."""
    place = recovery.Kept(of, database, recovery.Part.EXPORTED)
    if place.there:
        return
    with kept.workshop() as folder:
        with bundle.writing(folder / "b") as writer:
            table = writer.table("public", "t", LAYOUT)
            table.row(bundle.Operation.UPDATE, bundle.Versions(new=("1", "2"), old=("1", "1")), bundle.Conflict.NONE)
            note = manifests.note(
                ("public", "t"), table.close(), LAYOUT, dict.fromkeys(LAYOUT.columns, "integer"), updates=1
            )
            writer.finish(manifests.of(note))
        place.put(shelf.files_of(folder / "b"))


@pytest.fixture
def run(prefect_server: None, environment: settings.Environment, monkeypatch: pytest.MonkeyPatch) -> Iterator[Run]:
    del prefect_server
    assert environment.name == NAME
    monkeypatch.setattr(runbooks, "of_request", lambda *_: Runbook(title="none", preconditions=(), items=()))
    monkeypatch.setattr(conduct.history, "ground", lambda _environment, _store, request, _now: request)
    monkeypatch.setattr(conduct, "ground", ground)
    monkeypatch.setattr(home, "applied", lambda *_: None)
    monkeypatch.setattr(seal, "must_fit", lambda *_: None)
    with get_client(sync_client=True) as client:
        deployment = client.create_deployment(flow_id=client.create_flow(review_flow), name="test")
        made = client.create_flow_run_from_deployment(deployment).id
        yield Run(client=client, id=made, flow=review_flow, answers=ANSWER)


def told(kind: Kind) -> list[Any]:
    return [record for record in conduct.told(attempt()).records if record.kind is kind]


def attempt() -> Attempt:
    (run,) = journal.open_store(settings.load(NAME)).runs()
    return Attempt(run=run, environment=NAME)


def send_back(folder: Path, before: str, after: str) -> str:
    """Every database's file, with a cell changed; the code of all."""
    of = ground(attempt())[0]
    for database in of.environment.databases:
        place = folder / database
        recovery.Kept(of, database, recovery.Part.EXPORTED).fetch(place)
        (file,) = place.glob("*.csv")
        file.write_text(file.read_text(encoding="utf-8").replace(before, after), encoding="utf-8")
        kept.keep_returned(recovery.Kept(of, database, recovery.Part.RETURNED), place, [file.name])
    return seal.returned_code(of)


def test_what_was_reviewed_is_what_the_vote_is_bound_to(run: Run, tmp_path: Path) -> None:
    """Nothing is voted before an answer; then the vote holds the digest of the review, not of the export."""
    assert run.go() is None
    assert not told(Kind.VOTED)
    (asked,) = told(Kind.ASKED)
    assert run.answer(returned=send_back(tmp_path, ",2,", ",3,")) == "ACCEPT"
    state = run.go()
    assert state is not None
    assert state.is_completed()
    (voted,) = told(Kind.VOTED)
    assert voted.data["digest"] not in ("", asked.data["digest"])
    assert reviewing.stands(attempt())


def test_a_refused_review_is_recorded_and_asked_again(run: Run, tmp_path: Path) -> None:
    """By file, row and column; the answer to the first question does not answer the second."""
    run.go()
    run.answer(returned=send_back(tmp_path / "damaged", ",2,", ",two,"))
    assert run.go() is None
    (refused,) = told(Kind.REVIEWED)
    assert "t.csv, row 1, column n" in refused.data["why"]
    refusal, together = review_text.markdown(attempt(), reviewing.question(attempt())).split("\n\n")[:2]
    assert refusal == f"**The last review does not count:** {refused.data['why']}"
    assert together.startswith("**0 inserts, 3 updates, 0 deletes, 0 conflicts** in all;")
    assert not told(Kind.VOTED)
    run.answer(returned=send_back(tmp_path / "mended", ",2,", ",2,"))
    state = run.go()
    assert state is not None
    assert state.is_completed()
    assert len(told(Kind.ASKED)) == 2


def test_files_that_were_not_meant_are_not_signed_for(run: Run, tmp_path: Path) -> None:
    """Others came back while somebody answered, or the code is another one: asked again, nothing is signed."""
    run.go()
    meant = send_back(tmp_path / "read", ",2,", ",3,")
    other = send_back(tmp_path / "unread", ",2,", ",4,")
    run.answer(returned=meant)
    assert run.go() is None
    (refused,) = told(Kind.REVIEWED)
    assert f"whose code is {other}" in refused.data["why"]
    assert not told(Kind.VOTED)
    run.answer(returned=other.upper())
    state = run.go()
    assert state is not None
    assert state.is_completed()


def test_a_return_that_was_cut_off_between_two_databases_does_not_count(run: Run, tmp_path: Path) -> None:
    """Nobody has ever returned these files together."""
    run.go()
    send_back(tmp_path / "whole", ",2,", ",3,")
    of = ground(attempt())[0]
    recovery.Kept(of, of.environment.databases[-1], recovery.Part.RETURNED).drop()
    run.answer(returned=seal.returned_code(of))
    assert run.go() is None
    (refused,) = told(Kind.REVIEWED)
    assert "that was cut off" in refused.data["why"]
    assert not told(Kind.VOTED)


@pytest.mark.parametrize(
    "changed",
    [{"decision": "deny"}, {"name": "Mallory"}, {"name": "Ada Example", "role": "incident_commander"}],
)
def test_who_may_not_answer_and_who_denies_opens_nothing(run: Run, changed: dict[str, str]) -> None:
    """It takes a listed data steward who agrees."""
    run.go()
    run.answer(**changed)
    state = run.go()
    assert state is not None
    assert isinstance(state.result(raise_on_failure=False), NotApproved)
    assert not reviewing.stands(attempt())


@pytest.mark.parametrize("missing", list(ANSWER))
def test_the_form_has_no_field_that_may_be_left_out(run: Run, missing: str) -> None:
    """Prefect itself rejects an answer that is not whole; the run stays suspended."""
    run.go()
    answer = {key: value for key, value in ANSWER.items() if key != missing}
    assert run.client.resume_flow_run(run.id, run_input=answer).status.value == "REJECT"
