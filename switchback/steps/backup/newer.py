"""What users wrote since the backup: brought home from new while new is alive, or signed for as a loss.

The backup is the base: old, restored, is exactly what it was then, so whatever new has otherwise was written since, be
it on old after the backup or on new after the cutover.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from pydantic import TypeAdapter

from switchback.backup.manifest import Manifest
from switchback.domain.approval import Vote
from switchback.domain.errors import Refused, Unreachable
from switchback.domain.journal import Kind, Record
from switchback.domain.model import Change, Plan, Side
from switchback.recovery.bundle import Method
from switchback.recovery.capture import Request
from switchback.rollback.records import last
from switchback.settings import Environment
from switchback.steps import postgres, recovery
from switchback.steps.backup.choosing import ChooseBackup
from switchback.steps.postgres.sequences import SequencesSeen
from switchback.steps.recovery.ground import Ground
from switchback.systems.postgres import pipeline, tables
from switchback.systems.postgres.errors import NoDatabase


@dataclass(frozen=True)
class RestoredGround(Ground):
    """A recovery's ground on a site restored from a backup: every row is compared, the backup's instant is the base."""

    choosing: ChooseBackup

    def request(self, database: str) -> Request:
        """See Ground. Transaction ids of before say nothing on a restored server, so rows are compared."""
        return Request(
            cutover=self.choosing.chosen.taken_at,
            method=Method.DIFF,
            environment=self.environment.name,
            deletes=self.deletes(database, self.new_now(database)),
        )


class BringHomeSince(recovery.BringHome):
    """What users wrote since the backup is on old too, also where the databases have yet to be restored."""

    def look(self) -> recovery.HomeSeen:
        """See Step."""
        try:
            return super().look()
        except NoDatabase:
            return recovery.HomeSeen(databases={})


class AdvanceRestored(postgres.AdvanceSequences):
    """Old's sequences past both sides', also where the databases have yet to be restored."""

    def look(self) -> SequencesSeen:
        """See Step."""
        try:
            return super().look()
        except NoDatabase:
            return SequencesSeen(databases={})

    def plan(self, seen: SequencesSeen) -> Plan:
        """See Step."""
        if seen.databases:
            return super().plan(seen)
        change = Change(system="postgres", subject="sequences of old", before="as in the backup", after=self._how_far)
        return Plan(title=self.name, changes=(change,))


class AdvanceRestoredFar(AdvanceRestored, postgres.AdvanceSequencesFar):
    """The same of databases that new has lost: by more than it can have handed out."""


@dataclass(eq=False)
class NobodySigned(Refused):
    """What was written since the backup is given up by a named person or not at all."""

    problem: ClassVar[str] = "Nobody has signed for what was written since {since}."
    remedy: ClassVar[str] = "Start again: approving a plan that says what is given up is that signature."
    since: str


@dataclass(frozen=True, kw_only=True)
class Loss:
    """Everything that was acknowledged from an instant on is lost, and who answers for it."""

    since: datetime
    databases: tuple[str, ...]
    signed_by: str
    reason: str
    signed_at: datetime


class LossSigned:
    """Whoever approved a plan that gives up what new held has signed for it; the journal is the loss manifest."""

    facts = Loss
    name = "the loss since the backup is signed for"

    def __init__(self, lost: Sequence[str], choosing: ChooseBackup, own: Sequence[Record]) -> None:
        self._lost = lost  #: databases of new
        self._choosing = choosing
        self._own = own

    def look(self) -> Loss:
        """See Check. Raises NobodySigned."""
        since = self._choosing.chosen.taken_at
        voted = last(self._own, Kind.VOTED)
        if voted is None:
            raise NobodySigned(since.isoformat(timespec="seconds"))
        vote = TypeAdapter(Vote).validate_python(voted.data)
        return Loss(
            since=since,
            databases=tuple(self._lost),
            signed_by=vote.name,
            reason=vote.reason,
            signed_at=vote.at,
        )


def known_newer(environment: Environment, sealed: Manifest) -> int | None:
    """At least so many rows were written since the backup in these databases, by new's counts per table.

    None where one of them cannot be read.
    """
    rows = 0
    try:
        for dump in (one for one in sealed.dumps if one.contents.database in environment.databases):
            then = {(table.schema, table.table): table.rows for table in dump.contents.tables}
            with pipeline.session(environment, Side.NEW, dump.contents.database) as session:
                for name, table in tables.listed(session).items():
                    rows += abs(tables.count(session, table) - then.get(name, 0))
    except (Unreachable, NoDatabase):
        return None
    return rows
