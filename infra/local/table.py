"""What runs where, as a table for the terminal."""

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table

from infra.local import prefect
from infra.local.layout import Layout
from infra.local.parts import Group
from infra.local.site import Running

MIB = 1024 * 1024


def show(layout: Layout, found: Sequence[Running], *, title: str) -> None:
    """Print the parts, and how to get to the Prefect UI when it runs."""
    console = Console(highlight=False)
    table = Table(title=title, title_justify="left", show_footer=True)
    table.add_column("part", "together")
    table.add_column("address")
    table.add_column("pid", justify="right")
    table.add_column("MiB", str(sum(part.memory for part in found) // MIB), justify="right")
    table.add_column("ready in", justify="right")
    for running in found:
        addresses = ", ".join(str(endpoint) for endpoint in running.part.listens(layout))
        ready = "ran before" if running.ready_s is None else f"{running.ready_s:.1f} s"
        table.add_row(running.part.name, addresses, str(running.pid), str(running.memory // MIB), ready)
    console.print(table)
    if any(running.part.group is Group.PREFECT for running in found):
        console.print(f"Prefect UI   http://{layout.prefect}/v2/dashboard", soft_wrap=True)
        console.print(f"log in with  {prefect.login(layout)}", soft_wrap=True)
    console.print(f"state, logs  {layout.var}", soft_wrap=True)
    console.print('your shell   eval "$(.venv/bin/python -m infra.local env)"', soft_wrap=True)
