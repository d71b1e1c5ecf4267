"""The writes that users were told are done, from the traffic's ledger: JSON lines, one when sent and one when answered.

The fields are part of the descriptor's contract for `drill.traffic` (docs/drill.md): at, operation,
site, fate.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from switchback.domain.model import Side

SENT = "sent"
ACKNOWLEDGED = "acknowledged"


@dataclass(frozen=True, kw_only=True)
class Acknowledged:
    """A write that a user was told is done."""

    operation: str
    sent: datetime
    site: str  #: who answered


def read(path: Path) -> tuple[Acknowledged, ...]:
    """The acknowledged writes of a ledger, in the order of their answers; a torn last line is passed over."""
    with path.open(encoding="utf-8") as lines:
        return tuple(parse(line for line in lines if line.endswith("\n")))


def parse(lines: Iterable[str]) -> Iterator[Acknowledged]:
    """The acknowledged writes that these whole lines tell of."""
    sent: dict[str, datetime] = {}
    for line in lines:
        entry = json.loads(line)
        operation, at = entry["operation"], datetime.fromisoformat(entry["at"])
        if entry["fate"] == SENT:
            sent[operation] = at
        elif entry["fate"] == ACKNOWLEDGED:
            first = sent.pop(operation, at)
            yield Acknowledged(operation=operation, sent=first, site=entry["site"])


def sent_to_new_after(writes: Iterable[Acknowledged], fenced: datetime) -> int:
    """How many writes were sent after new's fence was reported, and acknowledged by new all the same."""
    return sum(write.site == Side.NEW and write.sent > fenced for write in writes)
