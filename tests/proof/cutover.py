"""A cutover killed at every journal boundary, users writing before it, wherever it left them, and after it.

Each trial takes the users back first, so that every cutover but the first follows a way back.
"""

import time
from collections.abc import Iterator
from functools import partial

from rich.console import Console

from tests.proof.held import Held, chosen
from tests.proof.stage import Ended, Stage
from tests.proof.switchback import trial
from tests.proof.trials import SETTLE_S, Act, run, running

WAY = "cutover"


def prove(console: Console, trials: int | None = None) -> Held:
    """Run every trial, or so many of them, evenly chosen; each has to end with users on new and nothing lost."""
    with running() as stage:
        tried = partial(trial, stage, WAY)
        undisturbed = tried("undisturbed", partial(there_again, stage))
        return run(console, WAY, undisturbed, chosen([*_deaths(stage, undisturbed.first.lines)], trials), tried)


def _deaths(stage: Stage, lines: int) -> Iterator[tuple[str, Act]]:
    for line in range(lines):
        for when in ("before", "after"):
            yield f"killed {when} line {line}", partial(there_again, stage, f"{line}-{when}")
        yield f"killed after line {line}, undone", partial(_undone, stage, f"{line}-after")


def there_again(stage: Stage, boundary: str = "never") -> Ended:
    """Users go back, and then over again with a runner that meets the boundary."""
    stage.take("dns-switchback")
    time.sleep(SETTLE_S)
    first = stage.take(WAY, boundary=boundary)
    time.sleep(SETTLE_S)
    return first


def _undone(stage: Stage, boundary: str) -> Ended:
    first = there_again(stage, boundary)
    if attempt := stage.unfinished():
        undone = stage.undo(attempt)
        if undone.code:
            return undone
        time.sleep(SETTLE_S)
        stage.take(WAY)
    return first
