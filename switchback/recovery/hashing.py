"""How a row becomes one number that both sides compute alike, and that sees every change of its text.

The server's own record hash adds its columns up (h * 31 + column), so that two rows that swap a
value would leave the sum over a bucket as it was: each row's hash is mixed once more. Types whose
equality is coarser than their text are hashed by their output text. Two servers are trusted only
after they gave the same hashes for the same constants; where they do not, md5 of the text is used.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from psycopg import sql

from switchback.recovery.catalog import FAITHFUL, Column
from switchback.recovery.pairing import Shared
from switchback.recovery.snapshot import Snapshot

_MIXED = sql.SQL("hashint8extended(hash_record_extended(row({}), 0), 0)")
_MD5 = sql.SQL("('x' || left(md5(convert_to(row({})::text, 'UTF8')), 16))::bit(64)::bigint")


@dataclass(frozen=True, kw_only=True)
class Hashing:
    """What both servers of a comparison agree on."""

    faithful: frozenset[str]  #: types whose own hash may be used
    record: bool  #: whether record and text hashes agree at all

    def of(self, columns: Iterable[Shared], side: str) -> sql.Composable:
        """SQL of the hash of these columns of alias t on that side; a bigint, never NULL."""
        parts = [self._part(shared, side) for shared in columns]
        return (_MIXED if self.record else _MD5).format(sql.SQL(", ").join(parts))

    def _part(self, shared: Shared, side: str) -> sql.Composable:
        column = on(shared, side)
        if self.record and shared.faithful and {shared.old.base_type, shared.new.base_type} <= self.faithful:
            return of_alias(column)
        return output(column)


def on(shared: Shared, side: str) -> Column:
    """The column as that side has it; the base stands where old stands."""
    return shared.new if side == "new" else shared.old


def of_alias(column: Column) -> sql.Composable:
    """SQL of the column of alias t."""
    return sql.SQL("t.{}").format(sql.Identifier(column.name))


def output(column: Column) -> sql.Composable:
    """SQL of the text that the column's output function gives; NULL for NULL.

    Neither a cast nor `is null` will do everywhere: `character::text` drops blanks, `boolean::text` says true, and a
    composite of NULLs is null but has a text.
    """
    value = of_alias(column)
    if column.cast_to_text or column.family == "c":
        return sql.SQL("case when num_nulls({0}) = 0 then concat({0}) end").format(value)
    return sql.SQL("{}::text").format(value)


def agreed(*snapshots: Snapshot) -> Hashing:
    """What all these servers hash alike; the constants cover every type of catalog.FAITHFUL."""
    answers = [
        {record["type"]: record["hash"] for record in snapshot.records("diff/probe_hashes")} for snapshot in snapshots
    ]
    same = frozenset(kind for kind, value in answers[0].items() if all(other[kind] == value for other in answers))
    return Hashing(faithful=same & FAITHFUL, record={"mixing", "text"} <= same)
