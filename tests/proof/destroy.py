"""The pre-cutover destroy, killed at every journal boundary and inside the apply.

Each time users write to old throughout, the rest is done by another runner, and the end must be the same: new's groups
gone and no others, Terraform's state empty, every acknowledged write on old, and no request to delete anything that
was not in the approved plan.
"""

import itertools
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from functools import partial
from typing import Any

import psutil
from rich.console import Console

from infra.local import stack
from infra.local.azure.faults import Faults
from infra.local.layout import ROOT
from switchback import settings
from switchback.systems import resources, terraform
from tests.proof.held import Held, chosen
from tests.proof.stage import KILLED, Ended, Stage
from tests.proof.trials import Act, Trial, rest, run, running

WAY = "pre-cutover-destroy"
PATIENCE_S = 60.0
UNUSED_S = 3.5  #: the descriptor's unused_s and a little: what fills new is over


def prove(console: Console, trials: int | None = None) -> Held:
    """Run every trial, or so many of them, evenly chosen; each has to end the same, with nothing lost."""
    with running() as stage:
        tried = partial(_trial, stage, Faults.of(stage.layout))
        undisturbed = tried("undisturbed", partial(stage.take, WAY))
        return run(console, WAY, undisturbed, chosen([*_deaths(stage, undisturbed.first.lines)], trials), tried)


def _deaths(stage: Stage, lines: int) -> Iterator[tuple[str, Act]]:
    """Before and after each line of the journal, and inside the apply: the runner, Terraform, or both."""
    for line, when in itertools.product(range(lines), ("before", "after")):
        yield f"killed {when} line {line}", partial(stage.take, WAY, boundary=f"{line}-{when}")
    for runner, child in ((True, True), (True, False), (False, True)):
        who = " and ".join(name for name, dies in (("runner", runner), ("terraform", child)) if dies)
        yield f"inside the apply: {who} killed", partial(_die_inside, stage, runner=runner, child=child)


def _die_inside(stage: Stage, *, runner: bool, child: bool) -> Ended:
    log = stage.layout.var / "terraform" / "apply.jsonl"
    log.unlink(missing_ok=True)
    command = [sys.executable, "-m", "tests.proof.dying", WAY, "", "never"]
    process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    deadline = time.monotonic() + PATIENCE_S
    while not (log.exists() and 'terraform_data.group[\\"core\\"]: Destroying' in log.read_text(encoding="utf-8")):
        if process.poll() is not None or time.monotonic() > deadline:
            return Ended(code=1, lines=KILLED, words="the apply never began")
        time.sleep(0.02)
    time.sleep(0.5)  # into the deletion
    applies = [each for each in psutil.Process(process.pid).children() if "apply" in each.cmdline()]
    if runner:
        os.kill(process.pid, signal.SIGKILL)
    for each in applies if child else ():
        each.kill()
    return Ended(code=process.wait(timeout=PATIENCE_S), lines=KILLED, words="")


def _trial(stage: Stage, faults: Faults, name: str, act: Act) -> Trial:
    """Deploy new, let users write to old, act, do the rest with another runner, and look."""
    began = time.monotonic()
    stack.deploy(stage.layout)
    time.sleep(UNUSED_S)
    asked = faults.calls()[-1].number
    with stage.users(name.replace(" ", "-").replace(":", "")) as ledger:
        first, then = act(), rest(stage, WAY)
    state, audit = _state(stage, faults, asked), stage.audit(ledger)
    return Trial(name=name, first=first, rest=then, audit=audit, state=state, seconds=time.monotonic() - began)


def _state(stage: Stage, faults: Faults, asked: int) -> dict[str, Any]:
    environment = settings.load("local")
    held = resources.groups(environment, (*environment.new.groups, *environment.old.groups))
    paths = (call.path.partition("?")[0] for call in faults.calls(asked) if call.method == "DELETE")
    return {
        "groups": {group.name: [each.name for each in group.resources] for group in held},
        "terraform": terraform.open_stack(environment).state().resources,
        "deleted": sorted({path.rpartition("/")[2].lower() for path in paths if "/leases" not in path}),
        **stage.state(),
    }
