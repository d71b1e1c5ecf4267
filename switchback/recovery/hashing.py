"""How a row becomes one number that both sides compute alike, and that sees every change of its text.

Each column is hashed with a seed of its own, the hashes are folded and mixed once more: without the
mixing, two rows that swap a value would leave the sum over a bucket as it was. Types whose equality is
coarser than their text (1.5 and 1.50) are hashed by their output text. Two servers are trusted only
after they gave the same hashes for the same constants; where they do not, md5 of the text is used.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from psycopg import sql

from switchback.recovery.catalog import FAITHFUL, Column
from switchback.recovery.pairing import Shared
from switchback.recovery.snapshot import Snapshot

#: The hash function of a type, called by itself; faithful types that are not here go through a record.
DIRECT = {
    "boolean": sql.SQL("hashint4extended({}::int4, {})"),
    "smallint": sql.SQL("hashint2extended({}, {})"),
    "integer": sql.SQL("hashint4extended({}, {})"),
    "bigint": sql.SQL("hashint8extended({}, {})"),
    "oid": sql.SQL("hashoidextended({}, {})"),
    "name": sql.SQL("hashnameextended({}, {})"),
    '"char"': sql.SQL("hashcharextended({}, {})"),
    "text": sql.SQL('hashtextextended({} collate "C", {})'),
    "character varying": sql.SQL('hashtextextended({} collate "C", {})'),
    "uuid": sql.SQL("uuid_hash_extended({}, {})"),
    "timestamp without time zone": sql.SQL("timestamp_hash_extended({}, {})"),
    "timestamp with time zone": sql.SQL("timestamp_hash_extended({} at time zone interval '0', {})"),
}
_RECORD = sql.SQL("hash_record_extended(row({}), {})")
_OR_NULL = sql.SQL("coalesce({}, {})")
_MIXED = sql.SQL("hashint8extended({}, 0)")
_MD5 = sql.SQL("('x' || left(md5(convert_to(row({})::text, 'UTF8')), 16))::bit(64)::bigint")


@dataclass(frozen=True, kw_only=True)
class Hashing:
    """What the servers of a comparison agree on."""

    faithful: frozenset[str]  #: types whose own hash may be used
    text: bool  #: whether even the hash of text agrees

    def of(self, columns: Iterable[Shared], side: str) -> sql.Composable:
        """SQL of the hash of these columns of alias t on that side; a bigint, never NULL."""
        shared = tuple(columns)
        if not self.text:
            return _MD5.format(sql.SQL(", ").join([output(on(column, side)) for column in shared]))
        terms = [self._term(column, on(column, side), seed) for seed, column in enumerate(shared, start=1)]
        if len(terms) == 1:
            return terms[0]
        return _MIXED.format(sql.SQL(" # ").join(terms) if terms else sql.Literal(0))

    def _term(self, shared: Shared, column: Column, seed: int) -> sql.Composable:
        number = sql.Literal(seed)
        if not shared.faithful or not {shared.old.base_type, shared.new.base_type} <= self.faithful:
            return _OR_NULL.format(DIRECT["text"].format(output(column), number), number)
        if column.base_type not in DIRECT:
            return _RECORD.format(of_alias(column), number)
        return _OR_NULL.format(DIRECT[column.base_type].format(of_alias(column), number), number)


def on(shared: Shared, side: str) -> Column:
    """The column as that side has it; the base stands where old stands."""
    return shared.new if side == "new" else shared.old


def of_alias(column: Column) -> sql.Composable:
    """SQL of the column of alias t."""
    return sql.SQL("t.{}").format(sql.Identifier(column.name))


def output(column: Column) -> sql.Composable:
    """SQL of the text that COPY writes for the column of alias t."""
    return printed(of_alias(column), column)


def printed(value: sql.Composable, column: Column) -> sql.Composable:
    """SQL of the text that the column's output function gives for a value of it; NULL for NULL.

    Neither a cast nor `is null` will do everywhere: `character::text` drops blanks, `boolean::text` says true, and a
    composite of NULLs is null but has a text.
    """
    if column.cast_to_text or column.family == "c":
        return sql.SQL("case when num_nulls({0}) = 0 then concat({0}) end").format(value)
    return sql.SQL("{}::text").format(value)


def agreed(*snapshots: Snapshot, encodings: frozenset[str]) -> Hashing:
    """What all these servers hash alike; the constants cover every type of catalog.FAITHFUL.

    `encodings`: of the databases. Text is hashed by its bytes, which only databases of one encoding share.
    """
    answers = [
        {record["type"]: record["hash"] for record in snapshot.records("diff/probe_hashes")} for snapshot in snapshots
    ]
    same = frozenset(kind for kind, value in answers[0].items() if all(other[kind] == value for other in answers))
    return Hashing(faithful=same & FAITHFUL, text="text" in same and len(encodings) == 1)
