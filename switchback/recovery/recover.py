"""All four steps in one: capture, review, apply, verify. Killed at any instant and run again, it ends the same.

A bundle that a killed run left in the folder is carried on with, never overwritten; two runs on one database are
told apart by a lock on old that is held from the first step to the last.
"""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import ClassVar

from psycopg.rows import tuple_row

from switchback.domain.errors import HalfDone, Refused
from switchback.recovery import bundle, capture, review, session, stamps, summary, verify
from switchback.recovery.apply import Applied, apply, lock, records
from switchback.recovery.bundle import Bundle, Manifest, Method
from switchback.recovery.reviewed import Decide, Reviewed
from switchback.systems.postgres import sqlfiles


@dataclass(eq=False)
class OtherBundle(Refused):
    """The folder holds a bundle of something else."""

    problem: ClassVar[str] = "{folder} holds a bundle of another recovery: {difference}."
    remedy: ClassVar[str] = "Give another folder; a bundle is never overwritten."
    folder: str
    difference: str


@dataclass(eq=False)
class NotProven(HalfDone):
    """Old is not what was signed for."""

    problem: ClassVar[str] = "Old differs from what was reviewed: {differences}."
    remedy: ClassVar[str] = (
        "If the recovery is not applied yet, apply it. Else somebody wrote to old or new since: capture again; what is "
        "there already is not done twice."
    )
    differences: str


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What one run did."""

    manifest: Manifest
    review: Reviewed
    applied: Applied
    report: verify.Report
    resumed: bool  #: the bundle was there already


def request(  # noqa: PLR0913 - one keyword per option of the command
    *,
    cutover: datetime,
    method: str,
    snapshots: tuple[str, str],
    base: str,
    environment: str,
    patterns: tuple[str, ...],
) -> capture.Request:
    """A capture's request as the command line says it; `snapshots` are new's and old's of the cutover."""
    new_snapshot, old_snapshot = snapshots
    return capture.Request(
        cutover=cutover,
        method=None if method == "auto" else Method(method),
        cutover_snapshot=new_snapshot,
        old_snapshot=old_snapshot,
        base_dsn=base,
        environment=environment,
        patterns=patterns or stamps.PATTERNS,
    )


def reviewed_bundle(folder: Path, decide: str) -> tuple[Bundle, Reviewed]:
    """The bundle in `folder` and what was decided about it, its summary renewed; raises what review raises."""
    sealed = review.review(folder, Decide(decide))
    found = bundle.opened(folder)
    summary.write(found, sealed)
    return found, sealed


def run(old: str, new: str, folder: Path, request: capture.Request, decide: str) -> Outcome:
    """Bring new's changes into old and prove it; the second time, say so and change nothing.

    Raises what capture, review, apply and verify raise; NotProven when the proof fails.
    """
    with session.on(old, "old") as link, lock.held(link, lock.RUN):
        records.refuse_without_room(link)
        resumed = (folder / bundle.MANIFEST).is_file()
        found = _resumed(link, new, folder, request.cutover) if resumed else captured(old, new, folder, request)
        _, sealed = reviewed_bundle(folder, decide)
        applied = apply(old, folder)
        report = prove(old, new, folder)
    return Outcome(manifest=found.manifest, review=sealed, applied=applied, report=report, resumed=resumed)


def prove(old: str, new: str, folder: Path) -> verify.Report:
    """The report of verify; raises NotProven where old is not what was signed for."""
    report = verify.verify(old, new, folder)
    if not report.proven:
        tables = [f"{table.name} {table.differences} rows" for table in report.tables if not table.proven]
        raise NotProven(", ".join([*tables, *(f"sequence {name} is behind" for name in report.sequences_behind)]))
    return report


def captured(old: str, new: str, folder: Path, request: capture.Request) -> Bundle:
    """A new bundle in `folder`, with its summary; raises what capture raises."""
    manifest = capture.capture(old, new, folder, request)
    found = Bundle(folder=folder, manifest=manifest)
    summary.write(found, None)
    return found


def _resumed(old: session.Connection, new: str, folder: Path, cutover: datetime) -> Bundle:
    found = bundle.opened(folder)
    manifest = found.manifest
    if manifest.cutover != cutover:
        raise OtherBundle(str(folder), f"its cutover is {manifest.cutover.isoformat()}")
    with session.on(new, "new") as link:
        places = {"old": (_identity(old), manifest.old), "new": (_identity(link), manifest.new)}
    for side, (identity, noted) in places.items():
        if identity != (noted.database, noted.system_identifier):
            raise OtherBundle(str(folder), f"{side} was another database, {noted.database}")
    return found


def _identity(link: session.Connection) -> tuple[str, str]:
    system = link.cursor(row_factory=tuple_row).execute(sqlfiles.load("catalog/read_system")).fetchone()
    return link.info.dbname, str(system[0] if system else "")
