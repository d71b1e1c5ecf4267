"""Whether what answers for a database is still the one that the cutover knew: restored, made again, taken over.

Postgres begins another timeline when a standby takes over or a backup is restored to a point in time. A standby is
told by a transaction that it must have been sent: the one that last wrote the database's row of pg_database.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar, cast

from switchback.domain.errors import Refused
from switchback.domain.journal import Json, Kind, Record
from switchback.rollback import records
from switchback.rollback.records import as_facts
from switchback.steps.postgres import AccessSeen, SitesSeen
from switchback.systems.postgres.facts import DatabaseFacts

OLD = "old is that of the cutover"  #: the precondition that sees OldSeen


@dataclass(eq=False)
class AnotherOld(Refused):
    """Old is not the server that the cutover was made from, so nothing tells what it held then."""

    problem: ClassVar[str] = "{database}: old is another server or database, or a restored one, than at the cutover."
    remedy: ClassVar[str] = "Bring rows home by hand: switchback recover, with old of the cutover as --base."
    database: str


@dataclass(eq=False)
class AnotherNew(Refused):
    """New is not the database that users were sent to, or was set back: what it lacks was not deleted by them."""

    problem: ClassVar[str] = (
        "{database}: new is another server or database than at the cutover, or was set back to before it."
    )
    remedy: ClassVar[str] = (
        "Nothing was changed: what it lacks would be deleted on old. Find the one that users wrote to, or send them "
        "back without it (new_is_down) and sign for what is lost."
    )
    database: str


@dataclass(frozen=True, kw_only=True)
class OldSeen:
    """How often each database of old has been restored, or taken over by a standby: Postgres's timelines."""

    timelines: dict[str, int]


def opened_as(sites: SitesSeen, opened: Record | None) -> SitesSeen:
    """The same, where new was opened to users: a standby of new's that knows of it has all that was loaded before."""
    if opened is None:
        return sites
    entries = as_facts(AccessSeen, opened.data["seen"]).entries if opened.data["seen"] else {}
    return replace(sites, new=tuple(replace(one, entry=entries.get(one.database, "")) for one in sites.new))


def found_again(sites: SitesSeen, own: Sequence[Record]) -> SitesSeen:
    """The same, where an attempt found when it was planned that a standby of old's had taken over."""
    planned = records.last(own, Kind.PLANNED)
    seen = cast("Mapping[str, Json]", planned.data["seen"]) if planned else {}
    if OLD not in seen:
        return sites
    found = as_facts(OldSeen, seen[OLD]).timelines
    old = tuple(replace(one, timeline=max(one.timeline, found.get(one.database, 0))) for one in sites.old)
    return replace(sites, old=old)


def refuse_another_old(then: DatabaseFacts, now: DatabaseFacts) -> None:
    """Raises AnotherOld. A standby that has taken over is old still, if it knows of the cutover's fence."""
    continues = now.timeline == then.timeline or _knows_of_the_fence(then, now)
    if not (continues and _same_database(then, now)):
        raise AnotherOld(then.database)


def refuse_another_new(then: DatabaseFacts, now: DatabaseFacts) -> None:
    """Raises AnotherNew. A standby that took over from new is new, even if it lacks something: see `has_all`."""
    if not _same_database(then, now) or _next_transaction(now) < _next_transaction(then):
        raise AnotherNew(then.database)


def has_all(then: DatabaseFacts, now: DatabaseFacts, entry: str) -> bool:
    """Whether new has all that it held when users were let in; `entry`: of before this attempt fenced it."""
    return now.timeline == then.timeline or then.entry == entry != ""


def untouched(then: DatabaseFacts, now: DatabaseFacts) -> bool:
    """Whether no transaction has been given a number since: then nothing was written."""
    return _next_transaction(then) == _next_transaction(now)


def _knows_of_the_fence(then: DatabaseFacts, now: DatabaseFacts) -> bool:
    """Whether a later history has the fence before which all users' writes lie, and nobody has opened it since."""
    goes_on = now.timeline > then.timeline and _next_transaction(now) >= _next_transaction(then)
    return goes_on and then.entry == now.entry != ""


def _same_database(then: DatabaseFacts, now: DatabaseFacts) -> bool:
    return then.system_identifier == now.system_identifier and then.oid in (0, now.oid)


def _next_transaction(found: DatabaseFacts) -> int:
    return int(found.snapshot.split(":")[1])
