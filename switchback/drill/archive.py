"""Where drills are kept: one folder each, `latest` pointing to the newest, and a line per drill in history.jsonl.

The root is var/drills of this checkout, or the folder that SWITCHBACK_DRILLS names.
"""

import os
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from switchback import settings


@dataclass(frozen=True, kw_only=True)
class Folder:
    """One drill's files."""

    path: Path

    @property
    def id(self) -> str:
        """The drill's id: its environment and when it began."""
        return self.path.name

    @property
    def diary(self) -> Path:
        """The drill's own diary."""
        return self.path / "diary.jsonl"

    @property
    def ledger(self) -> Path:
        """Every write that users sent, and what they were told."""
        return self.path / "ledger.jsonl"

    @property
    def outcomes(self) -> Path:
        """Every request, and how it ended."""
        return self.path / "outcomes.csv"

    @property
    def traffic_log(self) -> Path:
        """What the traffic command printed."""
        return self.path / "traffic.log"

    @property
    def report(self) -> Path:
        """The report for machines; report.md and report.html stand beside it."""
        return self.path / "report.json"


def root() -> Path:
    """The folder of all drills."""
    return Path(os.environ.get("SWITCHBACK_DRILLS") or settings.CHECKOUT / "var" / "drills").resolve()


def make(environment: str, began: datetime) -> Folder:
    """A new drill's folder; `latest` points to it from now on."""
    path = root() / f"{environment}-{began:%Y-%m-%dT%H-%M-%S}.{began.microsecond // 1000:03d}Z"
    path.mkdir(parents=True)
    draft = path.with_name(f".latest-{path.name}")
    draft.symlink_to(path.name)
    draft.replace(path.with_name("latest"))
    return Folder(path=path)


def write(path: Path, text: str) -> None:
    """Put a file in place, whole or not at all."""
    draft = path.with_name(f".{path.name}")
    draft.write_text(text, encoding="utf-8")
    draft.replace(path)
