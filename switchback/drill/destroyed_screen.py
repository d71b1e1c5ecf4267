"""The drill of a destroy, at its end: one screen of numbers."""

from rich.console import RenderableType
from rich.table import Table

from switchback.drill import destroyed, destroyed_pages, screen
from switchback.drill.archive import Folder


def summary(folder: Folder) -> RenderableType:
    """The numbers in the folder's report."""
    made = destroyed.load(folder.report)
    numbers = Table.grid(padding=(0, 2))
    for name, value in destroyed_pages.numbers(made):
        numbers.add_row(name, value)
    verdict = "Proven: new is gone, and old's users noticed nothing" if made.proven else "NOT PROVEN"
    return screen.framed(made.id, verdict, made.why_not_proven, numbers, made.steps, folder)
