"""The ledger: every write that was sent, and what became of it, as JSON lines.

A write counts as acknowledged only when its line is on disk. A write is noted before it is sent, so that
even a killed traffic generator leaves no write in a database that the ledger does not know.
"""

import asyncio
import json
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path


class Kind(StrEnum):
    """What a write does to its entity."""

    INSERT = "insert"
    UPDATE = "update"
    DELETE = "delete"


class Fate(StrEnum):
    """What the client knows about a write."""

    SENT = "sent"  # about to be sent; without a later line its fate is unknown
    ACKNOWLEDGED = "acknowledged"  # answered 2xx: must never be lost
    REFUSED = "refused"  # never reached a service, or answered 4xx: must not be there
    UNKNOWN = "unknown"  # the answer was lost, or was 5xx: may be there or not


@dataclass(frozen=True, kw_only=True)
class Write:
    """One write of one client to one entity."""

    operation: str  #: the client's own id of this write
    service: str
    kind: Kind
    reference: str  #: the entity, as its client named it
    fate: Fate
    site: str = "-"  #: who answered


class Ledger:
    """An open ledger; one process writes it."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = path.open("a", encoding="utf-8", buffering=1)
        self._turn = asyncio.Lock()
        self._written = 0
        self._synced = 0

    def note(self, write: Write) -> None:
        """Add a line; it survives this process, not yet the machine."""
        self._file.write(json.dumps({"at": datetime.now(UTC).isoformat(), **asdict(write)}) + "\n")
        self._written += 1

    async def commit(self, write: Write) -> None:
        """Add a line and return when it is on disk; writes that come together share one fsync."""
        self.note(write)
        mine = self._written
        async with self._turn:
            if self._synced < mine:
                reached = self._written
                await asyncio.to_thread(os.fsync, self._file.fileno())
                self._synced = reached

    def close(self) -> None:
        """Everything to disk, and done."""
        os.fsync(self._file.fileno())
        self._file.close()


def read(path: Path) -> tuple[Write, ...]:
    """Every write in the order of sending, with the last that is known of it; a torn last line is passed over."""
    writes: dict[str, Write] = {}
    for line in _whole_lines(path):
        fields = json.loads(line)
        del fields["at"]
        kind, fate = Kind(fields.pop("kind")), Fate(fields.pop("fate"))
        write = Write(kind=kind, fate=fate, **fields)
        first = writes.get(write.operation, write)
        writes[write.operation] = replace(first, fate=write.fate, site=write.site)
    return tuple(writes.values())


def _whole_lines(path: Path) -> Iterator[str]:
    with path.open(encoding="utf-8") as file:
        for line in file:
            if line.endswith("\n"):
                yield line
