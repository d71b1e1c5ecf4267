"""What every step of a recovery stands on: which attempt, what the cutover recorded, how to reach both databases."""

import logging
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import ClassVar, TypeVar

from switchback.domain.errors import Refused, Unreachable
from switchback.domain.journal import Record
from switchback.domain.model import Side
from switchback.domain.together import side_by_side, together
from switchback.recovery.bundle import Conflict
from switchback.recovery.capture import Request
from switchback.recovery.judge import Deletes
from switchback.rollback import records
from switchback.rollback.records import as_facts
from switchback.settings import Environment
from switchback.steps import postgres
from switchback.steps.postgres.access import AccessSeen
from switchback.steps.recovery import continuity
from switchback.steps.recovery.continuity import OldSeen
from switchback.systems import shelf
from switchback.systems.postgres import facts, pipeline
from switchback.systems.postgres.errors import NoDatabase
from switchback.systems.postgres.facts import DatabaseFacts

log = logging.getLogger(__name__)
T = TypeVar("T")
SINCE = postgres.RecordSites.name


@dataclass(eq=False)
class NotRecorded(Refused):
    """Both sites are recorded just before users are let onto new, so none of them wrote there."""

    problem: ClassVar[str] = "{environment}: this attempt has not come so far that users could write on new."
    remedy: ClassVar[str] = "Nothing of it waits on new: resume or undo it."
    environment: str


@dataclass(eq=False)
class OtherDatabases(Refused):
    """A database that is left out would be neither fenced nor brought home, and yet be opened on old."""

    problem: ClassVar[str] = "The descriptor of {environment} does not name the databases of the cutover: {databases}."
    remedy: ClassVar[str] = "Nothing was changed. Put the descriptor back until the way back is done; then change it."
    environment: str
    databases: str


@dataclass(frozen=True)
class Ground:
    """One attempt's ground. `run` is empty in a rehearsal."""

    environment: Environment  #: without the databases that were given up
    run: str
    sites: postgres.SitesSeen  #: as the cutover recorded them
    cutover: datetime  #: before new's first write
    opened: bool  #: users were let onto old, behind the fences of which rows had come home
    found: Mapping[str, str]  #: as AccessSeen's entries, before this attempt fenced new

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
            old_snapshot="" if continuity.untouched(old, old_now) else old.snapshot,
            environment=self.environment.name,
            keys=self.sites.keys.get(database, ()),
            stayed=self.sites.stayed,
            deletes=self.deletes(database, new_now),
        )

    def deletes(self, database: str, new_now: DatabaseFacts) -> Deletes:
        """What deletes are taken for: a standby that took over from new may lack what it has not been sent."""
        entry = self.found.get(database, new_now.entry)
        if continuity.has_all(self._recorded(Side.NEW, database), new_now, entry):
            return Deletes()
        log.warning("%s: new may be a standby that lacks rows: its deletes are left to a person", database)
        return Deletes(conflict=Conflict.TABLE_EMPTIED)

    def new_now(self, database: str) -> DatabaseFacts:
        """Where new stands, which users have been sent to; raises AnotherNew."""
        now = self._now(Side.NEW, database)
        continuity.refuse_another_new(self._recorded(Side.NEW, database), now)
        return now

    def old_now(self, database: str) -> DatabaseFacts:
        """Where old stands, which is what the cutover was made from; raises AnotherOld."""
        now = self._now(Side.OLD, database)
        continuity.refuse_another_old(self._recorded(Side.OLD, database), now)
        return now

    def new_began_again(self, database: str) -> bool:
        """Whether new's server has crashed, or been started again, since the cutover; so if it does not say."""
        try:
            return self._recorded(Side.NEW, database).started != self._now(Side.NEW, database).started
        except (Unreachable, NoDatabase):
            return True

    def old_stands(self) -> tuple[DatabaseFacts, ...]:
        """Where each of old's databases stands, whatever it is."""
        return tuple(together(self.environment.databases, lambda database: self._now(Side.OLD, database)))

    def _recorded(self, side: Side, database: str) -> DatabaseFacts:
        found = self.sites.old if side is Side.OLD else self.sites.new
        return next(one for one in found if one.database == database)

    def _now(self, side: Side, database: str) -> DatabaseFacts:
        with pipeline.session(self.environment, side, database) as session:
            return facts.read(session)


class OldIsTheSame:
    """Old's databases are those that the cutover was made from."""

    facts = OldSeen
    name = continuity.OLD

    def __init__(self, ground: Ground) -> None:
        self._ground = ground

    def look(self) -> OldSeen:
        """See Check. Raises AnotherOld."""
        found = side_by_side(self._ground.environment.databases, self._ground.old_now)
        return OldSeen(timelines={name: one.timeline for name, one in found.items()})


def ground(environment: Environment, own: Sequence[Record], before: Sequence[Record]) -> Ground:
    """The ground of the attempt that `own` tells of; `before` is the cutover that it goes back from.

    Raises NotRecorded or OtherDatabases.
    """
    recorded, opened = records.observed(before, SINCE), records.observed(before, f"unfence {Side.NEW}")
    if recorded is None:
        raise NotRecorded(environment.name)
    sites = postgres.recorded(before)
    if changed := {one.database for one in sites.new} ^ set(environment.databases):
        raise OtherDatabases(environment.name, ", ".join(sorted(changed)))
    fence = records.intent(own, f"fence {Side.NEW}")
    return Ground(
        environment=environment.without(records.given_up(own)),
        run=records.request(own).run if own else "",
        sites=continuity.found_again(continuity.opened_as(sites, opened), own),
        cutover=datetime.fromisoformat(recorded.at),
        opened=opened_behind_fences(own),
        found=as_facts(AccessSeen, fence.data["before"]).entries if fence else {},
    )


def opened_behind_fences(own: Sequence[Record]) -> bool:
    """Whether an attempt has opened old after both sites were fenced and what new held had come home."""
    return records.intent(own, f"unfence {Side.OLD}") is not None and not records.request(own).new_is_down


@contextmanager
def workshop() -> Iterator[Path]:
    """An owner-only folder for the block."""
    with tempfile.TemporaryDirectory(prefix="switchback-recovery-") as folder:
        yield Path(folder)
