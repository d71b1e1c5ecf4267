"""Bringing rows home without asking: what only new changed is applied, conflicts are left on new.

No machine decides a conflict: a row that both sides changed is left waiting, in a sealed review that says so; nor
whether most of a table was meant to go. What old held when both sites were fenced is the common ancestor. Old's tables
are locked only while rows are merged.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from switchback.domain.errors import Unreachable
from switchback.domain.model import Change, Plan, Side
from switchback.domain.together import side_by_side
from switchback.recovery import bundle, capture, loss, session
from switchback.recovery import review as reviewing
from switchback.recovery.apply import apply, errors, records
from switchback.recovery.apply.work import Left
from switchback.recovery.bundle import Bundle
from switchback.recovery.judge import Deletes
from switchback.recovery.reviewed import Decide, Reviewed
from switchback.recovery.undo import undo
from switchback.steps.recovery.emptied import emptied
from switchback.steps.recovery.ground import Ground, workshop
from switchback.steps.recovery.kept import Kept, Part, sealed, sealed_review
from switchback.systems import shelf
from switchback.systems.postgres.facts import DatabaseFacts
from switchback.systems.postgres.waiting import Waiting

TRIES = 4  #: what users write while we look may forbid what we would apply
PASSING = ("40001", "40P01")  #: our transaction was in the way of a user's
log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Home:
    """One database's rows: what came home, and what was left on new."""

    recovery: str
    digest: str  #: of the sealed review
    applied: bool  #: on old, or there was nothing to apply
    rows: int  #: that came home
    left: tuple[Waiting, ...]
    kept: int = 0  #: rows of old's own, which new does not have


@dataclass(frozen=True, kw_only=True)
class HomeSeen:
    """How each database stands; one without a sealed review is not in it."""

    databases: dict[str, Home]
    old: tuple[DatabaseFacts, ...] = ()  #: where old stood once the rows had been taken away again


class BringHome:
    """Rows that users wrote on new are on old, but for conflicts, which wait on new."""

    facts = HomeSeen
    name = "bring home what only new changed"

    def __init__(self, ground: Ground, *, even_deleted: bool = False) -> None:
        self._ground = ground
        self._even_deleted = even_deleted  #: deletes come home too where users have deleted most of a table
        self._taken_away: tuple[DatabaseFacts, ...] = ()

    def look(self) -> HomeSeen:
        """See Step."""
        if not self._ground.run:
            return HomeSeen(databases={})
        found = side_by_side(self._ground.environment.databases, self._look)
        return HomeSeen(databases={name: one for name, one in found.items() if one}, old=self._taken_away)

    def plan(self, seen: HomeSeen) -> Plan:
        """See Step."""
        changes = tuple(
            Change(
                system="recovery",
                subject=f"rows written on new, in {name}",
                before="only on new",
                after="on old too; those that old changed as well are left on new and reported",
            )
            for name in self._missing(seen)
        )
        return Plan(title=self.name, changes=changes)

    def refuse_if_unsafe(self, seen: HomeSeen, planned: HomeSeen | None) -> None:
        """See Step. The engine refuses for itself, with nothing changed."""

    def apply(self, seen: HomeSeen) -> None:
        """See Step. Raises what capture and apply raise, except where rows do not fit.

        Those are left, with those that do not fit without them; or every row, where it is not known which do not fit.
        """
        side_by_side(self._missing(seen), self._bring)

    def do_anew(self) -> None:
        """Bring home what is exported now, in every database; what is on old already is not done again."""
        side_by_side(self._ground.environment.databases, self._bring)

    def undo(self, before: HomeSeen) -> None:
        """See Step. What users have built upon stays on old; all of it, once they were let in, or if old is down."""
        if self._ground.opened:
            return
        with left_on_old_where_it_is_down():
            side_by_side(
                [name for name in self._ground.environment.databases if name not in before.databases], self._take_back
            )
            self._taken_away = self._ground.old_stands()

    def _missing(self, seen: HomeSeen) -> list[str]:
        done = {name for name, one in seen.databases.items() if one.applied}
        return [name for name in self._ground.environment.databases if name not in done]

    def _look(self, database: str) -> Home | None:
        with self._kept(database).noted() as noted:
            found, review = noted or (None, None)
            if found is None or review is None:
                return None
            record = applied(self._ground, database, review)
            late = late_rows(record)
            return Home(
                recovery=review.recovery,
                digest=review.digest,
                applied=not review.applied or record is not None,
                rows=review.applied - sum(table.upserts + table.deletes for table in late),
                left=(*left(found, review), *late),
                kept=sum(table.kept_on_old for table in found.manifest.tables)
                + found.manifest.large_objects.kept_on_old,
            )

    def _bring(self, database: str) -> None:
        with workshop() as folder:
            if self._reviewed(database, folder / "reviewed"):
                return
            Kept(self._ground, database, Part.EXPORTED).fetch(folder / "exported")
            exported = bundle.opened(folder / "exported").manifest
            deletes = emptied(self._ground, database, exported, even_deleted=self._even_deleted)
            for number in range(TRIES):
                try:
                    self._attempt(database, folder, number, Decide.LEAVE, deletes)
                except (errors.RowsDoNotFit, errors.Stopped) as met:  # users write meanwhile
                    if isinstance(met, errors.Stopped) and met.sqlstate not in PASSING:
                        raise
                    log.warning("%s: looked at again: %s", database, met)
                else:
                    return
            log.warning("%s: every row is left on new", database)
            self._attempt(database, folder, TRIES, Decide.KEEP, deletes)

    def _reviewed(self, database: str, folder: Path) -> bool:
        """Whether people had reviewed the rows before new died, and they are on old: then that is what came home."""
        if on_old(self._ground, database) is None:
            return False
        sealed(self._ground, database, folder)
        self._kept(database).put(shelf.files_of(folder))
        return True

    def _attempt(self, database: str, folder: Path, number: int, decide: Decide, deletes: Deletes) -> None:
        """Decide, seal, apply; what is applied is what was sealed on the shelf before.

        First what was exported, which is exact while old is fenced; when that does not fit, what is there now. What
        old held when the export was made is the common ancestor only where old had not been written to before.
        """
        ground, anew = self._ground, number > 0 or bool(deletes.conflict)
        old, place = ground.dsn(Side.OLD, database), folder / (str(number) if anew else "exported")
        if anew:
            exported, request = bundle.opened(folder / "exported").manifest, ground.request(database)
            if number and not exported.three_way:
                request = replace(request, ancestor=folder / "exported", old_snapshot=exported.old.snapshot)
            if deletes.conflict:
                request = replace(request, deletes=deletes)
            capture.capture(old, ground.dsn(Side.NEW, database), place, request)
        review = reviewing.review(place, decide)
        self._kept(database).put(shelf.files_of(place))
        if review.applied:
            apply(old, place, leave=True)

    def _take_back(self, database: str) -> None:
        with workshop() as folder:
            if self._kept(database).fetch(folder):
                take_back(self._ground, database, folder)

    def _kept(self, database: str) -> Kept:
        return Kept(self._ground, database, Part.HOME)


@contextmanager
def left_on_old_where_it_is_down() -> Iterator[None]:
    """Taking rows away from a server that does not answer is left: users on new do not wait for it, as above."""
    try:
        yield
    except Unreachable as met:
        log.warning("what came home stays on old: %s", met)


def take_back(ground: Ground, database: str, folder: Path) -> None:
    """Undo what was applied from the bundle in `folder`, all of it or, where users have built upon it, nothing.

    Nothing is lost by leaving it: old is fenced again, new has these rows too, and what only old has stays there.
    """
    try:
        undo(ground.dsn(Side.OLD, database), folder, put_sequences_back=False)
    except errors.ChangedSince as met:
        log.warning("%s: what came home stays on old: %s", database, met)


def left(found: Bundle, review: Reviewed | None) -> tuple[Waiting, ...]:
    """The rows of a bundle that are not applied, by table."""
    return tuple(
        Waiting(schema=one.schema, table=one.name, upserts=one.inserts + one.updates, deletes=one.deletes, undecided=0)
        for one in loss.left_behind(found, review)
    )


def late_rows(record: records.Record | None) -> tuple[Waiting, ...]:
    """The rows that were left because old's had changed, or left no room, when they were to be applied; by table."""
    tables = record.tables if record else ()
    return tuple(
        Waiting(
            schema=one.schema,
            table=one.name,
            upserts=len(one.left.inserts) + len(one.left.updates),
            deletes=len(one.left.deletes),
            undecided=0,
        )
        for one in tables
        if one.left != Left()
    )


def applied(ground: Ground, database: str, review: Reviewed) -> records.Record | None:
    """The record of a reviewed bundle on old; None where it is not applied."""
    with session.on(ground.dsn(Side.OLD, database), "old") as link:
        record = records.read(link, review.recovery)
    return record if record and record.digest == review.digest else None


def on_old(ground: Ground, database: str) -> Reviewed | None:
    """What people reviewed and signed for, once its rows are on old; None before, and where there are none."""
    review = sealed_review(ground, database)
    return review if review and review.applied and applied(ground, database, review) else None
