"""The `switchback` command. Thin: every command imports what it needs when it is called."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from flows import drill_commands, recover

app = typer.Typer(
    help="Brings a platform back from a migration, without losing a write that nobody signed for.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
journal_app = typer.Typer(help="The journals: show one, or prove that all are whole.", no_args_is_help=True)
app.add_typer(journal_app, name="journal")
app.add_typer(recover.app, name="recover")
bundle_app = typer.Typer(help="The rows of new: fetch them for review, return them.", no_args_is_help=True)
app.add_typer(bundle_app, name="bundle")
app.add_typer(drill_commands.app, name="drill")

Environment = Annotated[str, typer.Argument(help="The environment's name: dev, staging, prod, local.")]
Run = Annotated[str, typer.Argument(help="The attempt's id, as switchback status names it.")]
Folder = Annotated[Path, typer.Argument(help="A folder; each database has one below it.")]
Incident = Annotated[str, typer.Option(help="What happened, or the incident's number.")]
Person = Annotated[str, typer.Option(help="Your name. Somebody else has to approve.")]
Really = Annotated[bool, typer.Option("--really", help="Really do it; without this, only the plan is printed.")]
Resume = Annotated[str, typer.Option(help="An unfinished attempt to carry on.")]


@app.command("cutover")
def cutover(
    environment: Environment, incident: Incident, requested_by: Person, really: Really = False, resume: Resume = ""
) -> None:
    """Send users to new, from this terminal: no Prefect server is needed."""
    from flows import terminal
    from flows.cutover import cutover as flow

    terminal.run(flow, (environment, incident, requested_by), rehearse=not really, resume=resume)


@app.command("pre-cutover-destroy")
def pre_cutover_destroy(
    environment: Environment, incident: Incident, requested_by: Person, really: Really = False, resume: Resume = ""
) -> None:
    """Destroy new, where nobody has ever been, from this terminal: no Prefect server is needed."""
    from flows import terminal
    from flows.pre_cutover_destroy import pre_cutover_destroy as flow

    terminal.run(flow, (environment, incident, requested_by), rehearse=not really, resume=resume)


@app.command("dns-switchback")
def dns_switchback(  # noqa: PLR0913, PLR0917 - an option each
    environment: Environment,
    incident: Incident,
    requested_by: Person,
    new_is_down: Annotated[bool, typer.Option("--new-is-down", help="New's databases do not answer.")] = False,
    really: Really = False,
    resume: Resume = "",
) -> None:
    """Send users back to old, from this terminal: no Prefect server is needed."""
    from flows import terminal
    from flows.dns_switchback import dns_switchback as flow

    asked = (environment, incident, requested_by, new_is_down)
    terminal.run(flow, asked, rehearse=not really, resume=resume)


@app.command("evaluated-rollback")
def evaluated_rollback(  # noqa: PLR0913, PLR0917 - an option each
    environment: Environment,
    incident: Incident,
    requested_by: Person,
    accept_loss: Annotated[bool, typer.Option("--accept-loss", help="Leave the rows behind, signed for.")] = False,
    really: Really = False,
    resume: Resume = "",
) -> None:
    """Bring the data home, reviewed and proven, then the users; from this terminal."""
    from flows import terminal
    from flows.evaluated_rollback import evaluated_rollback as flow
    from switchback.rollback.records import Option

    option = Option.ACCEPT_LOSS if accept_loss else Option.RECOVER
    terminal.run(flow, (environment, incident, requested_by, option), rehearse=not really, resume=resume)


@app.command("backup")
def backup(
    environment: Environment,
    adopt: Annotated[str, typer.Option(help="An archive in the container that somebody else made.")] = "",
) -> None:
    """Back up the site that users are on, and prove the backup by restoring it aside."""
    from flows import terminal

    terminal.back_up(environment, adopt)


@app.command("backups")
def backups(environment: Environment) -> None:
    """Every backup there is: how old, how large, when it was proven, or what is wrong with it."""
    from flows import terminal

    terminal.show_backups(environment)


@app.command("emergency-restore")
def emergency_restore(  # noqa: PLR0913, PLR0917 - an option each
    environment: Environment,
    incident: Incident,
    requested_by: Person,
    before: Annotated[str, typer.Option(help="Take a backup of before this instant: 2026-01-31T10:00:00Z.")] = "",
    accept_loss: Annotated[bool, typer.Option("--accept-loss", help="New is gone too: sign for what is lost.")] = False,
    lost_database: Annotated[
        list[str] | None, typer.Option(help="A database of new that is lost too; repeat it for more.", metavar="NAME")
    ] = None,
    really: Really = False,
    resume: Resume = "",
) -> None:
    """Old is gone: restore it from a proven backup, bring home what new holds since, then the users."""
    from flows import terminal
    from flows.emergency_restore import emergency_restore as flow
    from switchback.rollback.records import Option

    option = Option.ACCEPT_LOSS if accept_loss else Option.RECOVER
    request = (environment, incident, requested_by, option)
    lost = tuple(lost_database or ())
    terminal.run(flow, request, rehearse=not really, resume=resume, before=before, lost_databases=lost)


@bundle_app.command("fetch")
def fetch_bundle(run: Run, folder: Folder) -> None:
    """Fetch the rows of an attempt as CSV files, one folder a database."""
    from flows import terminal

    terminal.fetch_bundle(run, folder)


@bundle_app.command("return")
def return_bundle(run: Run, folder: Folder) -> None:
    """Check the files that were worked on, cell by cell, and return them."""
    from flows import terminal

    terminal.return_bundle(run, folder)


@app.command("accept-loss")
def accept_loss(
    run: Run,
    signed_by: Annotated[str, typer.Option(help="Your name, listed as data steward.")],
    reason: Annotated[str, typer.Option(help="Why these rows are given up.")],
    database: Annotated[list[str] | None, typer.Option(help="Only this database of new is lost; repeatable.")] = None,
) -> None:
    """Sign for the conflicts that a DNS switchback left on new, or for all of new where it is lost for good."""
    from flows import terminal

    terminal.accept_loss(run, signed_by, reason, database or ())


@app.command()
def status(environment: Annotated[str, typer.Argument(help="Empty: every environment.")] = "") -> None:
    """Where each attempt stands, what is next, what is fenced."""
    from flows import terminal

    terminal.show_status(environment)


@app.command()
def undo(run: Run) -> None:
    """Take an unfinished attempt back to where it began: users, records, fences."""
    from flows import terminal

    terminal.undo(run)


@journal_app.command("verify")
def verify_journals(environment: Environment) -> None:
    """Read every journal of an environment and prove that its chain is whole."""
    from flows import terminal

    terminal.verify_journals(environment)


@journal_app.command("show")
def show_journal(run: Run) -> None:
    """An attempt's records, one line each."""
    from flows import terminal

    terminal.show_journal(run)


def main() -> None:
    """Run the command; our errors become one message and their exit code."""
    from switchback.domain.errors import SwitchbackError

    try:
        app()
    except SwitchbackError as stop:
        typer.echo(f"{type(stop).__name__}: {stop}", err=True)
        sys.exit(stop.exit_code)


if __name__ == "__main__":
    main()
