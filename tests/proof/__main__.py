"""`make proof`: everything that takes longer than a test may, in one verb and one table.

    python -m tests.proof                          # all parts
    python -m tests.proof recovery capture         # these
    python -m tests.proof recovery --trials 4      # fewer kills and seeds, evenly chosen

Ends with 1 when any trial of any part went wrong.
"""

import argparse
import sys
import time
from collections.abc import Callable
from functools import partial

from rich.console import Console
from rich.table import Table

from tests.proof import capture, crash, cutover, destroy, emergency, outage, recovery, switchback, tested
from tests.proof.held import Held

Prove = Callable[[Console], Held]
WHAT = {
    "cutover": "killed at every journal boundary, users writing wherever it left them: no write lost",
    "switchback": "killed at every journal boundary, met with faults, under load: no write lost",
    "evaluated": "the same of the evaluated rollback, with its review",
    "outage": "new's databases die with users on it, killed at every journal boundary before and after: no write lost",
    "crash": "old's and new's database servers crash at every journal line of each way, under load: no write lost",
    "destroy": "killed at every journal boundary and inside the apply: only what was approved is gone",
    "emergency": "old deleted, restored, killed at every journal boundary and inside pg_restore: no write lost",
    "recovery": "killed at its statements, run again: old is new, to the byte",
    "capture": "generated schemas, both majors, both methods: the bundle is the difference",
    "drill": "whole drills on whole local sites, as `make drill` runs them: proven, and their reports say so",
    "spreadsheet": "a bundle through LibreOffice: damage is seen, an honest edit arrives",
}


def main() -> int:
    """Run the parts asked for; 0 when no trial went wrong."""
    options = _options()
    parts = _parts(options.trials)
    console = Console()
    table = Table("part", "what is proven", "trials", "failed", "minutes", title="Proof", title_justify="left")
    failed = 0
    for name in options.parts or parts:
        began = time.monotonic()
        held = parts[name](console)
        minutes = (time.monotonic() - began) / 60
        failed += held.failed
        table.add_row(name, held.skipped or WHAT[name], str(held.trials), str(held.failed), f"{minutes:.1f}")
    console.print(table)
    return int(bool(failed))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.proof", description="Everything too long for a test.")
    parser.add_argument("parts", nargs="*", type=_part, metavar="PART", help=f"{', '.join(WHAT)}; all without any")
    parser.add_argument(
        "--trials", type=int, help="how many kills (of a way back or a recovery), or seeds (of capture)"
    )
    return parser.parse_args()


def _part(name: str) -> str:
    if name not in WHAT:
        raise argparse.ArgumentTypeError(f"{name} is none of {', '.join(WHAT)}")
    return name


def _parts(trials: int | None) -> dict[str, Prove]:
    return {
        "cutover": partial(cutover.prove, trials=trials),
        "switchback": partial(switchback.prove, way="dns-switchback", trials=trials),
        "evaluated": partial(switchback.prove, way="evaluated-rollback", trials=trials),
        "outage": partial(outage.prove, trials=trials),
        "crash": partial(crash.prove, trials=trials),
        "destroy": partial(destroy.prove, trials=trials),
        "emergency": partial(emergency.prove, trials=trials),
        "recovery": partial(recovery.prove, kills=trials or recovery.KILLS),
        "capture": partial(capture.prove, seeds=trials or capture.SEEDS),
        "drill": partial(tested.prove, tests=tested.DRILLS),
        "spreadsheet": partial(tested.prove, tests=tested.SPREADSHEET),
    }


if __name__ == "__main__":
    sys.exit(main())
