"""Trials of a way on one site, under load: what each is held to, and how they are told.

An undisturbed one says how the others have to end. A trial is bad on any loss, any duplicate or any other end state.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from rich.console import Console
from rich.table import Table

from infra.local import site
from infra.local.layout import Layout
from infra.local.parts import Group
from tests import vanishing
from tests.proof.held import Held
from tests.proof.stage import NETWORK, Ended, Stage

SETTLE_S = 1.5
COLUMNS = ("trial", "first runner", "the rest", "acknowledged", "on old", "waiting", "lost", "twice", "s", "")
NUMBERS = ("acknowledged", "on_old", "waiting_on_new", "lost", "duplicated")
NOTHING = dict.fromkeys((*NUMBERS, "refused_but_there"), 0)

Act = Callable[[], Ended]


@dataclass(frozen=True, kw_only=True)
class Trial:
    """One death or fault, and what was left of it."""

    name: str
    first: Ended  #: the runner that was disturbed
    rest: Ended | None  #: the one that did the rest, where there was any
    audit: dict[str, Any]
    state: dict[str, Any]
    seconds: float
    may_wait: bool = False  #: whether writes may be left on new for a person

    def good(self, home: dict[str, Any]) -> bool:
        """Every acknowledged write is accounted for once, and everything stands as it should."""
        waiting = self.audit["waiting_on_new"] if self.may_wait else 0
        accounted = self.audit["on_old"] + waiting == self.audit["acknowledged"] > 0
        clean = not (self.audit["lost"] or self.audit["duplicated"] or self.audit["refused_but_there"])
        finished = self.rest is None or not self.rest.code
        return accounted and clean and finished and self.state == home


@contextmanager
def running() -> Iterator[Stage]:
    """The stage, on a site of its own in a folder that vanishes with it."""
    with vanishing.folder() as folder:
        layout = Layout(network=NETWORK, var=folder)
        with site.running(layout, set(Group) - {Group.PREFECT}):
            yield Stage(layout)


def run(
    console: Console,
    way: str,
    undisturbed: Trial,
    disturbed: Sequence[tuple[str, Act]],
    trial: Callable[[str, Act], Trial],
) -> Held:
    """Every trial in its turn, held against the undisturbed one."""
    home, done = undisturbed.state, [undisturbed]
    console.print(f"undisturbed: ends as {home} ({undisturbed.seconds:.0f} s)")
    for name, act in disturbed:
        tried = trial(name, act)
        done.append(tried)
        console.print(f"{name}: {'good' if tried.good(home) else f'BAD {tried}'} ({tried.seconds:.0f} s)")
    console.print(_table(way, done, home))
    return Held(trials=len(done), failed=sum(not tried.good(home) for tried in done))


def unmoved(name: str, moved: Ended) -> Trial:
    """A trial that could not begin, because the cutover before it went wrong."""
    return Trial(name=f"{name}: no cutover", first=moved, rest=None, audit=NOTHING, state={}, seconds=0)


def rest(stage: Stage, way: str) -> Ended | None:
    """How another runner ended what the first one left unfinished; None when it left nothing."""
    unfinished = stage.unfinished()
    return stage.take(way, resume=unfinished) if unfinished else None


def _table(way: str, trials: list[Trial], home: dict[str, Any]) -> Table:
    table = Table(*COLUMNS, title=f"{way}, disturbed", title_justify="left")
    for trial in trials:
        numbers = [str(trial.audit[key]) for key in NUMBERS]
        verdict = "good" if trial.good(home) else "BAD"
        table.add_row(trial.name, str(trial.first), str(trial.rest or ""), *numbers, f"{trial.seconds:.0f}", verdict)
    return table
