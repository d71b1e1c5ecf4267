"""Bringing reviewed rows home while both sites are fenced, and proving that old is exactly what was signed for."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from switchback.domain.approval import Decision
from switchback.domain.errors import Refused
from switchback.domain.journal import Kind, Record
from switchback.domain.model import Change, Plan, Side
from switchback.domain.together import side_by_side
from switchback.recovery import recover
from switchback.recovery.apply import apply
from switchback.recovery.reviewed import Reviewed
from switchback.steps.recovery.export import over
from switchback.steps.recovery.ground import Ground, workshop
from switchback.steps.recovery.home import left_on_old_where_it_is_down, on_old, take_back
from switchback.steps.recovery.kept import Kept, Part, returned, sealed, sealed_review
from switchback.systems.postgres.facts import DatabaseFacts

REVIEWS = "the reviewed bundle"  #: what a vote is on that lets rows go into old


@dataclass(eq=False)
class NotSigned(Refused):
    """What would be applied, or left, is not what a person has signed for."""

    problem: ClassVar[str] = "{what} is not what was signed for."
    remedy: ClassVar[str] = "Nothing was applied. Resume: the review is asked for again."
    what: str


@dataclass(frozen=True, kw_only=True)
class Brought:
    """One database's reviewed rows."""

    recovery: str
    digest: str  #: of the sealed review
    applied: bool
    rows: int  #: that the review applies
    skipped: int
    edited: int = 0  #: rows that went in with other values than new has


@dataclass(frozen=True, kw_only=True)
class BroughtSeen:
    """The sealed reviews there are, by database; without those of files that were returned anew and are not on old."""

    databases: dict[str, Brought]
    old: tuple[DatabaseFacts, ...] = ()  #: where old stood once the rows had been taken away again

    @property
    def digest(self) -> str:
        """One digest over all of them."""
        return over({name: one.digest for name, one in self.databases.items()})


class Apply:
    """The reviewed rows are on old: one transaction a database, undone to the byte."""

    facts = BroughtSeen
    name = "apply what was reviewed"

    def __init__(self, ground: Ground, own: Sequence[Record]) -> None:
        self._ground = ground
        self._own = own
        self._taken_away: tuple[DatabaseFacts, ...] = ()

    def look(self) -> BroughtSeen:
        """See Step."""
        if not self._ground.run:
            return BroughtSeen(databases={})
        found = side_by_side(self._ground.environment.databases, self._look)
        return BroughtSeen(databases={name: one for name, one in found.items() if one}, old=self._taken_away)

    def plan(self, seen: BroughtSeen) -> Plan:
        """See Step."""
        changes = tuple(
            Change(
                system="recovery", subject=f"{name} on old", before="as at the cutover", after="with what was reviewed"
            )
            for name in self._missing(seen)
        )
        return Plan(title=self.name, changes=changes)

    def refuse_if_unsafe(self, seen: BroughtSeen, planned: BroughtSeen | None) -> None:
        """See Step. When it is carried out, somebody must have signed for exactly these reviews: NotSigned."""
        if planned is not None and voted(self._own) != seen.digest:
            raise NotSigned("The reviewed bundle")

    def apply(self, seen: BroughtSeen) -> None:
        """See Step. Raises what the engine raises, with nothing changed in that database."""
        side_by_side(self._missing(seen), self._apply)

    def undo(self, before: BroughtSeen) -> None:
        """See Step. What users have built upon stays on old; all of it, once they were let in, or if old is down."""
        if self._ground.opened:
            return
        done = {name for name, one in before.databases.items() if one.applied and one.rows}
        with left_on_old_where_it_is_down():
            side_by_side([name for name in self._ground.environment.databases if name not in done], self._undo)
            self._taken_away = self._ground.old_stands()

    def _missing(self, seen: BroughtSeen) -> list[str]:
        done = {name for name, one in seen.databases.items() if one.applied}
        return [name for name in self._ground.environment.databases if name not in done]

    def _look(self, database: str) -> Brought | None:
        review = sealed_review(self._ground, database)
        if review is None:
            return None
        there = on_old(self._ground, database) is not None
        if not there and not self._ground.opened and self._returned_since(database, review):
            return None
        return Brought(
            recovery=review.recovery,
            digest=review.digest,
            applied=there or not review.applied,
            rows=review.applied,
            skipped=review.skipped,
            edited=sum(file.edited for file in review.files),
        )

    def _returned_since(self, database: str, review: Reviewed) -> bool:
        sums = returned(Kept(self._ground, database, Part.RETURNED))
        return any(sums.get(file.file, file.sha256) != file.sha256 for file in review.files)

    def _apply(self, database: str) -> None:
        with workshop() as folder:
            if sealed(self._ground, database, folder):
                apply(self._ground.dsn(Side.OLD, database), folder)

    def _undo(self, database: str) -> None:
        with workshop() as folder:
            if sealed(self._ground, database, folder):
                take_back(self._ground, database, folder)


@dataclass(frozen=True, kw_only=True)
class Proven:
    """One database compared row by row."""

    tables: int
    exceptions: int  #: rows that differ, each signed for


@dataclass(frozen=True, kw_only=True)
class ProvenSeen:
    """Every database, compared."""

    databases: dict[str, Proven]


class Verify:
    """Old holds what new holds, but for exactly what was signed for; by comparing every row, whatever was applied."""

    facts = ProvenSeen
    name = "old is what was signed for"

    def __init__(self, ground: Ground) -> None:
        self._ground = ground

    def look(self) -> ProvenSeen:
        """See Check. Raises NotProven with the tables that differ."""
        return ProvenSeen(databases=side_by_side(self._ground.environment.databases, self._compare))

    def _compare(self, database: str) -> Proven:
        ground = self._ground
        with workshop() as folder:
            sealed(ground, database, folder)
            report = recover.prove(ground.dsn(Side.OLD, database), ground.dsn(Side.NEW, database), folder)
        return Proven(tables=len(report.tables), exceptions=sum(table.exceptions for table in report.tables))


def voted(own: Sequence[Record], subject: str = REVIEWS) -> str:
    """The digest that somebody has signed for last; empty without one, or where it was denied since."""
    votes = (r.data for r in reversed(own) if r.kind is Kind.VOTED)
    vote = next((one for one in votes if one.get("subject") == subject or one["decision"] == Decision.DENY), None)
    return str(vote["digest"]) if vote and vote["decision"] == Decision.APPROVE else ""
