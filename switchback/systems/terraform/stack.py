"""One configuration with its state: what it holds, a destroy plan of it, and applying that plan.

An apply writes to a file and lives in a session of its own: when its parent is killed, Terraform finishes and saves
its state. Writing to a pipe, it would die with the reader, before its state is saved.
"""

import hashlib
import json
import logging
import os
import subprocess
import time
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import IO, TYPE_CHECKING

from switchback import settings
from switchback.domain.rendering import SHORT
from switchback.settings import Environment
from switchback.systems.terraform import binary, output, plan
from switchback.systems.terraform.claim import Claim
from switchback.systems.terraform.plan import Saved

if TYPE_CHECKING:
    from python_terraform import Terraform

ASK_AGAIN_S = 0.1
NEVER_ASKED = {"CHECKPOINT_DISABLE": "1", "TF_IN_AUTOMATION": "1", "TF_INPUT": "0"}
LOG = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class State:
    """How Terraform's state stands."""

    lineage: str
    serial: int
    resources: int  #: managed ones, each instance counted


def open_stack(environment: Environment) -> "Stack":
    """The stack that new was made from; raises NoStack, TerraformMissing or TerraformTooOld."""
    table = environment.terraform
    if table is None:
        raise output.NoStack(environment.name, "there is no [terraform] table")
    folder, work = settings.CHECKOUT / table.folder, settings.CHECKOUT / table.work
    if not folder.is_dir():
        raise output.NoStack(environment.name, f"there is no folder {folder}")
    work.mkdir(mode=0o700, parents=True, exist_ok=True)
    return Stack(folder, work, table, binary.find(work))


class Stack:
    """See the methods. Each raises StateLocked or TerraformFailed besides what it names."""

    def __init__(self, folder: Path, work: Path, table: settings.Terraform, program: str) -> None:
        self.folder, self.work, self.program = folder, work, program
        self._table = table
        self._claim = Claim(work / "apply.held")
        self.log = work / "apply.jsonl"

    def state(self) -> State:
        """The state as it is kept now."""
        text = self._ask("state pull")
        kept = json.loads(text) if text.strip() else {}
        managed = [each for each in kept.get("resources", ()) if each["mode"] == "managed"]
        return State(
            lineage=kept.get("lineage", ""),
            serial=kept.get("serial", 0),
            resources=sum(len(each["instances"]) for each in managed),
        )

    def plan_destroy(self, path: Path) -> Saved:
        """Save a plan that destroys everything in the state; owner-only, because plans hold values in clear."""
        path.unlink(missing_ok=True)
        os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600))
        self._ask("plan", destroy=True, out=str(path), json=True, lock_timeout=self._patience)
        path.chmod(0o600)
        return self.read(path)

    def read(self, path: Path) -> Saved:
        """What a saved plan holds."""
        doomed = plan.read(self._ask("show", str(path), json=True))
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        return Saved(digest=digest if doomed else "", doomed=doomed)

    def apply(self, path: Path, saved: Saved) -> None:
        """Apply exactly that plan; raises PlanStale, or PartlyDestroyed when Terraform stops on its way."""
        self.wait_for_another()
        command = self._command("apply", str(path), json=True, lock_timeout=self._patience)
        with self._claim.taken() as held, self.log.open("wb") as log:
            process = subprocess.Popen(
                command,
                cwd=self.folder,
                env=self.variables,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                pass_fds=[held.fileno()],
            )
        with self.log.open(encoding="utf-8", errors="replace") as lines:
            while process.poll() is None:
                _tell(lines)
                time.sleep(ASK_AGAIN_S)
            _tell(lines)
        if process.returncode:
            raise self._stopped(saved)

    def wait_for_another(self) -> None:
        """Return when no apply of ours goes on: one whose runner was killed is followed to its end."""
        while not self._claim.is_free():
            LOG.info("terraform: an apply that an earlier runner began still goes on")
            time.sleep(1)

    def _stopped(self, saved: Saved) -> Exception:
        text = self.log.read_text(encoding="utf-8", errors="replace")
        left, planned = self.state().resources, len(saved.doomed)
        refused = output.meaning("apply", saved.digest[:SHORT], text)
        if left == planned and not isinstance(refused, output.TerraformFailed):
            return refused
        words = str(next(iter(output.errors(text)), "it was stopped"))
        return output.PartlyDestroyed(planned - left, planned, left, words)

    def _ask(self, command: str, *arguments: str, **options: object) -> str:
        done = self._run(self._command(command, *arguments, **options), self._ready)
        if done.returncode:
            raise output.meaning(command, "", f"{done.stdout}\n{done.stderr}")
        return done.stdout

    @cached_property
    def _ready(self) -> dict[str, str]:
        """The variables of every command, once the configuration is initialised."""
        command = self._command("init", backend_config=list(self._table.backend), reconfigure=True)
        done = self._run(command, self.variables)
        if done.returncode:
            raise output.meaning("init", "", f"{done.stdout}\n{done.stderr}")
        return self.variables

    def _run(self, command: list[str], variables: dict[str, str]) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command,
            cwd=self.folder,
            env=variables,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )

    def _command(self, command: str, *arguments: str, **options: object) -> list[str]:
        """The command line as python-terraform writes it; nothing of ours goes through its own runner, which pipes."""
        from python_terraform import IsFlagged

        flags = {name: IsFlagged if value is True else value for name, value in options.items()}
        quiet = {} if command == "state pull" else {"no_color": IsFlagged}
        made: list[str] = self._terraform.generate_cmd_string(command, *arguments, **flags, **quiet)
        return made

    @cached_property
    def _terraform(self) -> "Terraform":
        from python_terraform import Terraform

        logging.getLogger("python_terraform").setLevel(logging.WARNING)  # below, it writes down variables and outputs
        return Terraform(working_dir=str(self.folder), terraform_bin_path=self.program)

    @cached_property
    def variables(self) -> dict[str, str]:
        """The environment variables of every Terraform process on this stack."""
        temporary, options = self.work / "tmp", Path.home() / ".terraformrc"
        temporary.mkdir(mode=0o700, exist_ok=True)
        if not options.exists():  # Terraform would complain about it on every call
            options = self.work / "terraformrc"
            options.touch()
        given = {f"TF_VAR_{name}": value for name, _, value in (each.partition("=") for each in self._table.variables)}
        own = {"TF_DATA_DIR": str(self.work / "data"), "TMPDIR": str(temporary)}
        return {"TF_CLI_CONFIG_FILE": str(options)} | os.environ | NEVER_ASKED | own | given

    @property
    def _patience(self) -> str:
        return f"{self._table.lock_patience_s:g}s"


def _tell(lines: IO[str]) -> None:
    """Say what stands in the log by now; a line that is not whole yet is left for the next call."""
    while True:
        at = lines.tell()
        line = lines.readline()
        if not line.endswith("\n"):
            lines.seek(at)
            return
        for entry in output.entries([line]):
            if words := output.event(entry):
                LOG.info("terraform: %s", words)
