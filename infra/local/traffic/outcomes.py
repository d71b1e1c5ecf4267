"""The outcomes log: one CSV line for each answered or unanswered request, as docs/drill.md describes it.

An outcome is "ok", an HTTP status, or why nobody answered: "no name", "no connection", "no answer".
"""

import csv
from datetime import UTC, datetime
from pathlib import Path

HEADER = ("at", "service", "site", "outcome", "latency_ms")
OK = "ok"


class Outcomes:
    """An open outcomes log; one process writes it."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = path.open("a", encoding="utf-8", buffering=1, newline="")
        self._rows = csv.writer(self._file, lineterminator="\n")
        if self._file.tell() == 0:
            self._rows.writerow(HEADER)

    def note(self, service: str, site: str, outcome: str, latency_s: float) -> None:
        """Add one request that ends now."""
        at = datetime.now(UTC).isoformat(timespec="milliseconds")
        self._rows.writerow((at, service, site, outcome, f"{latency_s * 1000:.1f}"))

    def close(self) -> None:
        """Done."""
        self._file.close()
