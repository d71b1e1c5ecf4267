"""Evidence that something is not there: what was counted, how much was found, and where. Unknown is not zero."""

from dataclasses import dataclass
from typing import ClassVar

from switchback.domain.errors import Refused

NAMED = 5  #: how many of those found an error names


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """A count, and what it was counted in."""

    of: str  #: "requests in the last 3600 s"
    found: int
    looked_at: tuple[str, ...]  #: a line for each place that was asked


@dataclass(eq=False)
class SomebodyOnNew(Refused):
    """New is used, or holds what nobody else has."""

    problem: ClassVar[str] = "{found} {of}: {named}."
    remedy: ClassVar[str] = "Somebody is on new, so it is not destroyed. {advice}"
    of: str
    found: int
    named: str
    advice: str


def none_of(of: str, found: list[str], looked_at: tuple[str, ...], advice: str) -> Evidence:
    """Evidence that there are none; raises SomebodyOnNew with the first of those found."""
    if found:
        more = f" and {len(found) - NAMED} more" if len(found) > NAMED else ""
        raise SomebodyOnNew(of, len(found), f"{', '.join(found[:NAMED])}{more}", advice)
    return Evidence(of=of, found=0, looked_at=looked_at)
