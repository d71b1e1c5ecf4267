"""Finds the keys whose rows may differ, without reading more of both sides than it must.

Never decides what a difference means (see judge.py): every key that might matter comes out, from
the side that has it, with why it is looked at. Streams; memory does not grow with rows.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import Enum, auto

from psycopg import sql

from switchback.recovery import buckets, hashing
from switchback.recovery.copying import Cells
from switchback.recovery.lockstep import in_step
from switchback.recovery.view import COMMA, FALSE, TRUE, Key, View

#: Below this many rows, comparing every hash is cheaper than asking for sums first.
SMALL = 5000
ROW_HASH, RECENT, KEY = 1, 2, slice(3, None)


class Origin(Enum):
    """Why a key is looked at; the key is written as the side that has it writes it."""

    NEW = auto()  #: new's row was written since the cutover, or differs
    NEW_ONLY = auto()  #: old has no row with exactly this key
    OLD_ONLY = auto()  #: new has no row with exactly this key
    OLD_RECENT = auto()  #: old's row was written since the cutover


Candidate = tuple[Origin, Key]
Where = tuple[sql.Composable, sql.Composable]  #: SQL of whether a row lies there: new's, and old's


@dataclass(frozen=True, kw_only=True)
class Found:
    """What may differ in a table, each key in one of the two."""

    inserts: sql.Composable | None = None  #: whether a row of new is one whose key old has not: nothing to look up
    rows: int | None = None  #: how many those are, where that has been counted
    others: Iterable[Candidate] = ()


@dataclass(frozen=True, kw_only=True)
class Totals:
    """What one scan tells of a side's rows: recent ones apart from those that were kept since the cutover."""

    kept: int
    kept_sum: int  #: of the hashes of their keys
    recent: int
    first: str | None  #: where the first recent one lies: no page before it is read again; None where there is none


def by_snapshot(new: View, old: View, *, fenced: bool) -> Found:
    """What was written on new since the cutover, what only one side has, and what was written on old where known.

    `fenced`: old is what it was at the cutover, so that a key which it has not was never deleted there.
    """
    ours, theirs = buckets.at_once(lambda: totals(new), lambda: totals(old))
    written = _from(ours.first, new.recent)
    if not fenced:
        return Found(others=_since(new, old, (written, _from(theirs.first, old.recent))))
    if (ours.kept, ours.kept_sum) == (theirs.kept, theirs.kept_sum):
        return Found(inserts=written, rows=ours.recent) if ours.recent else Found()
    beyond = _beyond(new, old) if ours.recent else None
    inserts = None if beyond is None else _both(written, beyond)
    return Found(inserts=inserts, others=_since(new, old, (written, FALSE), _but(inserts)))


def by_diff(new: View, old: View) -> Found:
    """Every key whose row differs, by hashes of whole rows."""
    if new.pair.estimate < SMALL:
        return Found(others=one_by_one(new, old))
    beyond = _beyond(new, old)
    where = apart(new, old, lambda view: view.row_hash, _but(beyond))
    return Found(inserts=beyond, others=_merged(new, old, where, rows=True) if where else ())


def one_by_one(new: View, old: View) -> Iterator[Candidate]:
    """Every key whose row differs, each by itself."""
    where = apart(new, old, lambda view: view.row_hash)
    return _merged(new, old, where, rows=True) if where else iter(())


def by_timestamps(new: View) -> Iterator[Candidate]:
    """What the timestamp rule sees, and nothing else."""
    return _keys(new, new.stamped, Origin.NEW)


def apart(new: View, old: View, of: Callable[[View], sql.Composable], looked_at: sql.Composable = TRUE) -> Where | None:
    """Where the sides may differ in what `of` hashes; None where nowhere. Of new's rows only some are looked at."""
    if new.pair.estimate < SMALL:
        return looked_at, TRUE
    parts = buckets.differing(new, old, of, looked_at)
    return (_both(looked_at, parts.wanted(new)), parts.wanted(old)) if parts.numbers else None


def count(new: View, found: Found) -> int:
    """How many keys those are; the others are used up."""
    rows = found.rows or (counted(new, found.inserts)[0] if found.inserts else 0)
    return rows + sum(1 for _ in found.others)


def counted(new: View, inserts: sql.Composable) -> tuple[int, int]:
    """How many rows of new these are, and how many of them the timestamp rule sees."""
    [[found, stamped]] = new.rows("capture/count_inserts", wanted=inserts)
    return int(found or 0), int(stamped or 0)


def totals(view: View) -> Totals:
    """What one scan of a side tells."""
    [row] = view.rows("diff/sum_rows", hash=view.key_hash)
    kept, kept_sum, recent = (int(cell or 0) for cell in row[:-1])
    return Totals(kept=kept, kept_sum=kept_sum, recent=recent, first=row[-1])


def _from(first: str | None, recent: sql.Composable) -> sql.Composable:
    return FALSE if first is None else sql.SQL("(t.ctid >= {}::tid and {})").format(first, recent)


def _beyond(new: View, old: View) -> sql.Composable | None:
    """Whether the key of a row of new is a number that old has not come to; None where keys are no numbers."""
    if not (new.numbered and old.numbered):
        return None
    [[_, last]] = old.rows("diff/read_range", column=hashing.of_alias(old.key[0]))
    return TRUE if last is None else sql.SQL("{} > {}").format(hashing.of_alias(new.key[0]), int(last))


def _both(one: sql.Composable, other: sql.Composable) -> sql.Composable:
    return sql.SQL("({} and {})").format(one, other)


def _but(these: sql.Composable | None) -> sql.Composable:
    return TRUE if these is None else sql.SQL("({} is not true)").format(these)


def _since(new: View, old: View, written: Where, looked_at: sql.Composable = TRUE) -> Iterator[Candidate]:
    yield from _keys(new, _both(written[0], looked_at), Origin.NEW)
    if old.since:
        yield from _keys(old, written[1], Origin.OLD_RECENT)
    if where := apart(new, old, lambda view: view.key_hash, looked_at):
        yield from _merged(new, old, where, rows=False)


def _keys(view: View, wanted: sql.Composable, origin: Origin) -> Iterator[Candidate]:
    key = COMMA.join([hashing.output(column) for column in view.key])
    for cells in view.rows("capture/list_keys", key=key, wanted=wanted):
        yield origin, _key(cells)


def _merged(new: View, old: View, wanted: Where, *, rows: bool) -> Iterator[Candidate]:
    """Keys that only one side has and, with `rows`, those whose row differs; recent ones of new were named before."""
    streams = [hashes(new, wanted[0], rows=rows), hashes(old, wanted[1], rows=rows)]
    for ours, theirs in in_step(streams):
        mine = {cells[KEY]: cells for cells in ours}
        other = {cells[KEY]: cells for cells in theirs}
        for key, cells in mine.items():
            match = other.get(key)
            if (match is None or match[ROW_HASH] != cells[ROW_HASH]) and (rows or cells[RECENT] == "f"):
                yield Origin.NEW if match else Origin.NEW_ONLY, _key(key)
        for key in other:
            if key not in mine:
                yield Origin.OLD_ONLY, _key(key)


def hashes(view: View, wanted: sql.Composable, *, rows: bool) -> Iterator[Cells]:
    """Rows by the hash of their key: that, with `rows` the row's, whether it is recent, and the key itself."""
    return view.rows(
        "diff/list_hashes",
        key_hash=view.key_hash,
        hash=view.row_hash if rows else sql.SQL("0"),
        key=COMMA.join([hashing.output(column) for column in view.key]),
        wanted=wanted,
    )


def _key(cells: Cells) -> Key:
    return tuple(cell for cell in cells if cell is not None)
