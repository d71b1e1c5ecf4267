"""Ways during which a database server crashes, at every journal line, and starts again; users write throughout.

The runner lives: what it cannot finish is carried on as after a death.
"""

from collections.abc import Callable, Iterator
from functools import partial

from rich.console import Console

from switchback.domain.model import Side
from tests.proof.cutover import there_again
from tests.proof.held import Held, chosen
from tests.proof.stage import Ended, Stage
from tests.proof.switchback import trial
from tests.proof.trials import Act, run, running

AFTER_MS = (0, 400)  #: the line: while the next step begins, or is being carried out


def prove(console: Console, trials: int | None = None) -> Held:
    """Every trial of each way, or so many of them, evenly chosen; each has to end the same, with nothing lost."""
    with running() as stage:
        held = [
            _prove(console, stage, way, take, trials)
            for way, take in (
                ("dns-switchback", partial(stage.take, "dns-switchback")),
                ("evaluated-rollback", partial(stage.take, "evaluated-rollback")),
                ("cutover", partial(there_again, stage)),
            )
        ]
    return Held(trials=sum(one.trials for one in held), failed=sum(one.failed for one in held))


def _prove(console: Console, stage: Stage, way: str, take: Callable[..., Ended], trials: int | None) -> Held:
    tried = partial(trial, stage, way)
    undisturbed = tried("undisturbed", take)
    return run(console, way, undisturbed, chosen([*_crashes(take, undisturbed.first.lines)], trials), tried)


def _crashes(take: Callable[..., Ended], lines: int) -> Iterator[tuple[str, Act]]:
    for line in range(lines):
        for side in Side:
            for after in AFTER_MS:
                yield f"{side} crashes {after} ms after line {line}", partial(take, boundary=f"{line}-{side}-{after}")
