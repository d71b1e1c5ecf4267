"""A runner that dies: it takes a way back at the terminal and is killed at a chosen journal boundary.

    python -m tests.proof.dying WAY RESUME BOUNDARY

BOUNDARY is `never`, or the count of journal lines to write and `before` or `after`: `7-after` dies when the eighth line
has been written. `80-inside` dies 80 ms after a pg_restore was started, which lives on. `7-old-300` lives: old's server
crashes 300 ms after the eighth line, and starts again. Prints how many lines it wrote when it lives, also where it ends
with an error.
"""

import os
import signal
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from flows.cutover import cutover
from flows.dns_switchback import dns_switchback
from flows.emergency_restore import emergency_restore
from flows.evaluated_rollback import evaluated_rollback
from flows.pre_cutover_destroy import pre_cutover_destroy
from infra.local import postgres
from infra.local.layout import Layout
from switchback.domain.journal import Head
from switchback.domain.model import Side
from switchback.rollback.records import Option
from switchback.systems.journal import blob, file
from switchback.systems.postgres.tools import Tools
from tasks import terminal

FLOWS = {
    "cutover": cutover,
    "dns-switchback": dns_switchback,
    "emergency-restore": emergency_restore,
    "evaluated-rollback": evaluated_rollback,
    "outage": dns_switchback,
    "pre-cutover-destroy": pre_cutover_destroy,
}
OPTIONS: dict[str, dict[str, Any]] = {
    "emergency-restore": {"option": Option.RECOVER},
    "evaluated-rollback": {"option": Option.RECOVER},
    "outage": {"new_is_down": True},
}
ANSWER = {"decision": "approve", "name": "Ada Example", "role": "incident_commander", "reason": "a proof"}
REVIEW = {
    "decision": "apply_reviewed",
    "conflicts": "leave",
    "returned": "none",
    "name": "Dana Example",
    "role": "data_steward",
}


def die_at(boundary: str) -> list[int]:
    """Make every journal of this process count its lines, and kill the process, or a server, at the boundary."""
    count, when, later, *_ = *boundary.split("-"), "", ""
    written = [0]

    def wrap(kind: type[blob.BlobTurn] | type[file.FileTurn]) -> None:
        real = kind.append

        def append(self: object, line: bytes, head: Head) -> None:
            if when == "before" and written[0] == int(count):
                os.kill(os.getpid(), signal.SIGKILL)
            real(self, line, head)  # type: ignore[arg-type]
            written[0] += 1
            if when == "after" and written[0] == int(count) + 1:
                os.kill(os.getpid(), signal.SIGKILL)
            if when in tuple(Side) and written[0] == int(count) + 1:
                threading.Timer(int(later) / 1000, postgres.crash, (Layout(), Side(when))).start()

        kind.append = append  # type: ignore[method-assign,assignment]

    wrap(blob.BlobTurn)
    wrap(file.FileTurn)
    return written


def die_inside(milliseconds: int) -> None:
    """Kill the process so long after its first pg_restore of a whole database was started."""
    real = Tools.run

    def run(self: Tools, program: str, database: str, arguments: Sequence[str | Path], environ: dict[str, str]) -> str:
        if "--exit-on-error" in arguments:
            threading.Timer(milliseconds / 1000, lambda: os.kill(os.getpid(), signal.SIGKILL)).start()
        return real(self, program, database, arguments, environ)

    Tools.run = run  # type: ignore[method-assign]


def main(way: str, resume: str, boundary: str) -> None:
    """Take the way back, with the vote and the review that the terminal would have asked for."""
    terminal.ask = lambda _text, _plan, _form: ANSWER
    terminal.fill_in = lambda _text, _form: REVIEW | {"reason": "a proof"}
    count, _, when = boundary.partition("-")
    if when == "inside":
        die_inside(int(count))
    written = die_at("never" if when == "inside" else boundary)
    flow = FLOWS[way]
    try:
        flow.fn("local", "a proof", "The Proof", rehearse=False, resume=resume, **OPTIONS.get(way, {}))
    finally:
        print(written[0])  # noqa: T201 - the parent reads it


if __name__ == "__main__":
    main(*sys.argv[1:])
