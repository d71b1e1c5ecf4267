"""The DNS switchback without new, killed at every journal boundary: before users moved, and after new answers again.

New's databases are down from before it is asked for until users are on old; users write throughout, wherever they are.
"""

import time
from collections.abc import Iterator
from functools import partial

from rich.console import Console

from tests.proof.held import Held, chosen
from tests.proof.stage import Ended, Stage
from tests.proof.switchback import trial, undo_and_take
from tests.proof.trials import SETTLE_S, Act, run, running

WAY = "outage"


def prove(console: Console, trials: int | None = None) -> Held:
    """Run every trial, or so many of them, evenly chosen; each has to end the same, with nothing lost."""
    lines: list[int] = []
    with running() as stage:

        def act() -> Ended:
            with stage.outage():
                lines.append(_go(stage).lines)
                time.sleep(SETTLE_S)
            rest = _go(stage)
            lines.append(rest.lines)
            return rest

        tried = partial(trial, stage, WAY)
        undisturbed = tried("undisturbed", act)
        return run(console, WAY, undisturbed, chosen([*_deaths(stage, *lines)], trials), tried)


def _deaths(stage: Stage, without: int, later: int) -> Iterator[tuple[str, Act]]:
    for kill, words, count in (
        (_while_down, "resumed without new", without),
        (_then_new_answers, "resumed when new answers", without),
        (_then_undone, "undone when new answers", without),
        (_when_back, "at the rest, resumed", later),
        (_when_back_undone, "at the rest, undone", later),
    ):
        for line in range(count):
            for when in ("before", "after"):
                yield f"killed {when} line {line}, {words}", partial(kill, stage, f"{line}-{when}")


def _while_down(stage: Stage, boundary: str) -> Ended:
    with stage.outage():
        first = _go(stage, boundary)
        _go(stage)
        time.sleep(SETTLE_S)
    return first


def _then_new_answers(stage: Stage, boundary: str) -> Ended:
    """Not yet approved, it ends because new answers: then the plain one is taken."""
    first = _killed_while_down(stage, boundary)
    _go(stage)
    if not stage.unfinished() and stage.state() == stage.on_new:
        stage.take("dns-switchback")
    return first


def _then_undone(stage: Stage, boundary: str) -> Ended:
    first = _killed_while_down(stage, boundary)
    return undo_and_take(stage, "dns-switchback") or first


def _killed_while_down(stage: Stage, boundary: str) -> Ended:
    with stage.outage():
        return _go(stage, boundary)


def _when_back(stage: Stage, boundary: str) -> Ended:
    with stage.outage():
        _go(stage)
        time.sleep(SETTLE_S)
    return _go(stage, boundary)


def _when_back_undone(stage: Stage, boundary: str) -> Ended:
    first = _when_back(stage, boundary)
    return undo_and_take(stage, "dns-switchback") or first


def _go(stage: Stage, boundary: str = "never") -> Ended:
    """Take it, or carry on with what is unfinished."""
    return stage.take(WAY, resume=stage.unfinished(), boundary=boundary)
