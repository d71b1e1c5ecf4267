"""The words of a way back, as data. It is old and new, never source and target."""

import hashlib
import json
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from enum import StrEnum

from switchback.domain.errors import Refused


class Side(StrEnum):
    """One of the two sites of a migration."""

    OLD = "old"
    NEW = "new"


@dataclass(frozen=True, kw_only=True)
class Change:
    """One thing that would be different afterwards, in words a person approves."""

    system: str  #: the touched system: "dns", "postgres", ...
    subject: str  #: what changes: "A record set dev.publisher"
    before: str
    after: str


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What a step, or a whole way back, is about to do. Empty when the world already is as wanted."""

    title: str
    changes: tuple[Change, ...] = ()

    @property
    def digest(self) -> str:
        """SHA-256 over title and changes; an approval is bound to it."""
        text = json.dumps(asdict(self), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        return hashlib.sha256(text.encode()).hexdigest()


@dataclass(eq=False)
class NaiveInstant(Refused):
    """A time without a zone means another instant on another machine (defect 41)."""

    problem = "{what}: {value} has no time zone."
    remedy = "Write it with an offset, for example 2026-01-31T10:00:00Z."
    what: str
    value: str


def aware(what: str, instant: datetime) -> datetime:
    """`instant` in UTC; Refused when it has no time zone."""
    if instant.tzinfo is None:
        raise NaiveInstant(what, instant.isoformat())
    return instant.astimezone(UTC)
