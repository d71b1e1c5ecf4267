"""`make bench`: how fast rows come home, as ratios to what people would use instead, measured in one run.

Prints a table and writes it to bench/results.md. Never a test: a slow machine fails nothing.
"""

import argparse
import os
import platform
import statistics
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console
from rich.table import Table

from infra.local import postgres
from infra.local.layout import ROOT
from switchback.domain.model import Side
from tests.bench import measures, restore, stage
from tests.bench.measures import Measured, timed
from tests.bench.stage import Load, Stage

RESULTS = ROOT / "bench" / "results.md"
SHARE = 0.235  #: of the rows, written after the cutover: 470 000 of 2 million
MEMORY_LIMIT_MIB = 50
Found = dict[str, list[Measured]]


@dataclass(frozen=True, kw_only=True)
class Goal:
    """A ratio of two sums of measurements, and what it should be at most."""

    what: str
    ours: tuple[str, ...]
    theirs: tuple[str, ...]
    most: float


PAIR = Goal(
    what="capture + export + apply / psql COPY out + in",
    ours=("capture", "apply"),
    theirs=("copy out", "copy in"),
    most=0.9,
)
GOALS = (
    Goal(what="find changed rows by snapshot / reladiff", ours=("snapshot",), theirs=("reladiff",), most=0.05),
    PAIR,
    Goal(what="diff / reladiff", ours=("diff",), theirs=("reladiff",), most=0.25),
    Goal(what="diff / reladiff, equal tables", ours=("diff, equal",), theirs=("reladiff, equal",), most=0.5),
)


def main() -> None:
    """Measure, print, keep."""
    options = _options()
    console = Console()
    load = Load(rows=options.rows, written=int(options.rows * SHARE))
    before = os.getloadavg()
    found: Found = defaultdict(list)
    cold: Found = defaultdict(list)
    with stage.running() as made:
        made.fill(load)
        for phase, warm_up in ((_bring_home, options.warm_up), (_search_equal, 1), (_search, 1)):
            for number in range(1 - warm_up, options.rounds + 1):
                what = f"round {number} of {options.rounds}" if number > 0 else "warming up"
                console.print(f"{phase.__name__.strip('_').replace('_', ' ')}, {what}, load {os.getloadavg()[0]:.1f}")
                phase(made, found if number > 0 else cold)
        peaks: list[float] = []
        _tell(console, options, before, [_goals(found, peaks, options.rows), _parts(found), _cold(cold)])
        if not options.skip_memory:
            peaks = list(_peaks(made, options.rows))
    tables = [_goals(found, peaks, options.rows), _parts(found), _cold(cold)]
    if not options.skip_restore:
        tables.append(_restores(restore.run(options.rows)))
    _tell(console, options, before, tables)


def _tell(console: Console, options: argparse.Namespace, before: tuple[float, ...], tables: list[Table]) -> None:
    """Show what is measured so far, and keep it."""
    for table in tables:
        console.print(table)
    if options.keep:
        RESULTS.parent.mkdir(exist_ok=True)
        RESULTS.write_text(_page(options, before, tables), encoding="utf-8")
        console.print(f"kept in {RESULTS.relative_to(ROOT)}")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--rows", type=int, default=2_000_000, help="rows of new; old lacks those written since")
    parser.add_argument("--rounds", type=int, default=5, help="how often each thing is measured")
    parser.add_argument("--warm-up", type=int, default=16, help="rounds of bringing home before those")
    parser.add_argument("--skip-memory", action="store_true", help="do not measure the memory of a whole run")
    parser.add_argument("--skip-restore", action="store_true", help="do not measure backup and restore")
    parser.add_argument("--no-keep", dest="keep", action="store_false", help="print only")
    return parser.parse_args()


@contextmanager
def _folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="switchback-bench-") as name:
        yield Path(name)


def _bring_home(made: Stage, found: Found) -> None:
    """Both pairs, each beginning from the same; old is equal to new afterwards."""
    with _folder() as folder:  # left behind, the files would take memory that later rounds must find elsewhere
        file, bundle = folder / "pair.csv", folder / "bundle"
        made.renew()
        found["copy out"].append(timed(lambda: measures.copied_out(made, file)))
        found["copy in"].append(timed(lambda: measures.copied_in(made, file)))
        made.renew()
        found["capture"].append(timed(lambda: measures.captured(made, bundle)))
        found["review"].append(timed(lambda: measures.reviewed(bundle)))
        found["apply"].append(timed(lambda: measures.applied(made, bundle)))


def _search_equal(made: Stage, found: Found) -> None:
    """As the last pair left them."""
    found["diff, equal"].append(timed(lambda: measures.by_diff(made)))
    found["reladiff, equal"].append(timed(lambda: measures.by_reladiff(made)))


def _search(made: Stage, found: Found) -> None:
    made.renew()
    found["snapshot"].append(timed(lambda: measures.by_snapshot(made)))
    found["diff"].append(timed(lambda: measures.by_diff(made)))
    found["reladiff"].append(timed(lambda: measures.by_reladiff(made)))


def _peaks(made: Stage, rows: int) -> list[float]:
    """Of a whole run with a tenth of the rows changed, and with all of them: inserts and updates."""
    peaks = []
    for changed in (rows // 10, rows):
        made.fill(Load(rows=changed * 5 // 4, written=changed, touched=True))
        made.renew()
        with _folder() as folder:
            peaks.append(measures.peak_mib(made, folder / "bundle"))
    return peaks


def _median(found: Found, names: tuple[str, ...]) -> float:
    return sum(statistics.median(one.seconds for one in found[name]) for name in names)


def _goals(found: Found, peaks: list[float], rows: int) -> Table:
    table = Table("", "ours", "theirs", "ratio", "at most", "", title="Against what people would use instead")
    for goal in GOALS:
        ours, theirs = _median(found, goal.ours), _median(found, goal.theirs)
        ratio = ours / theirs
        met = "met" if ratio <= goal.most else "missed"
        table.add_row(goal.what, f"{ours:.2f} s", f"{theirs:.2f} s", f"{ratio:.3f}", f"{goal.most:.2f}", met)
    if peaks:
        few, many = peaks
        met = "met" if many - few <= MEMORY_LIMIT_MIB else "missed"
        what = f"memory of a whole run, {rows} rows changed / {rows // 10}"
        table.add_row(what, f"{many:.0f} MiB", f"{few:.0f} MiB", f"{round(many - few):+d} MiB", "+50 MiB", met)
    return table


def _cold(found: Found) -> Table:
    """The rounds of bringing home that warm the machine up: what a first use meets."""
    table = Table("round", "capture + export + apply", "psql COPY out + in", "ratio", title="Rounds that do not count")
    rounds = zip(*([one.seconds for one in found[name]] for name in (*PAIR.ours, *PAIR.theirs)), strict=True)
    for number, (*ours, copy_out, copy_in) in enumerate(rounds, 1):
        theirs = copy_out + copy_in
        table.add_row(str(number), f"{sum(ours):.2f} s", f"{theirs:.2f} s", f"{sum(ours) / theirs:.3f}")
    return table


def _parts(found: Found) -> Table:
    table = Table("", "rows", "median s", "least s", "most s", title="Measured")
    for name, measured in found.items():
        seconds = [one.seconds for one in measured]
        spread = (f"{value:.2f}" for value in (statistics.median(seconds), min(seconds), max(seconds)))
        table.add_row(name, str(measured[-1].rows or ""), *spread)
    return table


def _restores(ratios: tuple[restore.Ratio, ...]) -> Table:
    table = Table("", "ours", "theirs", "ratio", "at most", "what limits it", title="Backup and restore")
    for one in ratios:
        most = "" if one.most is None else f"{one.most:.2f}, {'met' if one.ratio <= one.most else 'missed'}"
        table.add_row(one.what, f"{one.ours_s:.1f} s", f"{one.theirs_s:.1f} s", f"{one.ratio:.2f}", most, one.note)
    return table


def _page(options: argparse.Namespace, before: tuple[float, ...], tables: list[Table]) -> str:
    now = datetime.now(UTC)
    majors = ", ".join(f"{side.value} Postgres {postgres.major(side)}" for side in Side)
    lines = [
        "# What `make bench` measured last",
        "",
        f"{now:%Y-%m-%d %H:%M} UTC, {os.cpu_count()} cores, Python {platform.python_version()}, {majors}, both on this",
        f"machine. {options.rows} rows on new, {int(options.rows * SHARE)} of them written after the cutover, medians",
        f"of {options.rounds} rounds after {options.warm_up} of bringing home that do not count: a virtual machine is",
        "slow wherever it meets memory for the first time, and ours, which writes more files, meets more of it (those",
        f"rounds are below, one by one); of backup and restore, medians of {restore.ROUNDS} rounds. Load average",
        f"{before[0]:.1f} before, {os.getloadavg()[0]:.1f} after.",
    ]
    for table in tables:
        lines += ["", f"## {table.title}", "", *_markdown(table)]
    return "\n".join(lines) + "\n"


def _markdown(table: Table) -> list[str]:
    columns = [[str(column.header), *map(str, column.cells)] for column in table.columns]
    rows = [f"| {' | '.join(cells)} |" for cells in zip(*columns, strict=True)]
    return [rows[0], "|---" * len(columns) + "|", *rows[1:]]


if __name__ == "__main__":
    main()
