"""`switchback recover`: the recovery engine on any two databases, step by step or in one. Thin: no logic here.

Exit codes: 0 done and proven; 2 refused, nothing changed; 3 a person must decide rows first; 4 a server is
unreachable; 5 half done (says what; running again continues).
"""

from pathlib import Path
from typing import Annotated

import typer

from flows import recover_output as output
from flows.recover_output import Chosen, Found

app = typer.Typer(
    help="Bring home what was written on new since the cutover, on any two Postgres databases.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)

Old = Annotated[str, typer.Option(help="Old's connection string; its password by libpq's usual ways.", metavar="DSN")]
New = Annotated[str, typer.Option(help="New's connection string.", metavar="DSN")]
Folder = Annotated[Path, typer.Option("--bundle", help="The bundle's folder.", metavar="DIR")]
Cutover = Annotated[str, typer.Option(help="When users were sent to new, with its zone: 2026-01-31T10:00:00Z.")]
Snapshot = Annotated[str, typer.Option(help="pg_current_snapshot() of new at the cutover: XMIN:XMAX:LIST.")]
OldSnapshot = Annotated[str, typer.Option(help="The same of old: tells what was written on old since.")]
Method = Annotated[Found, typer.Option(help="How changed rows are found.")]
Base = Annotated[str, typer.Option(help="Old as it was at the cutover: conflicts are shown three-way.", metavar="DSN")]
Environment = Annotated[str, typer.Option(help="What the bundle is labelled with.")]
Patterns = Annotated[
    list[str] | None, typer.Option("--timestamp-column", help="A pattern of timestamp columns' names; repeat.")
]
Decision = Annotated[Chosen, typer.Option(help="What is decided without a person.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print the facts as JSON.")]


@app.command()
def capture(  # noqa: PLR0913, PLR0917 - an option each
    old: Old,
    new: New,
    cutover: Cutover,
    bundle: Folder,
    cutover_snapshot: Snapshot = "",
    old_snapshot: OldSnapshot = "",
    method: Method = Found.AUTO,
    base: Base = "",
    environment: Environment = "adhoc",
    timestamp_column: Patterns = None,
    as_json: AsJson = False,
) -> None:
    """Find what changed on new and write it as a bundle. Reads both databases, changes neither."""
    with output.answering(as_json=as_json) as answer:
        from switchback.recovery import recover

        request = recover.request(
            cutover=output.instant(cutover),
            method=method.value,
            snapshots=(cutover_snapshot, old_snapshot),
            base=base,
            environment=environment,
            patterns=tuple(timestamp_column or ()),
        )
        answer.captured(recover.captured(old, new, bundle, request))


@app.command()
def review(bundle: Folder, decide: Decision = Chosen.CLEAN, as_json: AsJson = False) -> None:
    """Take back what people decided and edited, or say exactly what cannot be taken."""
    with output.answering(as_json=as_json) as answer:
        from switchback.recovery import recover

        answer.reviewed(*recover.reviewed_bundle(bundle, decide.value))


@app.command()
def apply(old: Old, bundle: Folder, as_json: AsJson = False) -> None:
    """Bring a reviewed bundle into old, in one transaction, once."""
    with output.answering(as_json=as_json) as answer:
        from switchback.recovery.apply import apply as bring

        answer.applied(bring(old, bundle))


@app.command()
def verify(old: Old, new: New, bundle: Folder, as_json: AsJson = False) -> None:
    """Prove that old is what was signed for: equal to new, but for the rows skipped or edited."""
    with output.answering(as_json=as_json) as answer:
        from switchback.recovery import recover

        answer.verified(recover.prove(old, new, bundle))


@app.command()
def undo(old: Old, bundle: Folder, as_json: AsJson = False) -> None:
    """Put old back to the byte as it was before the bundle was applied."""
    with output.answering(as_json=as_json) as answer:
        from switchback.recovery.undo import undo as put_back

        answer.undone(put_back(old, bundle))


@app.command("accept-loss")
def accept_loss(
    bundle: Folder,
    signed_by: Annotated[str, typer.Option(help="Who answers for it.", metavar="NAME")],
    reason: Annotated[str, typer.Option(help="Why these rows are given up.", metavar="TEXT")],
    as_json: AsJson = False,
) -> None:
    """Sign for the rows that stay behind; they are kept in the bundle and can be brought home later."""
    with output.answering(as_json=as_json) as answer:
        from switchback.recovery import loss

        answer.accepted(loss.accept(bundle, signed_by, reason))


@app.command()
def run(  # noqa: PLR0913, PLR0917 - an option each
    old: Old,
    new: New,
    cutover: Cutover,
    bundle: Folder,
    cutover_snapshot: Snapshot = "",
    old_snapshot: OldSnapshot = "",
    method: Method = Found.AUTO,
    base: Base = "",
    environment: Environment = "adhoc",
    timestamp_column: Patterns = None,
    decide: Decision = Chosen.CLEAN,
    as_json: AsJson = False,
) -> None:
    """Capture, review, apply and verify in one; run again after a crash, it carries on."""
    with output.answering(as_json=as_json) as answer:
        from switchback.recovery import recover

        request = recover.request(
            cutover=output.instant(cutover),
            method=method.value,
            snapshots=(cutover_snapshot, old_snapshot),
            base=base,
            environment=environment,
            patterns=tuple(timestamp_column or ()),
        )
        answer.ran(recover.run(old, new, bundle, request, decide.value))


if __name__ == "__main__":
    app()
