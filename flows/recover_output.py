"""What `switchback recover` prints: tables for people, the same facts as JSON for programs, one message for a stop."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any

import typer

from flows import recover_facts as facts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.table import Table

    from switchback.recovery import loss, recover, undo, verify
    from switchback.recovery.apply import Applied
    from switchback.recovery.bundle import Bundle
    from switchback.recovery.reviewed import Reviewed
    from switchback.recovery.summary import Line

DEBUG = "SWITCHBACK_DEBUG"
UNEXPECTED = 5
WIDE = 160  #: characters of a line where nobody sees how wide it is


class Found(StrEnum):
    """How changed rows are found."""

    AUTO = "auto"
    SNAPSHOT = "snapshot"
    DIFF = "diff"
    TIMESTAMPS = "timestamps"


class Chosen(StrEnum):
    """What is decided without a person."""

    CLEAN = "clean"
    ALL = "all"
    NONE = "none"


@contextmanager
def answering(*, as_json: bool) -> Iterator["Answer"]:
    """Print what the block has to say; a stop of ours becomes one message and its exit code."""
    from switchback.domain.errors import SwitchbackError

    try:
        yield Answer(as_json=as_json)
    except SwitchbackError as stop:
        _stopped(type(stop).__name__, str(stop), stop.exit_code, as_json=as_json)
    except (typer.Exit, typer.Abort, typer.BadParameter):
        raise
    except Exception as error:
        if os.environ.get(DEBUG):
            raise
        words = f"Stopped by something unforeseen. Run again: it carries on. {DEBUG}=1 shows where."
        _stopped(type(error).__name__, words, UNEXPECTED, as_json=as_json)


def _stopped(kind: str, words: str, code: int, *, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps({"outcome": "stopped", "kind": kind, "message": words, "exit_code": code}))
    else:
        typer.echo(f"{kind}: {words}", err=True)
    raise typer.Exit(code)


def instant(text: str) -> datetime:
    """The instant that `--cutover` says; BadParameter where it is none or has no zone."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(f"{text[:40]!r} is not an ISO-8601 instant", param_hint="--cutover") from None
    if at.tzinfo is None:
        raise typer.BadParameter("it has no time zone: write it with an offset, or Z", param_hint="--cutover")
    return at


class Answer:
    """Prints one command's outcome."""

    def __init__(self, *, as_json: bool) -> None:
        self._as_json = as_json

    def captured(self, found: "Bundle") -> None:
        """What the bundle holds."""
        from switchback.recovery import summary

        lines = summary.lines(found.manifest, None)
        tables = [facts.plain(line) for line in lines if line.changes or line.kept_on_old]
        told = {**facts.of_bundle(found), "tables": tables}
        self._tell(told, f"{found.manifest.changes} rows, {found.manifest.conflicts} conflicts: {found.folder}", lines)

    def reviewed(self, found: "Bundle", review: "Reviewed") -> None:
        """What was decided, and every cell that the reviewer changed."""
        from switchback.recovery import summary

        lines = summary.lines(found.manifest, review)
        told = {**facts.of_bundle(found), **facts.of_review(review)}
        words = f"{review.applied} rows to apply, {review.skipped} skipped; review {review.digest}"
        self._tell(told, words, lines, [f"{e.file}, row {e.row}, column {e.column}: changed" for e in review.edits])

    def applied(self, done: "Applied") -> None:
        """What old gained, lost and saw changed."""
        self._tell(facts.of_applied(done), facts.say_applied(done), notes=list(done.record.notes))

    def verified(self, report: "verify.Report") -> None:
        """That it is proven, and with which exceptions."""
        self._tell(facts.of_report(report), facts.say_report(report))

    def undone(self, done: "undo.Undone") -> None:
        """That old is back."""
        record = done.record
        words = "not applied: there was nothing to undo" if record is None else "old is as it was before the recovery"
        self._tell({"outcome": "done", "already": done.already, "recovery": record and record.recovery}, words)

    def accepted(self, signed: "loss.Loss") -> None:
        """What was signed for."""
        words = f"{signed.signed_by} signed for {signed.rows} rows that stay behind; {signed.digest}"
        self._tell({"outcome": "done", **facts.plain(signed)}, words)

    def ran(self, outcome: "recover.Outcome") -> None:
        """All of it."""
        from switchback.recovery import summary

        lines = summary.lines(outcome.manifest, outcome.review)
        told = {
            **facts.of_manifest(outcome.manifest),
            "resumed": outcome.resumed,
            **facts.of_review(outcome.review),
            **facts.of_applied(outcome.applied),
            **facts.of_report(outcome.report),
        }
        words = f"{facts.say_applied(outcome.applied)}; {facts.say_report(outcome.report)}"
        self._tell(told, words, lines, list(outcome.applied.record.notes))

    def _tell(
        self, told: dict[str, Any], words: str, lines: "Sequence[Line]" = (), notes: list[str] | None = None
    ) -> None:
        if self._as_json:
            typer.echo(json.dumps(told, default=str))
            return
        from rich.console import Console

        console = Console()
        if not console.is_terminal:
            console = Console(width=WIDE)
        if lines:
            console.print(_table(lines))
        for note in notes or []:
            console.print(note, markup=False)
        console.print(words, markup=False)


def _table(lines: "Sequence[Line]") -> "Table":
    from rich.table import Table

    from switchback.recovery import summary

    columns = ("table", "inserts", "updates", "deletes", "conflicts", "lost by timestamps", "apply", "skip", "edited")
    table = Table(show_footer=True)
    total = summary.totals(lines)
    for title, foot in zip(columns, _cells(total), strict=True):
        table.add_column(title, footer=foot, justify="left" if title == "table" else "right")
    for line in lines:
        if line.changes or line.kept_on_old:
            table.add_row(*_cells(line))
    return table


def _cells(line: "Line") -> list[Any]:
    from rich.text import Text

    numbers = (line.inserts, line.updates, line.deletes, line.conflicts, line.lost_by_timestamps)
    return [Text(line.name), *(str(number) for number in (*numbers, line.applied, line.skipped, line.edited))]
