"""The stage of the proof: a local site without Prefect, users under load, and runners that die or meet faults."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from infra.local import environ, postgres
from infra.local.layout import ROOT, Layout
from switchback import settings
from switchback.domain.model import Side
from switchback.steps import dns
from switchback.systems import journal
from switchback.ways import reviewing, standing

NETWORK = "127.65"
RATE = "30"
PATIENCE_S = 180
KILLED = -1


@dataclass(frozen=True, kw_only=True)
class Ended:
    """How a runner ended."""

    code: int
    lines: int  #: journal lines it wrote, or KILLED
    words: str

    def __str__(self) -> str:
        return f"ended with {self.code}" if self.code else "lived"


class Stage:
    """A running site, and what can be done on it."""

    def __init__(self, layout: Layout) -> None:
        self.layout = layout
        self.variables = {k: v for k, v in environ.variables(layout).items() if not k.startswith("PREFECT_")}
        self.on_new: dict[str, Any] = {}  #: the state after the last cutover
        os.environ.update(self.variables)

    def take(self, way: str, resume: str = "", boundary: str = "never") -> Ended:
        """Run a way back in a process of its own, to its end or its death."""
        command = [sys.executable, "-m", "tests.proof.dying", way, resume, boundary]
        done = subprocess.run(
            command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=PATIENCE_S, stdin=subprocess.DEVNULL
        )
        lines = int((done.stdout.split() or [KILLED])[-1])
        return Ended(code=done.returncode, lines=lines, words=done.stderr.strip()[-400:])

    def undo(self, run: str) -> Ended:
        """`switchback undo`, as a person types it."""
        command = [sys.executable, "-m", "flows.cli", "undo", run]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=PATIENCE_S)
        return Ended(code=done.returncode, lines=KILLED, words=done.stderr.strip()[-400:])

    def settle(self) -> None:
        """Sign for the conflicts that the last switchback left on new, and undo what a bad trial left unfinished."""
        if run := self.unfinished():
            self.undo(run)
        attempts = standing.standing("local").attempts
        if attempts and attempts[0].waiting_on_new:
            reviewing.sign_left(attempts[0].run, "Dana Example", "a proof")

    @contextmanager
    def users(self, name: str) -> Iterator[Path]:
        """Users write for as long as the block lasts; yields their ledger."""
        folder = self.layout.var / "proof"
        folder.mkdir(exist_ok=True)
        ledger, outcomes = folder / f"{name}.ledger", folder / f"{name}.outcomes"
        command = [sys.executable, "-m", "infra.local.traffic", "--rate", RATE]
        command += ["--ledger", str(ledger), "--outcomes", str(outcomes)]
        process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stdin=subprocess.DEVNULL)
        try:
            yield ledger
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(timeout=30)

    def audit(self, ledger: Path) -> dict[str, Any]:
        """What became of every acknowledged write."""
        command = [sys.executable, "-m", "infra.local.audit", "--ledger", str(ledger)]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True, stdin=subprocess.DEVNULL)
        found: dict[str, Any] = json.loads(done.stdout)
        return found

    @contextmanager
    def outage(self) -> Iterator[None]:
        """New's databases are down for as long as the block lasts."""
        postgres.stop(self.layout, Side.NEW)
        try:
            yield
        finally:
            postgres.start(self.layout, Side.NEW)

    def unfinished(self) -> str:
        """The attempt that holds the environment; empty when none does."""
        holder = journal.open_store(settings.load("local")).holder()
        return holder.run if holder else ""

    def state(self) -> dict[str, Any]:
        """What must be the same after every death: where users are sent, what is fenced, who holds the environment."""
        environment = settings.load("local")
        seen = dns.SendUsersTo(environment, Side.OLD).look()
        return {
            "sent to": sorted({address for found in seen.sets for address in found.addresses}),
            "fenced": [side.value for side in standing.standing("local").fenced],
            "held by": self.unfinished(),
        }
