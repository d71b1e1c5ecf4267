"""The journal's records and their hash chain: who intended what, what was seen, in which order.

Each record carries the hash of the one before it, so a changed, removed or reordered line shows.
A journal cut at its end shows against the head that the store keeps beside it.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from switchback.domain.errors import Refused

Json = None | bool | int | float | str | Sequence["Json"] | Mapping[str, "Json"]
GENESIS = "0" * 64


class Kind(StrEnum):
    """What a record says."""

    OPENED = "opened"  # an attempt began: who asked, why, for which way back
    PLANNED = "planned"  # the whole plan, its digest, and what each step saw
    ASKED = "asked"  # a gate was put before people
    VOTED = "voted"  # a named person's answer, bound to a plan's digest
    INTENT = "intent"  # a step is about to change something; holds its compensation
    OBSERVED = "observed"  # what was seen after a step, or by a check
    REVIEWED = "reviewed"  # what people returned was taken, or why not
    GIVEN_UP = "given up"  # a named person signed for all that was written in some of new's databases
    WITHOUT_NEW = "without new"  # new has died meanwhile: from here on a DNS switchback without it, voted on anew
    UNDOING = "undoing"  # from here on the attempt only goes back
    STAYED = "stayed"  # the first step to be undone refused: nothing was, and the attempt may go on
    UNDONE = "undone"  # a step's compensation was applied and looked at
    CLOSED = "closed"  # the attempt ended, with its outcome


@dataclass(frozen=True, kw_only=True)
class Record:
    """One line of a journal."""

    seq: int  #: 0, 1, 2, ... without gaps
    at: str  #: ISO 8601, UTC
    kind: Kind
    step: str  #: the step or check it speaks of; empty where it speaks of the whole attempt
    data: Mapping[str, Json]
    prev: str  #: hash of the record before it; 64 zeros for the first

    @property
    def hash(self) -> str:
        """SHA-256 of the record's canonical JSON, `prev` included."""
        return hashlib.sha256(_canonical(vars(self)).encode()).hexdigest()

    def line(self) -> bytes:
        """The record as it stands in the journal: JSON, its own hash, a line feed."""
        return _canonical({**vars(self), "hash": self.hash}).encode() + b"\n"


@dataclass(frozen=True, kw_only=True)
class Head:
    """How far a journal is known to reach; kept apart from it, so that a cut end shows."""

    records: int
    hash: str


@dataclass(eq=False)
class JournalTampered(Refused):
    """The journal is not what was written."""

    problem: ClassVar[str] = "Journal {journal}: record {seq} {fault}."
    remedy: ClassVar[str] = "Do not continue from it: keep it as evidence and call the migration lead."
    journal: str
    seq: int
    fault: str


def next_record(records: Sequence[Record], *, at: str, kind: Kind, step: str, data: Mapping[str, Json]) -> Record:
    """The record that would follow `records`."""
    prev = records[-1].hash if records else GENESIS
    return Record(seq=len(records), at=at, kind=kind, step=step, data=data, prev=prev)


def head(records: Sequence[Record]) -> Head:
    """The head that belongs to these records."""
    return Head(records=len(records), hash=records[-1].hash if records else GENESIS)


def parse(journal: str, content: bytes, known: Head) -> tuple[Record, ...]:
    """The records of a journal; raises JournalTampered when the chain or its end is broken.

    A journal one record longer than its head is whole: the writer died between the two.
    """
    records: list[Record] = []
    for seq, line in enumerate(_lines(journal, content)):
        record, stated = _record(journal, seq, line)
        if record.seq != seq:
            raise JournalTampered(journal, seq, f"is numbered {record.seq}")
        if record.prev != (records[-1].hash if records else GENESIS):
            raise JournalTampered(journal, seq, "does not follow the record before it")
        if record.hash != stated:
            raise JournalTampered(journal, seq, "was changed after it was written")
        records.append(record)
    if len(records) < known.records:
        raise JournalTampered(journal, len(records), f"is missing: {known.records} records were written")
    if known.records and records[known.records - 1].hash != known.hash:
        raise JournalTampered(journal, known.records - 1, "is not the one that was written")
    return tuple(records)


def _lines(journal: str, content: bytes) -> Iterable[bytes]:
    lines = content.split(b"\n")
    if lines.pop():
        raise JournalTampered(journal, len(lines), "is cut in its middle")
    return lines


def _record(journal: str, seq: int, line: bytes) -> tuple[Record, str]:
    try:
        content = json.loads(line)
        stated = content.pop("hash")
        return Record(**{**content, "kind": Kind(content["kind"])}), stated
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise JournalTampered(journal, seq, "is not a journal record") from error


def _canonical(value: object) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
