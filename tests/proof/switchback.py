"""A way back killed at every journal boundary and met with faults at every call: DNS switchback, evaluated rollback.

Each time users write throughout, the rest is done by another runner, and every acknowledged write is looked for.
"""

import time
from collections.abc import Callable, Iterator
from functools import partial

from rich.console import Console

from infra.local.azure.faults import Fault, Faults
from tests.proof.held import Held, chosen
from tests.proof.stage import KILLED, Ended, Stage
from tests.proof.trials import SETTLE_S, Act, Trial, rest, run, running, unmoved

LATE_S = 2.0  #: an answer that comes late
SILENT_S = 40.0  #: an answer that comes later than anybody waits


def prove(console: Console, way: str, trials: int | None = None) -> Held:
    """Run every trial, or so many of them, evenly chosen; each has to end the same, with nothing lost."""
    with running() as stage:
        faults = Faults.of(stage.layout)
        tried = partial(trial, stage, way)
        undisturbed = tried("undisturbed", partial(stage.take, way))
        calls = _calls(faults)
        console.print(f"an undisturbed {way} makes {len(calls)} different calls")
        every = [*_deaths(stage, way, undisturbed.first.lines), *_faults(stage, way, faults, calls)]
        return run(console, way, undisturbed, chosen(every, trials), tried)


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
            return unmoved(name, moved)
        stage.on_new = stage.state()
    with stage.users(name.replace(" ", "-")) as ledger:
        time.sleep(SETTLE_S)
        first = act()
        then = rest(stage, way)
        if then is None and stage.state() == stage.on_new and way != "cutover":  # it could not be planned
            then = stage.take(way)
        time.sleep(SETTLE_S)
    seconds = time.monotonic() - began
    audit, state = stage.audit(ledger), stage.state()
    return Trial(name=name, first=first, rest=then, audit=audit, state=state, seconds=seconds, may_wait=True)


def _calls(faults: Faults) -> list[tuple[str, str]]:
    return list(dict.fromkeys((call.method, call.path) for call in faults.calls()))
