"""What a drill did and when: its phases, and the attempts that it asked for and approved.

Written while it goes on, so that a screen beside it, or a person after a crash, can read along.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path


class Phase(StrEnum):
    """The parts of a drill, in their order."""

    BASELINE = "baseline on old"
    BACKUP = "backup of old"
    CUTOVER = "cutover"
    ON_NEW = "users on new"
    DISASTER = "old is deleted"
    INCIDENT = "incident on new"
    SWITCHBACK = "switchback"
    EVALUATED = "evaluated rollback"
    RESTORE = "emergency restore"
    DESTROY = "destroy of new"
    SETTLING = "settling on old"
    AUDIT = "audit"


class Event(StrEnum):
    """What an entry speaks of."""

    PHASE = "phase"  # a phase began
    ATTEMPT = "attempt"  # a run was asked for; its attempt's id
    APPROVED = "approved"  # the vote was accepted; the attempt's id
    ENDED = "ended"  # the drill is over: why


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One line of the diary."""

    at: datetime
    event: Event
    subject: str


@dataclass(frozen=True, kw_only=True)
class Stretch:
    """A phase in time."""

    phase: Phase
    started: datetime
    ended: datetime


def note(path: Path, event: Event, subject: str, at: datetime | None = None) -> None:
    """Add an entry, of now unless another instant is given."""
    line = {"at": (at or datetime.now(UTC)).isoformat(timespec="milliseconds"), "event": event, "subject": subject}
    with path.open("a", encoding="utf-8") as file:
        file.write(json.dumps(line) + "\n")


def read(path: Path) -> tuple[Entry, ...]:
    """The entries so far; a torn last line is passed over."""
    return tuple(_entries(path)) if path.exists() else ()


def stretches(entries: tuple[Entry, ...], until: datetime) -> tuple[Stretch, ...]:
    """The phases so far; the last one lasts until `until`."""
    begun = [entry for entry in entries if entry.event is Event.PHASE]
    ends = [*(entry.at for entry in begun[1:]), until]
    return tuple(
        Stretch(phase=Phase(entry.subject), started=entry.at, ended=end)
        for entry, end in zip(begun, ends, strict=False)  # before the first phase there is only an end
    )


def _entries(path: Path) -> Iterator[Entry]:
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            if line.endswith("\n"):
                entry = json.loads(line)
                at, event = datetime.fromisoformat(entry["at"]), Event(entry["event"])
                yield Entry(at=at, event=event, subject=entry["subject"])
