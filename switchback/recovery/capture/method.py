"""Which way changed rows are found, and why that one.

The cutover's snapshot of new is used where it is known and can still be read on this server; a wrong
one is never guessed around.
"""

import re
from dataclasses import dataclass
from typing import ClassVar

from switchback.domain.errors import Refused
from switchback.recovery.bundle import Method

#: Ages of transaction ids are compared in 32 bits: fewer than half of them may have passed.
HORIZON = 1 << 31
_SNAPSHOT = re.compile(r"(\d{1,20}):(\d{1,20}):(\d{1,20}(?:,\d{1,20})*)?")


@dataclass(eq=False)
class BadSnapshot(Refused):
    """What was given is not what pg_current_snapshot() prints."""

    problem: ClassVar[str] = "The {side} snapshot {text!r} is not of the form XMIN:XMAX:LIST."
    remedy: ClassVar[str] = "Copy the text of pg_current_snapshot() from the cutover record, for example 742:745:743."
    side: str
    text: str


@dataclass(eq=False)
class SnapshotUnusable(Refused):
    """The snapshot method was demanded, and this server cannot read that snapshot."""

    problem: ClassVar[str] = "The {side} snapshot of the cutover cannot be used: {why}."
    remedy: ClassVar[str] = "Use --method auto or diff: comparing all rows needs no record."
    side: str
    why: str


@dataclass(frozen=True, kw_only=True)
class Choice:
    """The way and the reason."""

    method: Method
    why: str
    since: str  #: new's bound for the snapshot method, as a 32-bit xid; "" for the others


def bound(given: str, now: str, side: str) -> tuple[str, str]:
    """The 32-bit xid from which on rows are recent, and "" or why there is none; raises BadSnapshot.

    `now` is the server's present snapshot. A snapshot of another server shows only where its numbers are impossible
    here; the caller compares system identifiers where they were recorded.
    """
    parts = _SNAPSHOT.fullmatch(given)
    if not parts or int(parts[1]) > int(parts[2]):
        raise BadSnapshot(side, given[:60])
    oldest, following = int(parts[1]), int(now.split(":")[1])
    if int(parts[2]) > following:
        return "", "this server has not come that far: it is another server's"
    if following - oldest >= HORIZON:
        return "", f"{following - oldest} transactions have passed since, and ages tell only {HORIZON}"
    return str(oldest % (1 << 32)), ""


def choose(wish: Method | None, given: str, now: str, *, base: bool) -> Choice:
    """The method for a wish (None: whatever is best); raises BadSnapshot or SnapshotUnusable."""
    since, fault = bound(given, now, "new") if given else ("", "no snapshot of new was recorded at the cutover")
    if wish is Method.SNAPSHOT and not since:
        raise SnapshotUnusable("new", fault)
    if wish in (Method.DIFF, Method.TIMESTAMPS):
        return Choice(method=wish, why="asked for", since="")
    if base:
        return Choice(method=Method.DIFF, why="a base was given: what old wrote is found by comparing", since="")
    if since:
        why = "asked for" if wish else "new's snapshot of the cutover is known"
        return Choice(method=Method.SNAPSHOT, why=why, since=since)
    return Choice(method=Method.DIFF, why=fault, since="")
