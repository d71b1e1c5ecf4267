"""`python -m tests.proof.destroy`: the pre-cutover destroy, killed at every journal boundary and inside the apply.

    python -m tests.proof.destroy inside "line 9"      # only the trials with one of these in their names

Each time users write to old throughout, the rest is done by another runner, and the end must be the same: new's groups
gone and no others, Terraform's state empty, every acknowledged write on old, and no request to delete anything that
was not in the approved plan.
"""

import itertools
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import psutil
from rich.console import Console

from infra.local import site, stack
from infra.local.azure.faults import Faults
from infra.local.layout import ROOT, Layout
from infra.local.parts import Group
from switchback import settings
from switchback.systems import resources, terraform
from tests.proof.held import Held
from tests.proof.stage import NETWORK, Ended, Stage

WAY = "pre-cutover-destroy"
PATIENCE_S = 60.0
UNUSED_S = 3.5  #: the descriptor's unused_s and a little: what fills new is over


@dataclass(frozen=True, kw_only=True)
class Trial:
    """One death, and how it ended."""

    name: str
    first: str
    then: str
    audit: dict[str, Any]
    state: dict[str, Any]
    seconds: float

    def good(self, home: dict[str, Any]) -> bool:
        """Old has every acknowledged write, and the world stands as after an undisturbed destroy."""
        writes = self.audit["on_old"] == self.audit["acknowledged"] > 0 and not self.audit["duplicated"]
        return writes and self.then in ("", "resumed") and self.state == home


def prove(console: Console, chosen: Sequence[str] = ()) -> Held:
    """Run the trials whose names hold one of the words, all without any."""
    folder = Path(tempfile.mkdtemp(prefix="switchback-proof-"))
    folder.chmod(0o755)  # the database servers' unprivileged account must be able to enter it
    layout = Layout(network=NETWORK, var=folder)
    with site.running(layout, set(Group) - {Group.PREFECT}):
        scene = Scene(layout)
        undisturbed = scene.trial("undisturbed", lambda: scene.stage.take(WAY))
        console.print(f"an undisturbed destroy ({undisturbed.first}) ends as {undisturbed.state}")
        trials = [undisturbed]
        for name, act in scene.deaths(undisturbed.first):
            if not chosen or any(word in name for word in chosen):
                trials.append(scene.trial(name, act))
                good = trials[-1].good(undisturbed.state)
                console.print(f"{name}: {'good' if good else f'BAD {trials[-1]}'} ({trials[-1].seconds:.0f} s)")
    return Held(trials=len(trials), failed=sum(not trial.good(undisturbed.state) for trial in trials))


class Scene:
    """A running site whose new is deployed before each trial."""

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self._faults = Faults.of(layout)
        self.stage = Stage(layout)

    def deaths(self, undisturbed: str) -> Iterator[tuple[str, Callable[[], Ended]]]:
        """Before and after each line of the journal, and inside the apply: the runner, Terraform, or both."""
        for count in range(int(undisturbed.rsplit(maxsplit=1)[-1])):
            for when in ("before", "after"):
                boundary = partial(self.stage.take, WAY, boundary=f"{count}-{when}")
                yield f"killed {when} line {count}", boundary
        for runner, child in itertools.product((True, False), repeat=2):
            if runner or child:
                who = " and ".join(name for name, dies in (("runner", runner), ("terraform", child)) if dies)
                yield f"inside the apply: {who} killed", partial(self._die_inside, runner=runner, child=child)

    def trial(self, name: str, act: Callable[[], Ended]) -> Trial:
        """Deploy new, let users write to old, act, do the rest with another runner, and look."""
        began = time.monotonic()
        stack.deploy(self._layout)
        time.sleep(UNUSED_S)
        asked = self._faults.calls()[-1].number
        with self.stage.users(name.replace(" ", "-").replace(":", "")) as ledger:
            first, then = act(), ""
            if run := self.stage.unfinished():
                rest = self.stage.take(WAY, resume=run)
                then = "resumed" if not rest.code else f"not resumed: {rest.words}"
        ended = f"lived, lines {first.lines}" if not first.code else f"ended with {first.code}"
        state, audit = self._state(asked), self.stage.audit(ledger)
        return Trial(name=name, first=ended, then=then, audit=audit, state=state, seconds=time.monotonic() - began)

    def _die_inside(self, *, runner: bool, child: bool) -> Ended:
        log = self._layout.var / "terraform" / "apply.jsonl"
        log.unlink(missing_ok=True)
        command = [sys.executable, "-m", "tests.proof.dying", WAY, "", "never"]
        process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        deadline = time.monotonic() + PATIENCE_S
        while not (log.exists() and 'terraform_data.group[\\"core\\"]: Destroying' in log.read_text(encoding="utf-8")):
            if process.poll() is not None or time.monotonic() > deadline:
                return Ended(code=1, lines=-1, words="the apply never began")
            time.sleep(0.02)
        time.sleep(0.5)  # into the deletion
        applies = [each for each in psutil.Process(process.pid).children() if "apply" in each.cmdline()]
        if runner:
            os.kill(process.pid, signal.SIGKILL)
        for each in applies if child else ():
            each.kill()
        return Ended(code=process.wait(timeout=PATIENCE_S), lines=-1, words="")

    def _state(self, asked: int) -> dict[str, Any]:
        environment = settings.load("local")
        held = resources.groups(environment, (*environment.new.groups, *environment.old.groups))
        paths = (call.path.partition("?")[0] for call in self._faults.calls(asked) if call.method == "DELETE")
        return {
            "groups": {group.name: [each.name for each in group.resources] for group in held},
            "terraform": terraform.open_stack(environment).state().resources,
            "deleted": sorted({path.rpartition("/")[2].lower() for path in paths if "/leases" not in path}),
            **self.stage.state(),
        }


if __name__ == "__main__":
    sys.exit(int(bool(prove(Console(), sys.argv[1:]).failed)))
