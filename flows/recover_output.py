"""What `switchback recover` prints: tables for people, the same facts as JSON for programs, one message for a stop."""

import dataclasses
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any

import typer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from _typeshed import DataclassInstance
    from rich.table import Table

    from switchback.recovery import loss, recover, undo, verify
    from switchback.recovery.apply import Applied
    from switchback.recovery.bundle import Bundle, Manifest
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
        facts = {**_bundle_facts(found), "tables": [_plain(line) for line in lines if line.changes or line.kept_on_old]}
        self._tell(facts, f"{found.manifest.changes} rows, {found.manifest.conflicts} conflicts: {found.folder}", lines)

    def reviewed(self, found: "Bundle", review: "Reviewed") -> None:
        """What was decided, and every cell that the reviewer changed."""
        from switchback.recovery import summary

        lines = summary.lines(found.manifest, review)
        facts = {**_bundle_facts(found), **_review_facts(review)}
        words = f"{review.applied} rows to apply, {review.skipped} skipped; review {review.digest}"
        self._tell(facts, words, lines, [f"{e.file}, row {e.row}, column {e.column}: changed" for e in review.edits])

    def applied(self, done: "Applied") -> None:
        """What old gained, lost and saw changed."""
        self._tell(_applied_facts(done), _applied_words(done), notes=list(done.record.notes))

    def verified(self, report: "verify.Report") -> None:
        """That it is proven, and with which exceptions."""
        self._tell(_report_facts(report), _report_words(report))

    def undone(self, done: "undo.Undone") -> None:
        """That old is back."""
        record = done.record
        words = "not applied: there was nothing to undo" if record is None else "old is as it was before the recovery"
        self._tell({"outcome": "done", "already": done.already, "recovery": record and record.recovery}, words)

    def accepted(self, signed: "loss.Loss") -> None:
        """What was signed for."""
        words = f"{signed.signed_by} signed for {signed.rows} rows that stay behind; {signed.digest}"
        self._tell({"outcome": "done", **_plain(signed)}, words)

    def ran(self, outcome: "recover.Outcome") -> None:
        """All of it."""
        from switchback.recovery import summary

        lines = summary.lines(outcome.manifest, outcome.review)
        facts = {
            **_manifest_facts(outcome.manifest),
            "resumed": outcome.resumed,
            **_review_facts(outcome.review),
            **_applied_facts(outcome.applied),
            **_report_facts(outcome.report),
        }
        words = f"{_applied_words(outcome.applied)}; {_report_words(outcome.report)}"
        self._tell(facts, words, lines, list(outcome.applied.record.notes))

    def _tell(
        self, facts: dict[str, Any], words: str, lines: "Sequence[Line]" = (), notes: list[str] | None = None
    ) -> None:
        if self._as_json:
            typer.echo(json.dumps(facts, default=str))
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


def _bundle_facts(found: "Bundle") -> dict[str, Any]:
    return {**_manifest_facts(found.manifest), "bundle": str(found.folder)}


def _manifest_facts(manifest: "Manifest") -> dict[str, Any]:
    return {
        "outcome": "done",
        "recovery": manifest.recovery,
        "method": manifest.method.value,
        "why": manifest.why,
        "changes": manifest.changes,
        "conflicts": manifest.conflicts,
        "lost_by_timestamps": sum(table.lost_by_timestamps for table in manifest.tables),
        "digest": manifest.digest,
    }


def _review_facts(review: "Reviewed") -> dict[str, Any]:
    edits = [{"file": edit.file, "row": edit.row, "column": edit.column} for edit in review.edits]
    return {"to_apply": review.applied, "skipped": review.skipped, "edits": edits, "reviewed_digest": review.digest}


def _applied_facts(done: "Applied") -> dict[str, Any]:
    record = done.record
    tables = [_plain(table) for table in record.tables]
    facts = {"outcome": "done", "recovery": record.recovery, "already": done.already, "applied": done.rows}
    return {**facts, "path": record.path, "tables": tables, "sequences": len(record.sequences), "notes": record.notes}


def _applied_words(done: "Applied") -> str:
    if done.already:
        return f"applied already at {done.record.applied_at:%Y-%m-%d %H:%M:%S} UTC ({done.rows} rows): nothing was done"
    return f"{done.rows} rows applied, {len(done.record.sequences)} sequences moved"


def _report_facts(report: "verify.Report") -> dict[str, Any]:
    exceptions = sum(table.exceptions for table in report.tables)
    return {"outcome": "done", "proven": report.proven, "equal": report.equal, "exceptions": exceptions}


def _report_words(report: "verify.Report") -> str:
    if report.equal:
        return f"proven: old equals new in {len(report.tables)} tables"
    return (
        f"proven: old equals new but for {sum(table.exceptions for table in report.tables)} rows that were signed for"
    )


def _plain(thing: "DataclassInstance") -> dict[str, Any]:
    return dataclasses.asdict(thing)
