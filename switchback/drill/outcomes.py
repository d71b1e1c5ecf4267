"""What users experienced during a drill: one CSV line per request, as the traffic wrote it.

The columns are part of the descriptor's contract for `drill.traffic` (docs/drill.md): at, service,
site, outcome, latency_ms.
"""

import csv
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import pairwise
from pathlib import Path

OK = "ok"


class Served(StrEnum):
    """What became of a request."""

    OLD = "old"  # the user got what they came for, from old
    NEW = "new"  # the same, from new
    FAILED = "failed"  # nobody answered, or with an error


@dataclass(frozen=True, kw_only=True)
class Request:
    """One request of a user."""

    at: float  #: when its answer came, seconds since the epoch
    service: str
    site: str  #: "old", "new", or "-" when nobody answered
    outcome: str  #: "ok", an HTTP status, or what went wrong

    @property
    def served(self) -> Served:
        """Who gave the user what they came for, if anybody did."""
        return Served(self.site) if self.outcome == OK else Served.FAILED


def read(path: Path) -> tuple[Request, ...]:
    """The requests of an outcomes file in the order in which they were written; a torn last line is passed over."""
    with path.open(encoding="utf-8", newline="") as lines:
        return tuple(parse(line for line in lines if line.endswith("\n")))


def parse(lines: Iterable[str]) -> Iterator[Request]:
    """The requests that these whole lines tell of; the header line is optional."""
    for at, service, site, outcome, _latency_ms in csv.reader(lines):
        if at != "at":
            seconds = datetime.fromisoformat(at).timestamp()
            yield Request(at=seconds, service=service, site=site, outcome=outcome)


@dataclass(frozen=True, kw_only=True)
class Gap:
    """A time in which one service gave nobody what they came for."""

    service: str
    began: float  #: seconds since the epoch
    ended: float

    @property
    def seconds(self) -> float:
        """How long it lasted."""
        return self.ended - self.began


def longest_gap(requests: Sequence[Request], since: float) -> Gap:
    """The longest gap of any service between `since` and the last request.

    A service counts when it was asked for at all; it may have been asked for nothing just then.
    """
    until = max([since, *(request.at for request in requests)])
    served: dict[str, list[float]] = {request.service: [] for request in requests}
    for request in requests:
        if request.served is not Served.FAILED and request.at >= since:
            served[request.service].append(request.at)
    gaps = (
        Gap(service=service, began=began, ended=ended)
        for service, instants in sorted(served.items())
        for began, ended in pairwise([since, *sorted(instants), until])
    )
    return max(gaps, key=lambda gap: gap.seconds, default=Gap(service="", began=since, ended=until))


def first_served(requests: Iterable[Request], by: Served, since: float) -> float | None:
    """When the first user was served by that site after `since`; None when nobody was."""
    return min((request.at for request in requests if request.served is by and request.at >= since), default=None)


def tally(requests: Iterable[Request], since: float, until: float) -> Counter[Served]:
    """How many requests of [since, until) ended how."""
    return Counter(request.served for request in requests if since <= request.at < until)
