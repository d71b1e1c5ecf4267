"""Both databases of a recovery (and the base, where there is one), opened, read and paired.

What capture and verify share: they look at the same tables in the same way.
"""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import ClassVar

from psycopg import sql

from switchback.domain.errors import Refused
from switchback.recovery import discover, hashing, keys, pairing, snapshot, stamps
from switchback.recovery.ancestor import Ancestor
from switchback.recovery.catalog import Database, Name, Table
from switchback.recovery.hashing import of_alias
from switchback.recovery.judge import Ancestry
from switchback.recovery.keys import KeySum
from switchback.recovery.pairing import Holds, Pair, Pairing
from switchback.recovery.snapshot import Reader, Snapshot
from switchback.recovery.view import TRUE, Key, View
from switchback.systems.postgres import sqlfiles


@dataclass(eq=False)
class SameDatabase(Refused):
    """Old and new are one and the same database."""

    problem: ClassVar[str] = "--old and --new both name database {database} on one server."
    remedy: ClassVar[str] = "Check the connection strings: nothing can be brought home from a database to itself."
    database: str


@dataclass(eq=False)
class BaseDiffers(Refused):
    """The base is not old at the cutover: it lacks tables or columns that old has."""

    problem: ClassVar[str] = "The base lacks {missing}."
    remedy: ClassVar[str] = "Give old as it was at the cutover (a restored copy of that instant), or no base."
    missing: str


@dataclass(eq=False)
class EncodingDiffers(Refused):
    """A database does not say what its bytes mean."""

    problem: ClassVar[str] = "{side} is encoded in SQL_ASCII: its text cannot be read without guessing."
    remedy: ClassVar[str] = "Recover it into a database whose encoding is known."
    side: str


@dataclass(frozen=True, kw_only=True)
class Known:
    """What is known of the cutover, as far as it decides how rows are read."""

    cutover: datetime
    since_new: str = ""  #: 32-bit xid from which on new's rows are recent; "" where unknown
    since_old: str = ""
    ancestor: Ancestor | None = None  #: what old held while both sides were fenced
    keys: Mapping[Name, KeySum] = field(default_factory=dict)  #: that old had
    stayed: bool = False  #: rows of new have stayed on old since
    patterns: tuple[str, ...] = stamps.PATTERNS


@dataclass(frozen=True, kw_only=True)
class Opened:
    """A database and its catalog."""

    snapshot: Snapshot
    database: Database


@dataclass(frozen=True, kw_only=True)
class Sides:
    """One table on both sides, and in the base where there is one."""

    new: View
    old: View
    base: View | None
    ancestry: Ancestry
    ancestor: Ancestor | None = None
    then: KeySum | None = None  #: old's keys at the cutover
    stayed: bool = False  #: rows of new have stayed on old since

    def later(self, key: Key, *, only_on_old: bool) -> bool | None:
        """Whether a key came after the cutover, and so was made on the side that has it; None where nothing tells."""
        if only_on_old and self.stayed:
            return None
        if self._horizon is not None:
            return int(key[0]) > self._horizon
        return True if only_on_old and self._only_inserted else None

    @cached_property
    def _only_inserted(self) -> bool:
        known = self.then if self.ancestry is Ancestry.RECENCY else None
        return known is not None and keys.only_inserted(self.new, self.old, known)

    @cached_property
    def _horizon(self) -> int | None:
        views = (self.new, self.old)
        if self.ancestry is not Ancestry.RECENCY or not all(view.numbered for view in views):
            return None
        ends = [end for view in views for [end] in view.rows("capture/read_horizon", column=of_alias(view.key[0]))]
        return max((int(end) for end in ends if end is not None), default=None)


@dataclass(frozen=True, kw_only=True)
class Both:
    """Old and new, read and paired."""

    old: Opened
    new: Opened
    base: Opened | None
    pairing: Pairing
    hashing: hashing.Hashing
    known: Known

    @property
    def ancestry(self) -> Ancestry:
        """How the common ancestor is known."""
        if self.base:
            return Ancestry.BASE
        if self.known.ancestor:
            return Ancestry.EXPORTED
        return Ancestry.RECENCY if self.known.since_old else Ancestry.FENCED

    def sides(self, pair: Pair) -> Sides:
        """The views of one pair, the same ones every time: they remember what they have read."""
        return self._sides[pair.name]

    @cached_property
    def _sides(self) -> dict[Name, Sides]:
        return {pair.name: self._sides_of(pair) for pair in self.pairing.pairs}

    def _sides_of(self, pair: Pair) -> Sides:
        return Sides(
            new=self._view(pair, self.new.snapshot, "new", self.known.since_new),
            old=self._view(pair, self.old.snapshot, "old", self.known.since_old),
            base=self._view(pair, self.base.snapshot, "base", "") if self.base else None,
            ancestry=self.ancestry,
            ancestor=self.known.ancestor,
            then=self.known.keys.get(pair.name),
            stayed=self.known.stayed,
        )

    def _view(self, pair: Pair, taken: Snapshot, side: str, since: str) -> View:
        return View(
            snapshot=taken,
            side=side,
            table=pair.new if side == "new" else pair.old,
            pair=pair,
            hashing=self.hashing,
            since=since,
            stamps=stamps.columns(pair.new, self.known.patterns),
            cutover=self.known.cutover,
        )


@contextmanager
def opened(old_dsn: str, new_dsn: str, base_dsn: str = "") -> Iterator[dict[str, Opened]]:
    """Each database in one snapshot of its own, by side; what session.opened and discover.read raise is raised."""
    with ExitStack() as stack:
        found = {}
        for side, dsn in (("old", old_dsn), ("new", new_dsn), ("base", base_dsn)):
            if dsn:
                taken = stack.enter_context(snapshot.taken(dsn, side))
                found[side] = Opened(snapshot=taken, database=discover.read(taken))
        _refuse_same(found)
        yield found


def paired(found: dict[str, Opened], known: Known) -> Both:
    """The opened databases as pairs of tables; SchemaDiffers, BaseDiffers or BadPattern."""
    old, new, base = found["old"], found["new"], found.get("base")
    pairs = pairing.pair(old.database, new.database, lambda *question: _holds(new.snapshot, *question))
    if base:
        _refuse_other_base(base.database, pairs)
    encodings = frozenset(side.database.encoding for side in found.values())
    agreed = hashing.agreed(*(side.snapshot for side in found.values()), encodings=encodings)
    return Both(old=old, new=new, base=base, pairing=pairs, hashing=agreed, known=known)


def _holds(new: Snapshot, table: Table, question: Holds, column: str) -> bool:
    tests = {Holds.ROWS: TRUE, Holds.VALUES: sql.SQL("num_nulls({}) = 0"), Holds.NULLS: sql.SQL("num_nulls({}) = 1")}
    test = tests[question].format(sql.Identifier(column)) if column else TRUE
    query = sqlfiles.load("catalog/holds_rows").format(relation=table.rows, condition=test)
    return new.one(query, Reader(role=table.read_as)) == ("t",)


def _refuse_same(found: dict[str, Opened]) -> None:
    places = [
        (side.snapshot.identity.started, side.database.system_identifier, side.database.name)
        for side in (found["old"], found["new"])
    ]
    if places[0] == places[1]:
        raise SameDatabase(found["old"].database.name)
    for name, side in found.items():
        if side.database.encoding == "SQL_ASCII":
            raise EncodingDiffers(name)


def _refuse_other_base(base: Database, pairs: Pairing) -> None:
    tables = base.by_name()
    missing = []
    for pair in pairs.pairs:
        table = tables.get(pair.name)
        types = {column.name: column.type for column in table.columns} if table else {}
        missing += [] if table else [str(pair.name)]
        wrong = [shared.name for shared in pair.columns if table and types.get(shared.name) != shared.old.type]
        missing += [f"{pair.name}.{name} ({pair.old.column(name).type})" for name in wrong]
    if missing:
        raise BaseDiffers(", ".join(missing))
