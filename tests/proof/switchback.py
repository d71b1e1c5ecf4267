"""The DNS switchback killed at every journal boundary and met with faults at every call.

Each time users write throughout, the rest is done by another runner, and every acknowledged write is
looked for. A trial is bad on any loss, any duplicate or any other end state.
"""

import itertools
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from infra.local import site
from infra.local.azure.faults import Fault, Faults
from infra.local.layout import Layout
from infra.local.parts import Group
from tests.proof.held import Held
from tests.proof.stage import NETWORK, Ended, Stage

LIVED = "lived"
NOTHING = dict.fromkeys(("acknowledged", "on_old", "waiting_on_new", "lost", "duplicated", "refused_but_there"), 0)
SETTLE_S = 1.5
LATE_S = 2.0  #: an answer that comes late
SILENT_S = 40.0  #: an answer that comes later than anybody waits


@dataclass(frozen=True, kw_only=True)
class Trial:
    """One death or fault, and what was left of it."""

    name: str
    first: str  #: how the first runner ended
    then: str  #: what was done about it
    audit: dict[str, Any]
    state: dict[str, Any]
    seconds: float

    def good(self, home: dict[str, Any]) -> bool:
        """Every acknowledged write is accounted for once, and everything stands as it should."""
        accounted = self.audit["on_old"] + self.audit["waiting_on_new"] == self.audit["acknowledged"] > 0
        clean = not (self.audit["lost"] or self.audit["duplicated"] or self.audit["refused_but_there"])
        return accounted and clean and self.state == home


def prove(console: Console) -> Held:
    """Run every trial; each has to end the same, with nothing lost."""
    folder = Path(tempfile.mkdtemp(prefix="switchback-proof-"))
    folder.chmod(0o755)  # the database servers' unprivileged account must be able to enter it
    layout = Layout(network=NETWORK, var=folder)
    with site.running(layout, set(Group) - {Group.PREFECT}):
        stage = Stage(layout)
        faults = Faults.of(layout)
        undisturbed = _trial(stage, "undisturbed", lambda: stage.take("dns-switchback"))
        home, calls = undisturbed.state, _calls(faults)
        console.print(f"an undisturbed switchback makes {len(calls)} different calls and ends as {home}")
        trials = [undisturbed]
        for trial in (*_deaths(stage), *_faults(stage, faults, calls)):
            trials.append(trial)
            console.print(f"{trial.name}: {'good' if trial.good(home) else f'BAD {trial}'} ({trial.seconds:.0f} s)")
    console.print(_table(trials, home))
    return Held(trials=len(trials), failed=sum(not trial.good(home) for trial in trials))


def _deaths(stage: Stage) -> Iterator[Trial]:
    """Killed before and after every journal line, then resumed; killed after every line, then undone and done anew."""
    for count in itertools.count():
        for when in ("before", "after"):
            trial = _trial(stage, f"killed {when} line {count}", partial(_die, stage, f"{count}-{when}"))
            if trial.first == LIVED:
                return
            yield trial
        yield _trial(stage, f"killed after line {count}, undone", partial(_die_and_undo, stage, f"{count}-after"))


def _faults(stage: Stage, faults: Faults, calls: list[tuple[str, str]]) -> Iterator[Trial]:
    """Each kind of fault once at every different call; the writes also one by one."""
    writes = [call for call in calls if call[0] == "PUT"]
    for fault, seconds in ((Fault.THROTTLE, 1.0), (Fault.ERROR, 1.0), (Fault.DROP, 1.0), (Fault.HANG, LATE_S)):
        yield _trial(stage, f"{fault} at every call", partial(_meet, stage, faults, fault, calls, seconds))
    for fault, seconds in ((Fault.STALE, 1.0), (Fault.LOSE, 1.0), (Fault.HANG, SILENT_S)):
        for number, write in enumerate(writes):
            yield _trial(stage, f"{fault} at write {number}", partial(_meet, stage, faults, fault, [write], seconds))


def _die(stage: Stage, boundary: str) -> Ended:
    return stage.take("dns-switchback", boundary=boundary)


def _die_and_undo(stage: Stage, boundary: str) -> Ended:
    first = stage.take("dns-switchback", boundary=boundary)
    if run := stage.unfinished():
        before = stage.undo(run)
        if before.code:
            return before
        if stage.state() != stage.on_new:
            return Ended(code=1, lines=-1, words=f"undone to {stage.state()}")
        stage.take("dns-switchback")
    return first


def _meet(stage: Stage, faults: Faults, fault: Fault, calls: list[tuple[str, str]], seconds: float) -> Ended:
    for method, path in calls:
        faults.add(fault, method=method, path=path, seconds=seconds)
    try:
        return stage.take("dns-switchback")
    finally:
        faults.clear()


def _trial(stage: Stage, name: str, act: Callable[[], Ended]) -> Trial:
    """Cut over, let users write, act, do the rest with another runner, and audit."""
    began = time.monotonic()
    stage.settle()
    moved = stage.take("cutover")
    if moved.code:
        return Trial(name=name, first=f"no cutover: {moved.words}", then="", audit=NOTHING, state={}, seconds=0)
    stage.on_new = stage.state()
    with stage.users(name.replace(" ", "-")) as ledger:
        time.sleep(SETTLE_S)
        first = act()
        then = ""
        if run := stage.unfinished():
            rest = stage.take("dns-switchback", resume=run)
            then = "resumed" if not rest.code else f"not resumed: {rest.words}"
        time.sleep(SETTLE_S)
    ended = LIVED if not first.code else f"ended with {first.code}"
    seconds = time.monotonic() - began
    return Trial(name=name, first=ended, then=then, audit=stage.audit(ledger), state=stage.state(), seconds=seconds)


def _calls(faults: Faults) -> list[tuple[str, str]]:
    return list(dict.fromkeys((call.method, call.path) for call in faults.calls()))


def _table(trials: list[Trial], home: dict[str, Any]) -> Table:
    table = Table(title="The DNS switchback, disturbed", title_justify="left")
    for column in ("trial", "first runner", "then", "acknowledged", "on old", "waiting", "lost", "twice", "s", ""):
        table.add_column(column)
    for trial in trials:
        numbers = (trial.audit[key] for key in ("acknowledged", "on_old", "waiting_on_new", "lost", "duplicated"))
        verdict = "good" if trial.good(home) else "BAD"
        table.add_row(trial.name, trial.first, trial.then, *map(str, numbers), f"{trial.seconds:.0f}", verdict)
    return table
