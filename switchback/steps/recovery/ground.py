"""What every step of a recovery stands on: which attempt, what the cutover recorded, how to reach both databases."""

import logging
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import ClassVar, TypeVar, cast

from switchback.domain.errors import Refused, Unreachable
from switchback.domain.journal import Json, Kind, Record
from switchback.domain.model import Side
from switchback.domain.together import together
from switchback.recovery.bundle import Conflict
from switchback.recovery.capture import Deletes, Request
from switchback.rollback import records
from switchback.rollback.records import as_facts
from switchback.settings import Environment
from switchback.steps import postgres
from switchback.steps.postgres.access import AccessSeen, databases
from switchback.systems import shelf
from switchback.systems.postgres import facts, pipeline
from switchback.systems.postgres.errors import NoDatabase
from switchback.systems.postgres.facts import DatabaseFacts

log = logging.getLogger(__name__)
T = TypeVar("T")
SINCE = postgres.RecordSites.name


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


@dataclass(frozen=True)
class Ground:
    """One attempt's ground. `run` is empty in a rehearsal."""

    environment: Environment  #: without the databases that were given up
    run: str
    sites: postgres.SitesSeen  #: as the cutover recorded them
    cutover: datetime  #: before new's first write
    opened: bool  #: users were let onto old, behind the fences of which rows had come home
    found: Mapping[str, str]  #: as AccessSeen's entries, before this attempt fenced new

    @property
    def databases(self) -> tuple[str, ...]:
        """The platform's databases."""
        return databases(self.environment)

    @cached_property
    def shelf(self) -> shelf.Shelf:
        """Where the bundles are."""
        return shelf.open_shelf(self.environment)

    def dsn(self, side: Side, database: str) -> str:
        """How the engine connects; never leaves memory."""
        return pipeline.dsn(self.environment, side, database)

    def request(self, database: str) -> Request:
        """What is to be captured, by what the cutover recorded as far as it holds; raises AnotherOld or AnotherNew."""
        new_now, old_now = self.new_now(database), self.old_now(database)
        new, old = (self._recorded(side, database) for side in (Side.NEW, Side.OLD))
        return Request(
            cutover=self.cutover,
            cutover_snapshot=new.snapshot if new.timeline == new_now.timeline else "",
            old_snapshot="" if _untouched(old, old_now) else old.snapshot,
            environment=self.environment.name,
            keys=self.sites.keys.get(database, ()),
            deletes=self.deletes(database, new_now),
        )

    def deletes(self, database: str, new_now: DatabaseFacts) -> Deletes:
        """What deletes are taken for: a standby that took over from new may lack what it has not been sent."""
        then = self._recorded(Side.NEW, database)
        opened_here = then.entry == self.found.get(database, new_now.entry) != ""
        if opened_here or new_now.timeline == then.timeline:
            return Deletes()
        log.warning("%s: new may be a standby that lacks rows: its deletes are left to a person", database)
        return Deletes(conflict=Conflict.TABLE_EMPTIED)

    def new_now(self, database: str) -> DatabaseFacts:
        """Where new stands, which users have been sent to; raises AnotherNew."""
        then, now = self._recorded(Side.NEW, database), self._now(Side.NEW, database)
        if not _same_database(then, now) or _next_transaction(now) < _next_transaction(then):
            raise AnotherNew(database)
        return now

    def old_now(self, database: str) -> DatabaseFacts:
        """Where old stands, which is what the cutover was made from; raises AnotherOld.

        A standby that has taken over is that still, if it knows of the cutover's fence.
        """
        then, now = self._recorded(Side.OLD, database), self._now(Side.OLD, database)
        if not _same_database(then, now) or (now.timeline != then.timeline and not _knows_of_the_fence(then, now)):
            raise AnotherOld(database)
        return now

    def new_began_again(self, database: str) -> bool:
        """Whether new's server has crashed, or been started again, since the cutover; so if it does not say."""
        try:
            return self._recorded(Side.NEW, database).started != self._now(Side.NEW, database).started
        except (Unreachable, NoDatabase):
            return True

    def old_stands(self) -> tuple[DatabaseFacts, ...]:
        """Where each of old's databases stands, whatever it is."""
        return tuple(together(self.databases, lambda database: self._now(Side.OLD, database)))

    def _recorded(self, side: Side, database: str) -> DatabaseFacts:
        found = self.sites.old if side is Side.OLD else self.sites.new
        return next(one for one in found if one.database == database)

    def _now(self, side: Side, database: str) -> DatabaseFacts:
        with pipeline.session(self.environment, side, database) as session:
            return facts.read(session)


class OldIsTheSame:
    """Old's databases are those that the cutover was made from."""

    facts = OldSeen
    name = "old is that of the cutover"

    def __init__(self, ground: Ground) -> None:
        self._ground = ground

    def look(self) -> OldSeen:
        """See Check. Raises AnotherOld."""
        found = side_by_side(self._ground.databases, self._ground.old_now)
        return OldSeen(timelines={name: one.timeline for name, one in found.items()})


def ground(environment: Environment, own: Sequence[Record], before: Sequence[Record]) -> Ground:
    """The ground of the attempt that `own` tells of; `before` is the cutover that it goes back from."""
    recorded, opened = records.observed(before, SINCE), records.observed(before, f"unfence {Side.NEW}")
    if recorded is None:
        raise KeyError(SINCE)  # a cutover does not end without it
    fence = records.intent(own, f"fence {Side.NEW}")
    return Ground(
        environment=environment.without(records.given_up(own)),
        run=records.request(own).run if own else "",
        sites=found_again(opened_as(postgres.recorded(before), opened), own),
        cutover=datetime.fromisoformat(recorded.at),
        opened=opened_behind_fences(own),
        found=as_facts(AccessSeen, fence.data["before"]).entries if fence else {},
    )


def opened_as(sites: postgres.SitesSeen, opened: Record | None) -> postgres.SitesSeen:
    """The same, where new was opened to users: a standby of new's that knows of it has all that was loaded before."""
    if opened is None:
        return sites
    entries = as_facts(AccessSeen, opened.data["seen"]).entries
    return replace(sites, new=tuple(replace(one, entry=entries.get(one.database, "")) for one in sites.new))


def found_again(sites: postgres.SitesSeen, own: Sequence[Record]) -> postgres.SitesSeen:
    """The same, where an attempt found when it was planned that a standby of old's had taken over."""
    planned = records.last(own, Kind.PLANNED)
    seen = cast("Mapping[str, Json]", planned.data["seen"]) if planned else {}
    if OldIsTheSame.name not in seen:
        return sites
    found = as_facts(OldSeen, seen[OldIsTheSame.name]).timelines
    old = tuple(replace(one, timeline=max(one.timeline, found.get(one.database, 0))) for one in sites.old)
    return replace(sites, old=old)


def opened_behind_fences(own: Sequence[Record]) -> bool:
    """Whether an attempt has opened old after both sites were fenced and what new held had come home."""
    return records.intent(own, f"unfence {Side.OLD}") is not None and not records.request(own).new_is_down


def side_by_side(databases: Iterable[str], do: Callable[[str], T]) -> dict[str, T]:
    """`do` for every database at once; when all have ended, raises what the first of them raised."""
    names = list(databases)
    return dict(zip(names, together(names, do), strict=True))


@contextmanager
def workshop() -> Iterator[Path]:
    """An owner-only folder for the block."""
    with tempfile.TemporaryDirectory(prefix="switchback-recovery-") as folder:
        yield Path(folder)


def _knows_of_the_fence(then: DatabaseFacts, now: DatabaseFacts) -> bool:
    """Whether a later history has the fence before which all users' writes lie, and nobody has opened it since."""
    goes_on = now.timeline > then.timeline and _next_transaction(now) >= _next_transaction(then)
    return goes_on and then.entry == now.entry != ""


def _same_database(then: DatabaseFacts, now: DatabaseFacts) -> bool:
    return then.system_identifier == now.system_identifier and then.oid in (0, now.oid)


def _untouched(then: DatabaseFacts, now: DatabaseFacts) -> bool:
    """Whether no transaction has been given a number since: then nothing was written."""
    return _next_transaction(then) == _next_transaction(now)


def _next_transaction(found: DatabaseFacts) -> int:
    return int(found.snapshot.split(":")[1])
