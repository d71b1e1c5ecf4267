"""The emergency restore killed at every journal boundary and inside pg_restore, with old deleted for real each time.

Users write throughout; another runner does the rest, or, after every fourth line, takes it back and begins anew, which
is refused once users were let in. A trial is bad on any lost or doubled write, any other end state, and any database
that is left aside.
"""

import itertools
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import psycopg
from rich.console import Console

from infra.local import postgres, site
from infra.local.layout import Layout
from infra.local.parts import Group
from switchback.domain.model import Side
from switchback.rollback import records
from switchback.ways import backing_up, conduct, emergency_restore
from tests.proof.held import Held, chosen
from tests.proof.stage import NETWORK, Ended, Stage

WAY = "emergency-restore"
SETTLE_S = 1.5
UNDONE_EVERY = 4  #: lines
REFUSED = 2
INSIDE_MS = (20, 80, 200, 500)  #: after pg_restore was started
LEFT = "select datname from pg_database where datname ~ '_(aside|former)_'"


@dataclass(frozen=True, kw_only=True)
class Trial:
    """One death, and what was left of it."""

    name: str
    first: int  #: the first runner's exit code; 0: it lived
    lines: int  #: journal lines that it wrote; -1 when it was killed
    words: str
    audit: dict[str, Any]
    state: dict[str, Any]
    seconds: float

    def good(self, home: dict[str, Any]) -> bool:
        """Every acknowledged write is on old once, and everything stands as after an undisturbed restore."""
        whole = self.audit["on_old"] == self.audit["acknowledged"] > 0
        clean = not (self.audit["lost"] or self.audit["duplicated"] or self.audit["refused_but_there"])
        return whole and clean and self.state == home


def prove(console: Console, trials: int | None = None) -> Held:
    """Run the trials, or so many of them, evenly chosen."""
    folder = Path(tempfile.mkdtemp(prefix="switchback-proof-"))
    folder.chmod(0o755)  # the database servers' unprivileged account must be able to enter it
    layout = Layout(network=NETWORK, var=folder)
    done = list[Trial]()
    with site.running(layout, set(Group) - {Group.PREFECT}):
        stage = Stage(layout)
        backing_up.certify_backup("local", backing_up.back_up("local"))
        undisturbed = _trial(stage, "undisturbed", lambda: stage.take(WAY))
        done.append(undisturbed)
        for name, act in chosen(list(_deaths(stage, undisturbed.lines)), trials):
            trial = _trial(stage, name, act)
            done.append(trial)
            good = trial.good(undisturbed.state)
            console.print(f"{name}: {'good' if good else f'BAD {trial}'} ({trial.seconds:.0f} s)")
    shutil.rmtree(folder)
    return Held(trials=len(done), failed=sum(not trial.good(undisturbed.state) for trial in done))


def _deaths(stage: Stage, lines: int) -> Iterator[tuple[str, Callable[[], Ended]]]:
    for milliseconds in INSIDE_MS:
        yield f"killed {milliseconds} ms into pg_restore", partial(_die, stage, f"{milliseconds}-inside")
    for count, when in itertools.product(range(lines), ("before", "after")):
        yield f"killed {when} line {count}", partial(_die, stage, f"{count}-{when}")
        if when == "after" and count % UNDONE_EVERY == 0:
            yield f"killed after line {count}, undone", partial(_die_and_undo, stage, f"{count}-after")


def _die(stage: Stage, boundary: str) -> Ended:
    return stage.take(WAY, boundary=boundary)


def _die_and_undo(stage: Stage, boundary: str) -> Ended:
    first = stage.take(WAY, boundary=boundary)
    if run := stage.unfinished():
        if records.intent(conduct.told(conduct.attempt_of(run)).records, emergency_restore.OPEN):
            return first if stage.undo(run).code == REFUSED else Ended(code=1, lines=-1, words="undone behind users")
        back = stage.undo(run)
        if back.code or _state(stage) != stage.on_new:
            return Ended(code=1, lines=-1, words=back.words or f"undone to {_state(stage)}")
        stage.take(WAY)
    return first


def _trial(stage: Stage, name: str, act: Callable[[], Ended]) -> Trial:
    """Cut over, let users write, delete old, act, do the rest with another runner, and audit."""
    began = time.monotonic()
    moved = stage.take("cutover")
    with stage.users(name.replace(" ", "-")) as ledger:
        time.sleep(SETTLE_S)
        postgres.destroy(stage.layout, Side.OLD)
        stage.on_new = _state(stage)
        first = act()
        rest = stage.take(WAY, resume=run) if (run := stage.unfinished()) else None
        time.sleep(SETTLE_S)
    words = " ".join(one.words for one in (moved, first, rest) if one is not None and one.code > 0)
    seconds = time.monotonic() - began
    return Trial(
        name=name,
        first=first.code,
        lines=first.lines,
        words=words,
        audit=stage.audit(ledger),
        state=_state(stage),
        seconds=seconds,
    )


def _state(stage: Stage) -> dict[str, Any]:
    with closing(psycopg.connect(postgres.conninfo(stage.layout, Side.OLD), autocommit=True)) as link:
        left = [name for (name,) in link.execute(LEFT)]
    return {**stage.state(), "left aside": left}
