"""`switchback drill ...`: a command a drill. Each imports what it needs when it is called."""

from typing import Annotated

import typer
from typer.core import TyperGroup

Drilled = Annotated[str, typer.Argument(help="The environment to drill; never production.")]
Rate = Annotated[float, typer.Option(help="Writes a second, over all services.")]


class _Drills(TyperGroup):
    """What is no drill's name is an environment: that of the DNS switchback's drill."""

    def parse_args(self, ctx: typer.Context, args: list[str]) -> list[str]:  # type: ignore[override] # click's, vendored
        named = args and (args[0] in self.commands or args[0].startswith("-"))
        return super().parse_args(ctx, args if named or not args else ["switchback", *args])


app = typer.Typer(cls=_Drills, help="Rehearse a way back under load, prove that nothing is lost.", no_args_is_help=True)


@app.command("switchback")
def drill(environment: Drilled, rate: Rate = 50.0) -> None:
    """A cutover, an incident and the DNS switchback under load. `switchback drill ENVIRONMENT` means this one."""
    from flows import terminal
    from flows.drill import drill as flow

    terminal.drill(environment, lambda: flow.fn(environment, rate))


@app.command("evaluated")
def drill_evaluated(environment: Drilled = "local", rate: Rate = 50.0) -> None:
    """A cutover, an incident and the evaluated rollback with its review, under load."""
    from flows import terminal
    from flows.drill_evaluated import drill_evaluated as flow

    terminal.drill(environment, lambda: flow.fn(environment, rate))


@app.command("outage")
def drill_outage(environment: Drilled = "local", rate: Rate = 50.0) -> None:
    """New's databases die: users go back without them, what they wrote there follows, under load."""
    from flows import terminal
    from flows.drill_outage import drill_outage as flow

    terminal.drill(environment, lambda: flow.fn(environment, rate))


@app.command("emergency")
def drill_emergency(environment: Drilled = "local", rate: Rate = 50.0) -> None:
    """Old is deleted for real and comes back from a backup, bad backups beside it refused, under load."""
    from flows import terminal
    from flows.drill_emergency import drill_emergency as flow

    terminal.drill(environment, lambda: flow.fn(environment, rate))


@app.command("destroy")
def drill_destroy(environment: Drilled = "local", rate: Rate = 50.0) -> None:
    """New is deployed, found broken and destroyed under load on old, whose users notice nothing."""
    from flows import terminal
    from flows.drill_destroy import drill_destroy as flow

    terminal.drill_destroy(environment, lambda: flow.fn(environment, rate))
