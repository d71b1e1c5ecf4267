"""Runs of deployments, asked for and answered the way the Prefect UI does it. Never runs a flow itself."""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import ClassVar
from uuid import UUID

import httpx
from prefect import State
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.filters import LogFilter, LogFilterFlowRunId
from prefect.client.schemas.responses import SetStateStatus
from prefect.client.schemas.sorting import LogSort
from prefect.exceptions import ObjectNotFound
from prefect.settings import PREFECT_API_URL
from prefect.states import Scheduled

from switchback.domain.errors import HalfDone, Refused, Unreachable

ANSWER_WITHIN_S = 30.0  #: the form's schema is stored some time after the run shows as suspended
ASK_AGAIN_S = 0.3
LINES = 4  #: of a run's log that an error shows
WIDTH = 160
PASSING = (httpx.codes.REQUEST_TIMEOUT, httpx.codes.TOO_MANY_REQUESTS)


@dataclass(eq=False)
class NotDeployed(Refused):
    """The server does not know the deployment."""

    problem: ClassVar[str] = "Prefect has no deployment {deployment}."
    remedy: ClassVar[str] = "Register it: make deploy ENVIRONMENT=NAME."
    deployment: str


@dataclass(eq=False)
class NoServer(Refused):
    """No Prefect server is named to this process."""

    problem: ClassVar[str] = "A drill starts its runs as the Prefect UI does, and PREFECT_API_URL names no server."
    remedy: ClassVar[str] = 'Set it; for the local site: eval "$(.venv/bin/python -m infra.local env)".'


@dataclass(eq=False)
class ServerSilent(Unreachable):
    """Prefect's server does not answer."""

    problem: ClassVar[str] = "Prefect's server does not answer ({fault})."
    remedy: ClassVar[str] = "Look at PREFECT_API_URL and at the server."
    fault: str


@dataclass(eq=False)
class ServerRefused(Refused):
    """Prefect's server answers, and does not do what it is asked."""

    problem: ClassVar[str] = "Prefect's server refused with {code}: {words}"
    remedy: ClassVar[str] = "Look at PREFECT_API_URL, PREFECT_API_KEY and the deployment's parameters."
    code: int
    words: str


@dataclass(eq=False)
class NotAnswered(HalfDone):
    """The run does not take the answer."""

    problem: ClassVar[str] = "Run {run} does not take the answer: {why}."
    remedy: ClassVar[str] = "Look at the run in the Prefect UI."
    run: str
    why: str


def start(deployment: str, parameters: Mapping[str, str | bool], key: str) -> UUID:
    """Ask for a run of a deployment, `flow/name`; asking again with the same key gives the same run.

    Raises NoServer, NotDeployed or ServerSilent.
    """
    with _client() as client:
        try:
            found = client.read_deployment_by_name(deployment)
        except ObjectNotFound as error:
            raise NotDeployed(deployment) from error
        run = client.create_flow_run_from_deployment(found.id, parameters=dict(parameters), idempotency_key=key)
        return run.id


def state(run: UUID) -> State:
    """How the run stands; raises ServerSilent."""
    with _client() as client:
        return client.read_flow_run(run).state or Scheduled()


def answer(run: UUID, values: Mapping[str, str]) -> datetime:
    """Fill in the form of a suspended run; when the accepted answer was given. Raises NotAnswered or ServerSilent."""
    deadline = time.monotonic() + ANSWER_WITHIN_S
    with _client() as client:
        while True:
            given = datetime.now(UTC)
            said = client.resume_flow_run(run, run_input=dict(values))
            if said.status is SetStateStatus.ACCEPT:
                return given
            if said.status is not SetStateStatus.REJECT or time.monotonic() > deadline:
                raise NotAnswered(str(run), getattr(said.details, "reason", None) or said.status.value)
            time.sleep(ASK_AGAIN_S)


def last_words(run: UUID) -> str:
    """The end of the run's log, without tracebacks; raises ServerSilent."""
    wanted = LogFilter(flow_run_id=LogFilterFlowRunId(any_=[run]))
    with _client() as client:
        latest = client.read_logs(wanted, limit=LINES, sort=LogSort.TIMESTAMP_DESC)
    return "\n".join(line.message.partition("\n")[0][:WIDTH] for line in reversed(latest))


@contextmanager
def _client() -> Iterator[SyncPrefectClient]:
    if not PREFECT_API_URL.value():
        raise NoServer
    try:
        with get_client(sync_client=True) as client:
            yield client
    except httpx.TransportError as error:
        raise ServerSilent(type(error).__name__) from error
    except httpx.HTTPStatusError as error:
        code = error.response.status_code
        if code in PASSING or code >= httpx.codes.INTERNAL_SERVER_ERROR:
            raise ServerSilent(f"HTTP {code}") from error
        raise ServerRefused(code, error.response.text[:WIDTH]) from error
