"""Prefect's server and a process worker, set up as the measurements of Prefect 3.8 advise.

Talks to the server over HTTP and never imports Prefect: a start must not wait for that import.
"""

import os
import secrets
import subprocess
import sys
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import ClassVar

import httpx

from infra.local import atomic, descriptor
from infra.local.layout import ROOT, Layout
from switchback.domain.errors import HalfDone

POOL = "switchback"
PROGRAM = str(Path(sys.executable).with_name("prefect"))
DEPLOYMENTS = ROOT / "deployments" / "prefect.yaml"

#: A runner that died with its machine says nothing; one that waits for an approval neither, hence Suspended and Paused.
HEARTBEATS_STOPPED = {
    "name": "runs whose heartbeats stopped have crashed",
    "trigger": {
        "type": "event",
        "posture": "Proactive",
        "threshold": 1,
        "within": 75,
        "after": ["prefect.flow-run.heartbeat"],
        "for_each": ["prefect.resource.id"],
        "match": {"prefect.resource.id": ["prefect.flow-run.*"]},
        "expect": [
            f"prefect.flow-run.{event}"
            for event in ("heartbeat", "Completed", "Failed", "Cancelled", "Crashed", "Suspended", "Paused")
        ],
    },
    "actions": [{"type": "change-flow-run-state", "state": "CRASHED", "message": "The runner stopped answering."}],
}


@dataclass(eq=False)
class NotRegistered(HalfDone):
    """The server runs, but not all of our flows are registered with it."""

    problem: ClassVar[str] = "`prefect deploy` ended with {code}: {line}"
    remedy: ClassVar[str] = "Correct {file} or the flow it names, then run make up again."
    code: int
    line: str
    file: str


def login(layout: Layout) -> str:
    """What the UI's login page and every client ask for: made on the first call, kept readable by its owner only."""
    path = layout.var / "prefect" / "login"
    if not path.exists():
        atomic.write(path, f"admin:{secrets.token_urlsafe(12)}".encode())
    return path.read_text(encoding="ascii")


def client_variables(layout: Layout) -> dict[str, str]:
    """Settings of everything that talks to the server."""
    return {
        "PREFECT_HOME": str(layout.var / "prefect"),
        "PREFECT_API_URL": f"http://{layout.prefect}/api",
        "PREFECT_API_AUTH_STRING": login(layout),
        "PREFECT_UI_URL": f"http://{layout.prefect}/v2",
        "PREFECT_SERVER_EPHEMERAL_ENABLED": "false",
        "PREFECT_RESULTS_PERSIST_BY_DEFAULT": "true",
        "PREFECT_FLOWS_HEARTBEAT_FREQUENCY": "30",
        "PREFECT_LOGGING_EXTRA_LOGGERS": "switchback",
        "PREFECT_CLOUD_ENABLE_ORCHESTRATION_TELEMETRY": "false",
        "DO_NOT_TRACK": "1",
    }


def server_variables(layout: Layout) -> dict[str, str]:
    """Settings of the server: state in var/prefect, leases that outlive it, nothing reported to anyone."""
    return {
        "PREFECT_SERVER_API_AUTH_STRING": login(layout),
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "PREFECT_SERVER_CONCURRENCY_LEASE_STORAGE": "prefect.server.concurrency.lease_storage.filesystem",
        "PREFECT_SERVER_UI_SHOW_PROMOTIONAL_CONTENT": "false",
    }


def server_command(layout: Layout) -> list[str]:
    """Run the server in the foreground."""
    return [PROGRAM, "server", "start", "--host", layout.prefect.host, "--port", str(layout.prefect.port)]


def worker_command() -> list[str]:
    """Run a worker in the foreground."""
    return [PROGRAM, "worker", "start", "--pool", POOL, "--type", "process", "--name", "local"]


def worker_variables() -> dict[str, str]:
    """What the worker needs in its environment: runs start within a second, by the `python` that runs us."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
    return {"PREFECT_WORKER_QUERY_SECONDS": "1", "PATH": path}


def server_answers(layout: Layout) -> bool:
    """Whether the server takes requests from those who know the login."""
    with _api(layout) as api:
        return api.get("/ready").is_success and api.post("/work_pools/filter", json={}).is_success


def worker_is_online(layout: Layout, *, since: datetime) -> bool:
    """Whether the pool has a worker that reported after `since`: the server remembers those of earlier days."""
    with _api(layout) as api:
        workers = api.post(f"/work_pools/{POOL}/workers/filter", json={}).raise_for_status().json()
    return any(datetime.fromisoformat(worker["last_heartbeat_time"]) > since for worker in workers)


def prepare(layout: Layout) -> None:
    """Make the work pool and the automation that finds dead runners; a second call keeps both."""
    with _api(layout) as api:
        made = api.post("/work_pools/", json={"name": POOL, "type": "process"})
        if made.status_code != httpx.codes.CONFLICT:
            made.raise_for_status()
        known = api.post("/automations/filter", json={}).raise_for_status().json()
        if all(automation["name"] != HEARTBEATS_STOPPED["name"] for automation in known):
            api.post("/automations/", json=HEARTBEATS_STOPPED).raise_for_status()


def register(variables: dict[str, str]) -> None:
    """Deploy the local environment's flows; a second call brings them up to date. Raises NotRegistered."""
    command = [PROGRAM, "--no-prompt", "deploy", "--name", descriptor.ENVIRONMENT, "--prefect-file", str(DEPLOYMENTS)]
    done = subprocess.run(
        command, cwd=ROOT, env={**os.environ, **variables}, capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        lines = (done.stdout + done.stderr).strip().splitlines()
        raise NotRegistered(done.returncode, lines[-1] if lines else "it said nothing", str(DEPLOYMENTS))


def _api(layout: Layout) -> httpx.Client:
    user, _colon, password = login(layout).partition(":")
    return httpx.Client(base_url=f"http://{layout.prefect}/api", auth=(user, password), timeout=5, trust_env=False)
