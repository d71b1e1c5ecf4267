"""A way back killed at every journal boundary and met with faults at every call: DNS switchback, evaluated rollback.

Each time users write throughout, the rest is done by another runner, and every acknowledged write is
looked for. A trial is bad on any loss, any duplicate or any other end state.
"""

import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
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
from tests.proof.held import Held, chosen
from tests.proof.stage import KILLED, NETWORK, Ended, Stage

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
    lines: int = 0  #: that the first runner wrote to the journal, where it lived

    def good(self, home: dict[str, Any]) -> bool:
        """Every acknowledged write is accounted for once, and everything stands as it should."""
        accounted = self.audit["on_old"] + self.audit["waiting_on_new"] == self.audit["acknowledged"] > 0
        clean = not (self.audit["lost"] or self.audit["duplicated"] or self.audit["refused_but_there"])
        return accounted and clean and self.state == home


Act = Callable[[], Ended]


def prove(console: Console, way: str, trials: int | None = None) -> Held:
    """Run every trial, or so many of them, evenly chosen; each has to end the same, with nothing lost."""
    with running() as stage:
        faults = Faults.of(stage.layout)
        undisturbed = trial(stage, way, "undisturbed", lambda: stage.take(way))
        calls = _calls(faults)
        console.print(f"an undisturbed {way} makes {len(calls)} different calls")
        every = [*_deaths(stage, way, undisturbed.lines), *_faults(stage, way, faults, calls)]
        return run(console, stage, way, undisturbed, chosen(every, trials))


@contextmanager
def running() -> Iterator[Stage]:
    """The stage, on a site of its own in a folder that vanishes with it."""
    folder = Path(tempfile.mkdtemp(prefix="switchback-proof-"))
    folder.chmod(0o755)  # the database servers' unprivileged account must be able to enter it
    layout = Layout(network=NETWORK, var=folder)
    with site.running(layout, set(Group) - {Group.PREFECT}):
        yield Stage(layout)
    shutil.rmtree(folder)


def run(console: Console, stage: Stage, way: str, undisturbed: Trial, disturbed: Sequence[tuple[str, Act]]) -> Held:
    """Every trial in its turn, held against the undisturbed one."""
    home, done = undisturbed.state, [undisturbed]
    console.print(f"undisturbed: ends as {home} ({undisturbed.seconds:.0f} s)")
    for name, act in disturbed:
        tried = trial(stage, way, name, act)
        done.append(tried)
        console.print(f"{name}: {'good' if tried.good(home) else f'BAD {tried}'} ({tried.seconds:.0f} s)")
    console.print(_table(way, done, home))
    return Held(trials=len(done), failed=sum(not tried.good(home) for tried in done))


def _deaths(stage: Stage, way: str, lines: int) -> Iterator[tuple[str, Act]]:
    """Killed before and after every journal line, then resumed; killed after every line, then undone and done anew."""
    for count in range(lines):
        for when in ("before", "after"):
            yield f"killed {when} line {count}", partial(_die, stage, way, f"{count}-{when}")
        yield f"killed after line {count}, undone", partial(_die_and_undo, stage, way, f"{count}-after")


def _faults(stage: Stage, way: str, faults: Faults, calls: list[tuple[str, str]]) -> Iterator[tuple[str, Act]]:
    """Each kind of fault once at every different call; the writes also one by one."""
    writes = [call for call in calls if call[0] == "PUT"]
    for fault, seconds in ((Fault.THROTTLE, 1.0), (Fault.ERROR, 1.0), (Fault.DROP, 1.0), (Fault.HANG, LATE_S)):
        yield (
            f"{fault} at every call",
            partial(_meet, stage, way, faults, partial(_inflict, faults, fault, calls, seconds)),
        )
    for fault, seconds in ((Fault.STALE, 1.0), (Fault.LOSE, 1.0), (Fault.HANG, SILENT_S)):
        for number, write in enumerate(writes):
            yield (
                f"{fault} at write {number}",
                partial(_meet, stage, way, faults, partial(_inflict, faults, fault, [write], seconds)),
            )


def _die(stage: Stage, way: str, boundary: str) -> Ended:
    return stage.take(way, boundary=boundary)


def _die_and_undo(stage: Stage, way: str, boundary: str) -> Ended:
    first = stage.take(way, boundary=boundary)
    return undo_and_take(stage, way) or first


def undo_and_take(stage: Stage, way: str) -> Ended | None:
    """Undo what is unfinished and take the way anew; what went wrong with the undoing."""
    if run := stage.unfinished():
        undone = stage.undo(run)
        if undone.code:
            return undone
        if stage.state() != stage.on_new:
            return Ended(code=1, lines=KILLED, words=f"undone to {stage.state()}")
        stage.take(way)
    return None


def _meet(stage: Stage, way: str, faults: Faults, inflict: Callable[[], None]) -> Ended:
    inflict()
    try:
        return stage.take(way)
    finally:
        faults.clear()


def _inflict(faults: Faults, fault: Fault, calls: list[tuple[str, str]], seconds: float) -> None:
    for method, path in calls:
        faults.add(fault, method=method, path=path, seconds=seconds)


def trial(stage: Stage, way: str, name: str, act: Act) -> Trial:
    """Cut over, let users write, act, do the rest with another runner, and audit."""
    began = time.monotonic()
    stage.settle()
    if stage.state() != stage.on_new:
        moved = stage.take("cutover")
        if moved.code:
            return Trial(name=name, first=f"no cutover: {moved.words}", then="", audit=NOTHING, state={}, seconds=0)
        stage.on_new = stage.state()
    with stage.users(name.replace(" ", "-")) as ledger:
        time.sleep(SETTLE_S)
        first = act()
        then = ""
        if run := stage.unfinished():
            rest = stage.take(way, resume=run)
            then = "resumed" if not rest.code else f"not resumed: {rest.words}"
        elif stage.state() == stage.on_new and way != "cutover":
            rest = stage.take(way)
            then = "could not be planned, begun anew" if not rest.code else f"not begun anew: {rest.words}"
        time.sleep(SETTLE_S)
    ended = LIVED if not first.code else f"ended with {first.code}"
    seconds = time.monotonic() - began
    return Trial(
        name=name,
        first=ended,
        then=then,
        audit=stage.audit(ledger),
        state=stage.state(),
        seconds=seconds,
        lines=first.lines,
    )


def _calls(faults: Faults) -> list[tuple[str, str]]:
    return list(dict.fromkeys((call.method, call.path) for call in faults.calls()))


def _table(way: str, trials: list[Trial], home: dict[str, Any]) -> Table:
    table = Table(title=f"{way}, disturbed", title_justify="left")
    for column in ("trial", "first runner", "then", "acknowledged", "on old", "waiting", "lost", "twice", "s", ""):
        table.add_column(column)
    for trial in trials:
        numbers = (trial.audit[key] for key in ("acknowledged", "on_old", "waiting_on_new", "lost", "duplicated"))
        verdict = "good" if trial.good(home) else "BAD"
        table.add_row(trial.name, trial.first, trial.then, *map(str, numbers), f"{trial.seconds:.0f}", verdict)
    return table
