"""One capture from beginning to end: open, pair, find, write, seal."""

import secrets
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import ClassVar, TypedDict

from switchback.domain.errors import Refused
from switchback.domain.model import aware
from switchback.recovery import ancestor, bundle, sides, stamps
from switchback.recovery.ancestor import Ancestor
from switchback.recovery.bundle import AsideNote, Manifest, Method, Position, SequenceNote
from switchback.recovery.capture import large_objects, method
from switchback.recovery.capture.needs import Needs
from switchback.recovery.capture.table import TableCapture
from switchback.recovery.catalog import Name, Sequence
from switchback.recovery.judge import Ancestry, Deletes
from switchback.recovery.keys import KeySum
from switchback.recovery.sides import Both, Known, Opened

FENCED = "Old is taken to be what it was at the cutover (it was fenced): rows that only old has are deletes."
RECENCY = (
    "What old wrote since the cutover is told by transaction ids, without a base: where keys are no numbers, "
    "a row that was deleted on old and changed on new looks like a new row."
)
UNLOGGED = "{} is unlogged: where new has crashed, or a standby has taken over, its rows are gone, and look deleted."
NOTES = {Ancestry.FENCED: (FENCED,), Ancestry.RECENCY: (RECENCY,)}


@dataclass(eq=False)
class CutoverInFuture(Refused):
    """Nothing can have been written since an instant that has not come yet."""

    problem: ClassVar[str] = "The cutover {cutover} is in the future (it is {now})."
    remedy: ClassVar[str] = "Take the instant from the cutover record; mind the time zone."
    cutover: str
    now: str


@dataclass(eq=False)
class StandsPrepared(Refused):
    """Transactions are prepared on new and neither committed nor rolled back: their rows would be missed."""

    problem: ClassVar[str] = "{count} prepared transactions wait in database {database} of new."
    remedy: ClassVar[str] = "Commit or roll back each one (pg_prepared_xacts lists them), then run again."
    count: int
    database: str


@dataclass(frozen=True, kw_only=True)
class Request:
    """What is to be captured."""

    cutover: datetime
    method: Method | None = None  #: None: the best that is possible
    cutover_snapshot: str = ""  #: of new, XMIN:XMAX:LIST
    old_snapshot: str = ""  #: of old, likewise: tells what was written on old since
    base_dsn: str = ""  #: old as it was at the cutover: tells the same, and shows it
    ancestor: Path | None = None  #: a bundle made while both sides were fenced; with old's snapshot of then: as exact
    environment: str = "adhoc"
    patterns: tuple[str, ...] = stamps.PATTERNS
    deletes: Deletes = field(default_factory=Deletes)
    keys: tuple[KeySum, ...] = ()  #: that old's tables had at the cutover
    stayed: bool = False  #: rows of new have stayed on old since: one that only old has may be deleted on new


def capture(old_dsn: str, new_dsn: str, place: Path, request: Request) -> Manifest:
    """Write the bundle of what makes old as new is to `place`, and return its manifest.

    Changes neither database. Raises a Refused where something would be lost, guessed or overwritten, and Unreachable.
    """
    taken_at = datetime.now(UTC)
    if aware("cutover", request.cutover) > taken_at:
        raise CutoverInFuture(request.cutover.isoformat(), taken_at.isoformat(timespec="seconds"))
    with ExitStack() as open_:
        before = open_.enter_context(ancestor.of(request.ancestor)) if request.ancestor else None
        writer = open_.enter_context(bundle.writing(place))
        found = open_.enter_context(sides.opened(old_dsn, new_dsn, request.base_dsn))
        choice = _choose(request, found)
        both = sides.paired(found, _known(request, found, choice, before))
        needs = Needs(both, request.deletes)
        lobs = large_objects.Lobs(
            new=both.new.snapshot,
            old=both.old.snapshot,
            base=both.base.snapshot if both.base else None,
            ancestry=both.ancestry,
            ancestor=before,
        )
        manifest = Manifest(
            format=bundle.FORMAT,
            recovery=f"{taken_at:%Y%m%dT%H%M%SZ}-{secrets.token_hex(4)}",
            environment=request.environment,
            taken_at=taken_at,
            cutover=both.known.cutover,
            method=choice.method,
            why=choice.why,
            cutover_snapshot=request.cutover_snapshot,
            old_snapshot=request.old_snapshot,
            **_about(both),
            tables=tuple(TableCapture(writer, needs, pair).run(choice.method) for pair in both.pairing.pairs),
            large_objects=large_objects.capture(writer, lobs, request.deletes.of()),
        )
        return writer.finish(manifest)


def _choose(request: Request, found: dict[str, Opened]) -> method.Choice:
    new = found["new"]
    if new.database.prepared:
        raise StandsPrepared(new.database.prepared, new.database.name)
    now = new.snapshot.identity.snapshot
    return method.choose(request.method, request.cutover_snapshot, now, base="base" in found)


def _known(request: Request, found: dict[str, Opened], choice: method.Choice, before: Ancestor | None) -> Known:
    since_old = ""
    if request.old_snapshot and "base" not in found:
        since_old, fault = method.bound(request.old_snapshot, found["old"].snapshot.identity.snapshot, "old")
        if not since_old:
            raise method.SnapshotUnusable("old", fault)
    return Known(
        cutover=aware("cutover", request.cutover),
        since_new=choice.since,
        since_old=since_old,
        ancestor=before,
        keys={Name(schema=one.schema, name=one.table): one for one in request.keys},
        stayed=request.stayed,
        patterns=request.patterns,
    )


class About(TypedDict):
    """What a manifest says of the databases themselves."""

    three_way: bool
    old: bundle.Side
    new: bundle.Side
    base: bundle.Side | None
    asides: tuple[AsideNote, ...]
    notes: tuple[str, ...]
    sequences: tuple[SequenceNote, ...]


def _about(both: Both) -> About:
    unlogged = (UNLOGGED.format(pair.name) for pair in both.pairing.pairs if pair.new.unlogged)
    return About(
        three_way=both.ancestry is not Ancestry.FENCED,
        old=_side(both.old),
        new=_side(both.new),
        base=_side(both.base) if both.base else None,
        asides=_asides(both),
        notes=(*NOTES.get(both.ancestry, ()), *both.pairing.notes, *unlogged),
        sequences=tuple(_sequence(old, new) for old, new in both.pairing.sequences),
    )


def _side(opened: Opened) -> bundle.Side:
    database, identity = opened.database, opened.snapshot.identity
    return bundle.Side(
        database=database.name,
        system_identifier=database.system_identifier,
        version=database.version,
        snapshot=identity.snapshot,
        lsn=identity.lsn,
        user=database.user,
    )


def _asides(both: Both) -> tuple[AsideNote, ...]:
    asides = {aside.name: aside.why for side in (both.old, both.new) for aside in side.database.asides}
    return tuple(AsideNote(schema=name.schema, name=name.name, why=why) for name, why in sorted(asides.items()))


def _sequence(old: Sequence | None, new: Sequence | None) -> SequenceNote:
    known = old or new
    assert known is not None  # noqa: S101 - pairing makes no pair of nothing
    return SequenceNote(
        old=_position(old),
        new=_position(new),
        increment=known.increment,
        minimum=known.minimum,
        maximum=known.maximum,
        cycles=known.cycles,
    )


def _position(sequence: Sequence | None) -> Position | None:
    if sequence is None:
        return None
    return Position(
        schema=sequence.name.schema,
        name=sequence.name.name,
        last_value=sequence.last_value,
        is_called=sequence.is_called,
    )
