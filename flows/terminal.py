"""What the `switchback` command prints, and the flows run without a Prefect server (break-glass)."""

import logging
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.logging import RichHandler
from rich.markdown import Markdown
from rich.table import Table

from switchback import settings
from switchback.domain import rendering
from switchback.domain.errors import SwitchbackError
from switchback.domain.model import Plan
from switchback.rollback import records
from switchback.systems import journal
from switchback.ways import backing_up, conduct, giving_up, reviewing, standing
from switchback.ways.giving_up import GivenUp

if TYPE_CHECKING:  # status and undo must not wait for Prefect's import
    from collections.abc import Callable

    from prefect import Flow

    from switchback.drill.destroyed import Destroyed
    from switchback.drill.report import Report
    from switchback.ways.conduct import Result

WIDE = 160  #: columns where nobody's window says how many: in a pipe, in a log
console = Console() if Console().is_terminal else Console(width=WIDE)


def run(
    flow: "Flow[..., Plan | Result]",
    request: tuple[str | bool, ...],
    *,
    rehearse: bool,
    resume: str,
    **more: str | tuple[str, ...],
) -> None:
    """Run a way back in this process, without Prefect's server; the same steps over the same journal."""
    _tell()
    ended = flow.fn(*request, rehearse, resume, **more)
    if isinstance(ended, Plan):
        console.print(Markdown(rendering.markdown(ended, "*Rehearsal: nothing was changed.*")))
    else:
        console.print(f"{ended.run}: {ended.outcome}. Rows waiting on new: {ended.waiting_on_new}.")


def back_up(environment: str, adopt: str) -> None:
    """Take a backup, or adopt another's archive, and prove it; says its name."""
    from flows.backup import backup as flow

    _tell()
    console.print(f"{flow.fn(environment, adopt)}: taken, restored aside, every table compared.")


def show_backups(environment: str) -> None:
    """A table of the backups, newest first."""
    table = Table(title=f"backups of {environment}", title_justify="left")
    table.add_column("backup", no_wrap=True)  # it is looked for in the container
    for column in ("taken (UTC)", "rows", "MB", "proven (UTC)", "what is wrong"):
        table.add_column(column)
    for one in backing_up.standing(environment):
        proven, taken = (f"{at:%Y-%m-%d %H:%M:%S}" if at else "" for at in (one.certified_at, one.taken_at))
        table.add_row(one.backup, taken, str(one.rows), f"{one.size / 1e6:.1f}", proven, one.fault)
    console.print(table)


def _tell() -> None:
    logging.basicConfig(
        level=logging.WARNING, format="%(message)s", handlers=[RichHandler(console=console, show_path=False)]
    )
    logging.getLogger("switchback").setLevel(logging.INFO)


def show_status(environment: str) -> None:
    """A table per environment; one that cannot be read says why and does not hide the others."""
    for name in (environment,) if environment else settings.known():
        try:
            _show(standing.standing(name))
        except SwitchbackError as stop:
            if environment:
                raise
            console.print(f"{name}: {stop}", style="red")


def _show(found: standing.EnvironmentStanding) -> None:
    fenced = ", ".join(found.fenced) or "nothing"
    table = Table(title=f"{found.environment} (fenced: {fenced})", title_justify="left")
    table.add_column("attempt", no_wrap=True)  # it is copied into the next command
    for column in ("began (UTC)", "asked by", "state", "steps", "next", "waiting on new"):
        table.add_column(column)
    for attempt in found.attempts:
        waiting = "" if attempt.waiting_on_new is None else str(attempt.waiting_on_new)
        began = f"{attempt.began:%Y-%m-%d %H:%M:%S}"
        table.add_row(
            attempt.run, began, attempt.requested_by, attempt.state, attempt.steps, attempt.following, waiting
        )
    console.print(table)


def undo(run_id: str) -> None:
    """Undo an attempt and name the steps that were taken back."""
    undone = conduct.undo(conduct.attempt_of(run_id))
    console.print(f"{run_id}: undone. {'; '.join(undone) or 'Nothing had been begun.'}")


def fetch_bundle(run_id: str, folder: Path) -> None:
    """Fetch an attempt's rows and say where they are."""
    for place in reviewing.fetch_bundles(run_id, folder):
        console.print(f"{place}: see summary.html, decide in the CSV files.")
    console.print(f"Then: switchback bundle return {run_id} {folder}")


def accept_loss(run_id: str, signed_by: str, reason: str, databases: Sequence[str]) -> None:
    """Sign for what an attempt left on new, or for all of new where it is lost; raises NotASteward or NotLost."""
    match giving_up.give_up_new(run_id, signed_by, reason, databases):
        case GivenUp.ALL:
            console.print(f"{run_id}: what was written on new is given up and signed for. The attempt is done.")
        case GivenUp.SOME:
            console.print(f"{run_id}: {', '.join(databases)} on new given up and signed for. Resume it for the others.")
        case GivenUp.OPENED:
            console.print(f"{run_id}: all of new given up and signed for. Undo it now: switchback undo {run_id}")
        case GivenUp.NOTHING:
            rows = reviewing.sign_left(run_id, signed_by, reason)
            console.print(f"{rows} rows left on new are signed for; they are kept.")


def return_bundle(run_id: str, folder: Path) -> None:
    """Return what was worked on; raises BadReview with file, row and column."""
    files, code = reviewing.return_bundles(run_id, folder)
    console.print(
        f"{files} files returned; their code is [bold]{code}[/bold]. Now answer the form of {run_id} with it."
    )


def verify_journals(environment: str) -> None:
    """Say for each journal that it is whole; raises JournalTampered at the first that is not."""
    store = journal.open_store(settings.load(environment))
    for run_id in store.runs():
        console.print(f"{run_id}: {len(records.read(store, run_id))} records, whole")


def show_journal(run_id: str) -> None:
    """One line per record."""
    table = Table(title=run_id, title_justify="left")
    for column in ("#", "at (UTC)", "kind", "step"):
        table.add_column(column)
    for record in conduct.told(conduct.attempt_of(run_id)).records:
        table.add_row(str(record.seq), record.at, record.kind.value, record.step)
    console.print(table)


def drill(environment: str, flow: "Callable[[], Report]") -> None:
    """Run a drill and show how it goes; raises unless it is proven."""
    from switchback.drill import screen

    screen.show(environment, flow)


def drill_destroy(environment: str, flow: "Callable[[], Destroyed]") -> None:
    """The same for the drill of a destroy, which has numbers of its own."""
    from switchback.drill import destroyed_screen, screen

    screen.show(environment, flow, destroyed_screen.summary)
