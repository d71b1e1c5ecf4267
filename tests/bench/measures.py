"""What is measured: each function does one thing once, and returns its seconds and how many rows it found or moved."""

import logging
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import reladiff
from psycopg import sql

from infra.local import postgres
from infra.local.layout import ROOT
from switchback.domain.model import Side
from switchback.recovery import bundle, capture, find, review, sides
from switchback.recovery.apply import apply
from switchback.recovery.capture import method
from switchback.recovery.reviewed import Decide
from switchback.recovery.sides import Known, Sides
from tests.bench.stage import Stage

logging.getLogger("hashdiff_tables").setLevel(logging.ERROR)  # reladiff warns of text columns, once a connection

OUT = sql.SQL("copy (select * from bench where created_at >= {}) to stdout (format csv, header)")
COLUMNS = ("tenant", "email", "amount", "created_at", "updated_at", "note")  #: reladiff has no jsonb


@dataclass(frozen=True, kw_only=True)
class Measured:
    """One measurement."""

    seconds: float
    rows: int


def timed(act: Callable[[], int]) -> Measured:
    """`act` by the clock, on a disk that waits for nothing to be written; it returns a number of rows."""
    os.sync()
    began = time.monotonic()
    rows = act()
    return Measured(seconds=time.monotonic() - began, rows=rows)


def by_snapshot(stage: Stage) -> int:
    """The rows written on new since the cutover, found by its snapshot: connections and catalogs included."""
    return _found(stage, lambda table: find.by_snapshot(table.new, table.old, fenced=True), recent=True)


def by_diff(stage: Stage) -> int:
    """The rows that differ, found by comparing."""
    return _found(stage, lambda table: find.by_diff(table.new, table.old), recent=False)


def by_reladiff(stage: Stage) -> int:
    """The same by reladiff, with all columns that it takes and its own settings."""
    tables = [reladiff.connect_to_table(_url(stage.dsn(side)), "bench", "id", extra_columns=COLUMNS) for side in Side]
    try:
        return sum(1 for _ in reladiff.diff_tables(*tables))
    finally:
        for table in tables:
            table.database.close()


def copied_out(stage: Stage, file: Path) -> int:
    """The procedure's own export: psql, COPY, the timestamp rule."""
    rule = OUT.format(sql.Literal(stage.cutover)).as_string()
    with file.open("wb") as out:
        _psql(stage, Side.NEW, rule, stdout=out)
    return 0


def copied_in(stage: Stage, file: Path) -> int:
    r"""The procedure's own import: psql, \\copy."""
    _psql(stage, Side.OLD, rf"\copy bench from '{file}' with (format csv, header)")
    return 0


def captured(stage: Stage, folder: Path) -> int:
    """Found and exported."""
    request = capture.Request(cutover=stage.cutover, cutover_snapshot=stage.snapshot)
    return capture.capture(stage.dsn(Side.OLD), stage.dsn(Side.NEW), folder, request).tables[0].rows


def reviewed(folder: Path) -> int:
    """Decided without people, and sealed."""
    return review.review(folder, Decide.CLEAN).applied


def applied(stage: Stage, folder: Path) -> int:
    """Brought into old."""
    return apply(stage.dsn(Side.OLD), folder).rows


def peak_mib(stage: Stage, folder: Path) -> float:
    """The greatest memory of a process that does all of it, MiB."""
    words = ["recover", "run", "--old", stage.dsn(Side.OLD), "--new", stage.dsn(Side.NEW), "--bundle", str(folder)]
    words += ["--cutover", stage.cutover.isoformat(), "--cutover-snapshot", stage.snapshot]
    command = [sys.executable, "-m", "flows.cli", *words]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stdin=subprocess.DEVNULL)
    peak_kib = 0
    while process.poll() is None:  # what wait4 tells includes the memory of who started it
        peak_kib = max(peak_kib, _peak_kib(process.pid))
        time.sleep(0.05)
    assert process.returncode == 0
    return peak_kib / 1024


def _peak_kib(process: int) -> int:
    status = Path(f"/proc/{process}/status").read_text(encoding="utf-8")
    found = re.search(r"^VmHWM:\s+(\d+) kB$", status, re.MULTILINE)
    return int(found[1]) if found else 0  # a process that has ended and is not yet reaped has none


def _found(stage: Stage, of: Callable[[Sides], find.Found], *, recent: bool) -> int:
    with sides.opened(stage.dsn(Side.OLD), stage.dsn(Side.NEW)) as opened:
        now = opened["new"].snapshot.identity.snapshot
        choice = method.choose(
            bundle.Method.SNAPSHOT if recent else bundle.Method.DIFF, stage.snapshot, now, base=False
        )
        both = sides.paired(opened, Known(cutover=stage.cutover, since_new=choice.since))
        table = both.sides(both.pairing.pairs[0])
        return find.count(table.new, of(table))


def _psql(stage: Stage, side: Side, statement: str, stdout: "int | object" = subprocess.DEVNULL) -> None:
    program = postgres.tools(side) / "psql"
    environment = postgres.environment(stage.dsn(side))
    words = [program, "-qX", "-v", "ON_ERROR_STOP=1", "-c", statement]
    subprocess.run(words, env=environment, check=True, stdout=stdout)  # type: ignore[call-overload]


def _url(dsn: str) -> str:
    facts = postgres.environment(dsn)
    return "postgresql://{PGUSER}:{PGPASSWORD}@{PGHOST}:{PGPORT}/{PGDATABASE}".format_map(facts)
