"""The facts of each recovery command, for programs; and the same in one line, for people."""

import dataclasses
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

    from switchback.recovery import verify
    from switchback.recovery.apply import Applied
    from switchback.recovery.bundle import Bundle, Manifest
    from switchback.recovery.reviewed import Reviewed


def of_bundle(found: "Bundle") -> dict[str, Any]:
    """What a bundle is."""
    return {**of_manifest(found.manifest), "bundle": str(found.folder)}


def of_manifest(manifest: "Manifest") -> dict[str, Any]:
    """What was captured."""
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


def of_review(review: "Reviewed") -> dict[str, Any]:
    """What was decided; edits by place, never by value."""
    edits = [{"file": edit.file, "row": edit.row, "column": edit.column} for edit in review.edits]
    return {"to_apply": review.applied, "skipped": review.skipped, "edits": edits, "reviewed_digest": review.digest}


def of_applied(done: "Applied") -> dict[str, Any]:
    """What was applied."""
    record = done.record
    tables = [plain(table) for table in record.tables]
    facts = {"outcome": "done", "recovery": record.recovery, "already": done.already, "applied": done.rows}
    return {**facts, "path": record.path, "tables": tables, "sequences": len(record.sequences), "notes": record.notes}


def say_applied(done: "Applied") -> str:
    """The same for people."""
    if done.already:
        return f"applied already at {done.record.applied_at:%Y-%m-%d %H:%M:%S} UTC ({done.rows} rows): nothing was done"
    return f"{done.rows} rows applied, {len(done.record.sequences)} sequences moved"


def of_report(report: "verify.Report") -> dict[str, Any]:
    """What was proven."""
    exceptions = sum(table.exceptions for table in report.tables)
    return {"outcome": "done", "proven": report.proven, "equal": report.equal, "exceptions": exceptions}


def say_report(report: "verify.Report") -> str:
    """The same for people."""
    if report.equal:
        return f"proven: old equals new in {len(report.tables)} tables"
    return (
        f"proven: old equals new but for {sum(table.exceptions for table in report.tables)} rows that were signed for"
    )


def plain(thing: "DataclassInstance") -> dict[str, Any]:
    """A dataclass as a dict."""
    return dataclasses.asdict(thing)
