"""The emergency restore killed at every journal boundary and inside pg_restore, with old deleted for real each time.

Users write throughout; another runner does the rest, or, after every fourth line, takes it back and begins anew, which
is refused once users were let in. A trial is bad on any lost or doubled write, any other end state, and any database
that is left aside.
"""

import itertools
import time
from collections.abc import Iterator
from contextlib import closing
from functools import partial
from typing import Any

import psycopg
from rich.console import Console

from infra.local import postgres
from switchback.domain.model import Side
from switchback.rollback import records
from switchback.ways import backing_up, conduct, emergency_restore
from tests.proof.held import Held, chosen
from tests.proof.stage import KILLED, Ended, Stage
from tests.proof.trials import SETTLE_S, Act, Trial, rest, run, running, unmoved

WAY = "emergency-restore"
UNDONE_EVERY = 4  #: lines
REFUSED = 2
INSIDE_MS = (20, 80, 200, 500)  #: after pg_restore was started
LEFT = "select datname from pg_database where datname ~ '_(aside|former)_'"


def prove(console: Console, trials: int | None = None) -> Held:
    """Run every trial, or so many of them, evenly chosen; each has to end the same, with nothing lost."""
    with running() as stage:
        backing_up.certify_backup("local", backing_up.back_up("local"))
        tried = partial(_trial, stage)
        undisturbed = tried("undisturbed", partial(stage.take, WAY))
        return run(console, WAY, undisturbed, chosen([*_deaths(stage, undisturbed.first.lines)], trials), tried)


def _deaths(stage: Stage, lines: int) -> Iterator[tuple[str, Act]]:
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
            refused = stage.undo(run).code == REFUSED
            return first if refused else Ended(code=1, lines=KILLED, words="undone behind users")
        back = stage.undo(run)
        if back.code or _state(stage) != stage.on_new:
            return Ended(code=1, lines=KILLED, words=back.words or f"undone to {_state(stage)}")
        stage.take(WAY)
    return first


def _trial(stage: Stage, name: str, act: Act) -> Trial:
    """Cut over, let users write, delete old, act, do the rest with another runner, and audit."""
    began = time.monotonic()
    moved = stage.take("cutover")
    if moved.code:
        return unmoved(name, moved)
    with stage.users(name.replace(" ", "-")) as ledger:
        time.sleep(SETTLE_S)
        postgres.destroy(stage.layout, Side.OLD)
        stage.on_new = _state(stage)
        first, then = act(), rest(stage, WAY)
        time.sleep(SETTLE_S)
    seconds = time.monotonic() - began
    audit, state = stage.audit(ledger), _state(stage)
    return Trial(name=name, first=first, rest=then, audit=audit, state=state, seconds=seconds)


def _state(stage: Stage) -> dict[str, Any]:
    with closing(psycopg.connect(postgres.conninfo(stage.layout, Side.OLD), autocommit=True)) as link:
        left = [name for (name,) in link.execute(LEFT)]
    return {**stage.state(), "left aside": left}
