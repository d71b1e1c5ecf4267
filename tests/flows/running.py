"""One flow run of a deployment, driven step by step as a worker would."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from prefect import Flow
from prefect.client.orchestration import SyncPrefectClient
from prefect.exceptions import Pause
from prefect.flow_engine import run_flow
from prefect.states import AwaitingRetry, Failed, Pending, State


@dataclass
class Run:
    """A run and the answers that its gate is given."""

    client: SyncPrefectClient
    id: UUID
    flow: Flow[..., Any]
    answers: Mapping[str, str]

    def go(self) -> State[Any] | None:
        """Run until the end or the gate; None at the gate."""
        self.client.set_flow_run_state(self.id, Pending())
        try:
            return run_flow(self.flow, flow_run=self.client.read_flow_run(self.id), return_type="state")  # type: ignore[return-value]
        except Pause:
            return None

    def answer(self, **changed: str) -> str:
        return self.client.resume_flow_run(self.id, run_input={**self.answers, **changed}).status.value

    def retry(self) -> None:
        """As the UI and the command line do: forced, and counted as another try."""
        self.client.set_flow_run_state(self.id, Failed(message="The flow was paused and never resumed."), force=True)
        self.client.set_flow_run_state(self.id, AwaitingRetry(), force=True)
