"""The approval gate over a real Prefect server: only a recorded vote on this very plan opens it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

import pytest
from prefect import flow
from prefect.client.orchestration import get_client

from switchback import settings
from switchback.domain.approval import NotApproved
from switchback.domain.errors import Refused, Unreachable
from switchback.domain.journal import Kind
from switchback.domain.step import Runbook
from switchback.rollback.records import Request, Way
from switchback.systems import journal
from switchback.ways import conduct, runbooks
from switchback.ways.conduct import Attempt
from tasks import approvals, rollbacks
from tasks._step import step
from tests.flows.conftest import NAME
from tests.flows.running import Run
from tests.lamp import Lamp, Light

APPROVE = {"decision": "approve", "name": "Ada Example", "role": "incident_commander", "reason": "users see errors"}


@dataclass(eq=False)
class NoSocket(Refused):
    """There is nothing to plug the lamp into."""

    problem: ClassVar[str] = "{room} has no socket."
    room: str


@step("switch the lamp on")
def switch_on(attempt: Attempt) -> None:
    conduct.carry_out(attempt, "switch the lamp on")


@flow(name="lamp", persist_result=False)
def lamp_flow() -> str:
    """A way back of one step behind the gate."""
    request = Request(way=Way.DNS_SWITCHBACK, environment=NAME, incident="dark", requested_by="Grace Example")
    attempt = rollbacks.begin(request, "")
    approvals.require(attempt, rollbacks.plan(attempt))
    switch_on(attempt)
    return rollbacks.finish(attempt).outcome


@pytest.fixture
def lamp(environment: settings.Environment, monkeypatch: pytest.MonkeyPatch) -> Lamp:
    assert environment.name == NAME
    made = Lamp("switch the lamp on")
    monkeypatch.setattr(runbooks, "of_request", lambda *_: Runbook(title="light", preconditions=(), items=(made,)))
    monkeypatch.setattr(conduct.history, "ground", lambda _environment, _store, request, _now: request)
    return made


@pytest.fixture
def run(prefect_server: None, lamp: Lamp) -> Iterator[Run]:  # noqa: ARG001 - a server and a world must be there
    with get_client(sync_client=True) as client:
        deployment = client.create_deployment(flow_id=client.create_flow(lamp_flow), name="test")
        made = client.create_flow_run_from_deployment(deployment).id
        yield Run(client=client, id=made, flow=lamp_flow, answers=APPROVE)


def told(kind: Kind) -> list[Any]:
    store = journal.open_store(settings.load(NAME))
    (attempt,) = store.runs()
    return [r for r in conduct.told(Attempt(run=attempt, environment=NAME)).records if r.kind is kind]


def test_nothing_is_done_before_a_person_has_answered(run: Run, lamp: Lamp) -> None:
    """The run suspends, the question is in the journal, the lamp is off."""
    assert run.go() is None
    assert not lamp.on
    assert len(told(Kind.ASKED)) == 1
    assert not told(Kind.VOTED)


def test_an_approved_plan_is_carried_out_once(run: Run, lamp: Lamp) -> None:
    """The vote is recorded with the plan's digest, and the step is done."""
    run.go()
    assert run.answer() == "ACCEPT"
    state = run.go()
    assert state is not None
    assert state.is_completed()
    assert lamp.applied == 1
    assert told(Kind.VOTED)[0].data["digest"] == told(Kind.PLANNED)[0].data["digest"]


def test_a_gate_that_timed_out_and_is_retried_asks_again(run: Run, lamp: Lamp) -> None:
    """A retry must never pass a gate that nobody answered."""
    run.go()
    run.retry()
    assert run.go() is None
    assert lamp.applied == 0
    run.answer()
    state = run.go()
    assert state is not None
    assert state.is_completed()


def test_a_plan_that_changed_since_is_asked_about_again(run: Run, lamp: Lamp) -> None:
    """The answer to the first plan is no answer to the second."""
    run.go()
    lamp.after = "on, and brighter"
    run.answer()
    assert run.go() is None
    assert lamp.applied == 0
    assert not told(Kind.VOTED)


def test_a_denial_ends_the_attempt_and_frees_the_environment(run: Run, lamp: Lamp) -> None:
    """Nothing was changed, and somebody else may begin."""
    run.go()
    run.answer(decision="deny")
    state = run.go()
    assert state is not None
    assert isinstance(state.result(raise_on_failure=False), NotApproved)
    assert lamp.applied == 0
    assert journal.open_store(settings.load(NAME)).holder() is None


def test_what_cannot_be_planned_does_not_hold_the_environment(
    run: Run, lamp: Lamp, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing was begun, so that whoever starts again is not refused; the journal says why it ended."""

    def refuse(_lamp: Lamp, _seen: Light, _planned: Light | None) -> None:
        raise NoSocket("the hall")

    monkeypatch.setattr(Lamp, "refuse_if_unsafe", refuse)
    state = run.go()
    assert state is not None
    assert isinstance(state.result(raise_on_failure=False), NoSocket)
    assert lamp.applied == 0
    assert journal.open_store(settings.load(NAME)).holder() is None
    assert "the hall has no socket" in str(told(Kind.CLOSED)[0].data["refused"])


def test_what_was_asked_about_waits_for_a_system_that_does_not_answer(run: Run) -> None:
    """It is resumed then; what is refused ends it, and gives the environment free."""
    assert run.go() is None
    store = journal.open_store(settings.load(NAME))
    (name,) = store.runs()
    attempt = Attempt(run=name, environment=NAME)
    conduct.give_up(attempt, Unreachable())
    assert store.holder() is not None
    conduct.give_up(attempt, NoSocket("the hall"))
    assert store.holder() is None


@pytest.mark.parametrize("name", ["Grace Example", "Mallory"])
def test_who_asked_and_who_is_not_listed_cannot_approve(run: Run, lamp: Lamp, name: str) -> None:
    """The vote is recorded and does not count."""
    run.go()
    run.answer(name=name)
    state = run.go()
    assert state is not None
    assert isinstance(state.result(raise_on_failure=False), NotApproved)
    assert lamp.applied == 0


def test_a_run_killed_after_the_vote_goes_on_without_asking(
    run: Run, lamp: Lamp, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The vote in the journal carries the plan; a retry does not ask twice."""
    run.go()
    run.answer()
    with monkeypatch.context() as broken:
        broken.setattr(Lamp, "apply", lambda *_: (_ for _ in ()).throw(RuntimeError("killed")))
        state = run.go()
    assert state is not None
    assert state.is_failed()
    run.retry()
    state = run.go()
    assert state is not None
    assert state.is_completed()
    assert lamp.applied == 1
    assert len(told(Kind.VOTED)) == 1


@pytest.mark.parametrize("missing", list(APPROVE))
def test_the_form_has_no_field_that_may_be_left_out(run: Run, missing: str) -> None:
    """Prefect itself rejects an answer that is not whole; the run stays suspended."""
    run.go()
    answer = {key: value for key, value in APPROVE.items() if key != missing}
    assert run.client.resume_flow_run(run.id, run_input=answer).status.value == "REJECT"
