"""A drill in the terminal: its progress while it goes on, and one screen of numbers at its end."""

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from switchback import settings
from switchback.drill import diary, leftovers, report, watch
from switchback.drill.archive import Folder
from switchback.drill.outcomes import Served
from switchback.drill.publish import NotProven
from switchback.drill.report import Report
from switchback.drill.steps import StepTaken
from switchback.drill.watch import Watch
from switchback.ways import timeline

COLOURS = {Served.OLD: "blue", Served.NEW: "yellow", Served.FAILED: "red"}


def show(environment: str, run: Callable[[], object], ended: Callable[[Folder], RenderableType] | None = None) -> None:
    """Run a drill and show it; raises what it raises, NotProven after its numbers are shown as `ended` shows them."""
    console = Console()
    screen = Screen(settings.load(environment))
    failed: NotProven | None = None
    try:
        with _told_to_stop(), Live(get_renderable=screen.render, console=console, transient=True):
            run()
    except NotProven as stop:
        failed = stop
    except KeyboardInterrupt:
        console.print(f"The drill was stopped. {leftovers.unfinished(settings.load(environment))}")
        raise
    folder = watch.newest(environment)
    if folder is not None:
        console.print(ended(folder) if ended else summary(report.load(folder.report), folder))
    if failed is not None:
        raise failed


@contextmanager
def _told_to_stop() -> Iterator[None]:
    """A closed window and a polite kill stop the drill as Ctrl-C does: it still ends what it began."""
    known = {number: signal.signal(number, signal.default_int_handler) for number in (signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    finally:
        for number, handler in known.items():
            signal.signal(number, handler)


class Screen:
    """The progress of the drill that begins next."""

    def __init__(self, environment: settings.Environment) -> None:
        self._environment = environment
        self._before = watch.newest(environment.name)
        self._watch: Watch | None = None

    def render(self) -> RenderableType:
        """What there is to see now."""
        if self._watch is None:
            folder = watch.newest(self._environment.name)
            if folder is None or folder == self._before:
                return Text(f"Drill of {self._environment.name}: beginning")
            self._watch = Watch(folder, self._environment)
        self._watch.look()
        return Group(*_progress(self._environment.name, self._watch))


def _progress(environment: str, seen: Watch) -> Iterator[RenderableType]:
    phases = Table.grid(padding=(0, 2))
    stretches = diary.stretches(seen.entries, datetime.now(UTC))
    for stretch in stretches:
        current = stretch is stretches[-1]
        seconds = (stretch.ended - stretch.started).total_seconds()
        phases.add_row(stretch.phase, f"{seconds:6.1f} s", style="bold" if current else "dim")
    counts = Table.grid(padding=(0, 2))
    counts.add_row("acknowledged writes", f"{seen.acknowledged:8,}")
    for served, rate in seen.rates.items():
        name = "failed" if served is Served.FAILED else f"served by {served}"
        counts.add_row(f"requests {name}", f"{rate:6.0f}/s", style=COLOURS[served] if rate else "dim")
    beside = Table.grid(padding=(0, 6))
    beside.add_row(phases, counts)
    yield Panel(beside, title=f"Drill of {environment}", title_align="left")
    for record in seen.told:
        yield Text(f"{record.at[11:19]}  {timeline.words(record)}", overflow="ellipsis", no_wrap=True)


def summary(measured: Report, folder: Folder) -> RenderableType:
    """The drill's numbers on one screen."""
    numbers = Table.grid(padding=(0, 2))
    for name, value in _numbers(measured):
        numbers.add_row(name, value)
    verdict = "Proven: no acknowledged write was lost" if measured.proven else "NOT PROVEN"
    return framed(measured.id, verdict, measured.why_not_proven, numbers, measured.steps, folder)


def framed(  # noqa: PLR0913, PLR0917 - the parts of the frame
    name: str, verdict: str, reasons: tuple[str, ...], numbers: Table, steps: tuple[StepTaken, ...], folder: Folder
) -> RenderableType:
    """A drill's verdict, numbers and steps; red when there are reasons against it."""
    beside = Table.grid(padding=(0, 4))
    beside.add_row(numbers, _steps(steps))
    against = [Text(f"- {reason}", style="red") for reason in reasons]
    where = Text(f"{folder.path / 'report.html'}", style="dim", overflow="fold")
    style = "red" if reasons else "green"
    title = f"[bold]{name}: {verdict}"
    return Panel(Group(*against, beside, where), title=title, title_align="left", border_style=style)


def _numbers(measured: Report) -> Iterator[tuple[str, str]]:
    first = measured.approval_to_first_served_s
    yield "acknowledged writes", f"{measured.acknowledged_writes:,}"
    yield "  on old", f"{measured.audit.on_old:,}"
    yield "  waiting on new", f"{measured.audit.waiting_on_new:,} ({measured.waiting_on_new:,} rows)"
    yield "  lost", f"{measured.lost_writes:,}"
    yield "done twice", f"{measured.duplicated_writes:,}"
    yield "approval to first served by old", "never" if first is None else f"{first:.1f} s"
    yield "longest outage of a service", f"{measured.downtime_s:.1f} s"
    yield "approval to way back finished", f"{measured.approval_to_done_s:.1f} s"
    if measured.restored:
        yield "age of the backup", f"{measured.restored.backup_age_s:.0f} s"
        yield "  rows since, home from new", f"{measured.restored.rows_home:,}"
        yield "bad backups refused", f"{len(measured.restored.refused)}"


def _steps(steps: tuple[StepTaken, ...]) -> Table:
    table = Table.grid(padding=(0, 2))
    for step in steps:
        took = "" if step.seconds is None else f"{step.seconds:5.1f} s"
        table.add_row(step.name, took, step.outcome, style="" if step.holds else "red")
    return table
