"""A drill asks for runs and answers their forms over a real Prefect server, the way people do in its UI."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from prefect import State, flow, suspend_flow_run
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.exceptions import Pause
from prefect.flow_engine import run_flow
from prefect.input import RunInput, keyset_from_paused_state
from prefect.states import Pending, Running, Suspended

from switchback.domain.errors import Unreachable
from tasks import _runs
from tasks._runs import NotAnswered, NotDeployed, ServerRefused


class Colour(RunInput):
    """A form."""

    colour: str


@flow(name="paint", persist_result=False)
def paint(wall: str) -> str:
    """A flow with one question."""
    return f"{wall}: {suspend_flow_run(wait_for_input=Colour, key='colour').colour}"


@pytest.fixture
def client(prefect_server: None) -> Iterator[SyncPrefectClient]:  # noqa: ARG001 - a server must be there
    with get_client(sync_client=True) as found:
        found.create_deployment(
            flow_id=found.create_flow(paint),
            name="test",
            parameter_openapi_schema=paint.parameters.model_dump_for_openapi(),
            enforce_parameter_schema=True,
        )
        yield found


@pytest.fixture
def run(client: SyncPrefectClient, request: pytest.FixtureRequest) -> UUID:  # noqa: ARG001 - deploys the flow
    """A run that was asked for and not begun."""
    return _runs.start("paint/test", {"wall": "north"}, key=request.node.name)


def _go(client: SyncPrefectClient, run: UUID) -> None:
    """As a worker would: until the question."""
    client.set_flow_run_state(run, Pending())
    with pytest.raises(Pause):
        run_flow(paint, flow_run=client.read_flow_run(run), parameters={"wall": "north"}, return_type="state")


def test_asking_again_with_the_same_key_gives_the_same_run(run: UUID, request: pytest.FixtureRequest) -> None:
    """A drill whose first request got no answer must not start a second cutover."""
    assert _runs.start("paint/test", {"wall": "north"}, key=request.node.name) == run
    assert _runs.start("paint/test", {"wall": "north"}, key="another") != run


@pytest.mark.usefixtures("client")
def test_a_deployment_that_is_not_there_is_named() -> None:
    """With how to register it."""
    with pytest.raises(NotDeployed, match=r"paint/nowhere.*make deploy"):
        _runs.start("paint/nowhere", {}, key="x")


@pytest.mark.usefixtures("client")
def test_a_server_that_refuses_is_not_asked_again_as_if_it_were_silent() -> None:
    """The flow takes no such parameter: the server's words are shown."""
    with pytest.raises(ServerRefused, match=r"refused with 4\d\d: .*wall") as met:
        _runs.start("paint/test", {"ceiling": "white"}, key="y")
    assert not isinstance(met.value, Unreachable)


def test_an_answer_is_taken_and_its_instant_known(client: SyncPrefectClient, run: UUID) -> None:
    """Recovery times count from that instant."""
    _go(client, run)
    before = datetime.now(UTC)
    assert before <= _runs.answer(run, {"colour": "blue"}) <= datetime.now(UTC)
    assert _runs.state(run).name == "Resuming"


def test_an_answer_that_is_too_early_is_given_again(
    client: SyncPrefectClient, run: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The run shows as suspended some time before its form is there."""
    client.set_flow_run_state(run, Pending(), force=True)
    suspended: State[Any] = Suspended(pause_key="colour")
    suspended.state_details.run_input_keyset = {
        str(name): key for name, key in keyset_from_paused_state(suspended).items()
    }
    client.set_flow_run_state(run, suspended, force=True)
    monkeypatch.setattr(_runs, "ANSWER_WITHIN_S", 0.5)
    began = time.monotonic()
    with pytest.raises(NotAnswered, match="schema"):
        _runs.answer(run, {"colour": "blue"})
    assert time.monotonic() - began > 0.5


def test_a_run_that_asks_nothing_takes_no_answer(client: SyncPrefectClient, run: UUID) -> None:
    """It is told at once, and not asked for half a minute."""
    client.set_flow_run_state(run, Pending(), force=True)
    client.set_flow_run_state(run, Running(), force=True)
    with pytest.raises(NotAnswered, match="not paused"):
        _runs.answer(run, {"colour": "blue"})
