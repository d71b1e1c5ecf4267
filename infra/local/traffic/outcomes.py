"""The outcomes log: one CSV line for each answered or unanswered request, for the report's picture."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

HEADER = ("at", "service", "site", "outcome", "latency_ms")
OK = "ok"


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """How one request ended."""

    at: datetime  #: when it ended, UTC
    service: str
    site: str  #: who answered: "old", "new", or "-" for nobody
    outcome: str  #: "ok", an HTTP status, or why nobody answered: "no name", "no connection", "no answer"
    latency_ms: float


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


def read(path: Path) -> Iterator[Outcome]:
    """Every request of the log, in order."""
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            at, latency = datetime.fromisoformat(row.pop("at")), float(row.pop("latency_ms"))
            yield Outcome(at=at, latency_ms=latency, **row)
