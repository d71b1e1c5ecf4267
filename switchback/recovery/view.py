"""One table on one side: its fragments of SQL, filled into the statements of sql/diff and sql/capture.

Values never meet SQL here but as literals of psycopg; names only as identifiers.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from psycopg import sql

from switchback.recovery import hashing
from switchback.recovery.bundle import cells
from switchback.recovery.catalog import INTEGERS, Column, Table, Unique
from switchback.recovery.copying import Cells
from switchback.recovery.pairing import Pair
from switchback.recovery.snapshot import OURSELVES, Reader, Snapshot
from switchback.recovery.spelling import literally
from switchback.systems.postgres import sqlfiles

Key = tuple[str, ...]
TRUE, FALSE, COMMA = sql.SQL("true"), sql.SQL("false"), sql.SQL(", ")
BY_KEY = Reader(by_scan=False)
BY_INDEX = replace(BY_KEY, own_path=True)  #: its expressions may call functions of the application
HELPED = Reader(workers=1)
_GUARD = sql.SQL("case when ascii({0}) = any({1}) then '\\' || {0} else {0} end")


@dataclass(frozen=True, kw_only=True)
class Part:
    """Something of a row that is compared with values asked for."""

    term: sql.Composable
    operator: str
    type: str


@dataclass(frozen=True, kw_only=True)
class View:
    """How one side's rows of a pair are read."""

    snapshot: Snapshot
    side: str  #: old, new or base
    table: Table
    pair: Pair
    hashing: hashing.Hashing
    since: str  #: transaction id at the cutover; rows written from it on are recent; "" where it is not known
    stamps: tuple[str, ...]  #: timestamp columns
    cutover: datetime

    @property
    def relation(self) -> sql.Composable:
        """The table as t: a partitioned one with its partitions, any other alone."""
        return sql.SQL("{} t").format(self.table.rows)

    @property
    def recent(self) -> sql.Composable:
        """Whether a row was written since the cutover: by age, which holds for 2^31 transactions (checked before).

        The bound is the snapshot's xmin: its list of running transactions does not name subtransactions. Where it is
        not known, any row of new may be recent, and none of old is.
        """
        if not self.since:
            return TRUE if self.side == "new" else FALSE
        return sql.SQL("age(t.xmin) <= (select age({}::xid))").format(self.since)

    @property
    def stamped(self) -> sql.Composable:
        """Whether the timestamp rule sees a row: any of its timestamp columns at or after the cutover."""
        names = [name for name in self.stamps if any(column.name == name for column in self.table.columns)]
        if not names:
            return FALSE
        tests = [sql.SQL("t.{} >= {}").format(sql.Identifier(name), self.cutover) for name in names]
        return sql.SQL("coalesce({}, false)").format(sql.SQL(" or ").join(tests))

    @property
    def columns(self) -> tuple[Column, ...]:
        """The columns that travel, as this side has them, in the bundle's order."""
        return tuple(hashing.on(shared, self.side) for shared in self.pair.columns)

    @property
    def key(self) -> tuple[Column, ...]:
        """The key's columns as this side has them."""
        return self.columns[: len(self.pair.key_columns)]

    @property
    def numbered(self) -> bool:
        """Whether the key is one whole number, which tells which of two rows came later, most of the time."""
        return len(self.key) == 1 and self.key[0].base_type in INTEGERS

    @property
    def cells(self) -> sql.Composable:
        """The output text of all columns that travel."""
        return COMMA.join([hashing.output(column) for column in self.columns])

    @property
    def row_hash(self) -> sql.Composable:
        """The hash of all columns that travel."""
        return self.hashing.of(self.pair.columns, self.side)

    @property
    def key_hash(self) -> sql.Composable:
        """The hash of the key."""
        return self.hashing.of(self.pair.key_columns, self.side)

    def rows(self, statement: str, reader: Reader = OURSELVES, **fragments: sql.Composable) -> Iterator[Cells]:
        """The rows of a statement in sql/ over this table."""
        query = self._filled(statement, fragments)
        return self.snapshot.rows(query, replace(reader, role=self.table.read_as))

    def csv(self, wanted: sql.Composable) -> Iterator[list[bytes]]:
        """Those rows as the bundle's cells, many at a time."""
        guarded = COMMA.join(map(_cell, self.columns))
        query = self._filled("capture/export_inserts", {"cells": guarded, "wanted": wanted})
        return self.snapshot.csv(query, Reader(role=self.table.read_as))

    def fetch(self, keys: Sequence[Key]) -> Iterator[Cells]:
        """Place (from 1), recent, stamped and values of the rows with these keys, by place."""
        return self.rows("capture/fetch_rows", BY_KEY, cells=self.cells, **self._asked(keys, self._key_parts()))

    def terms(self, keys: Sequence[Key], unique: Unique) -> Iterator[Cells]:
        """Place and terms of the rows with these keys, as that index would hold them; only rows that it holds."""
        texts = [sql.SQL("({})::text").format(literally(term)) for term in unique.terms]
        condition = literally(unique.predicate) if unique.predicate else TRUE
        asked = self._asked(keys, self._key_parts())
        return self.rows("capture/read_terms", BY_INDEX, terms=COMMA.join(texts), condition=condition, **asked)

    def matches(
        self, values: Sequence[Key], parts: Sequence[Part], predicate: str | None = None, reader: Reader = BY_KEY
    ) -> Iterator[Cells]:
        """Place and key of the rows that hold these values in these parts; by index unless `reader` scans."""
        asked = self._asked(values, parts)
        asked["values"] = asked.pop("keys")
        key = COMMA.join([hashing.output(column) for column in self.key])
        condition = literally(predicate) if predicate else TRUE
        return self.rows("capture/find_matches", reader, key=key, condition=condition, **asked)

    def _key_parts(self) -> list[Part]:
        unique = self.pair.new_key if self.side == "new" else self.pair.old_key
        assert unique is not None  # noqa: S101 - only keyed tables are fetched from
        operators = dict(zip(unique.columns, unique.operators, strict=True))
        return [
            Part(term=hashing.of_alias(column), operator=operators[column.name], type=column.type)
            for column in self.key
        ]

    def _asked(self, values: Sequence[Key], parts: Sequence[Part]) -> dict[str, sql.Composable]:
        names = [sql.Identifier(f"switchback asks {number}") for number in range(len(parts))]
        equal = [
            sql.SQL("{} {} asked.{}::{}").format(part.term, literally(part.operator), name, literally(part.type))
            for part, name in zip(parts, names, strict=True)
        ]
        return {
            "keys": COMMA.join([sql.SQL("{}::text[]").format(list(column)) for column in zip(*values, strict=True)]),
            "names": COMMA.join(names),
            "match": sql.SQL(" and ").join(equal),
        }

    def _filled(self, statement: str, fragments: dict[str, sql.Composable]) -> sql.Composed:
        own = {"relation": self.relation, "recent": self.recent, "stamped": self.stamped}
        return sqlfiles.load(statement).format(**own, **fragments)


def _cell(column: Column) -> sql.Composable:
    if cells.left_alone(column.base_type):
        return hashing.of_alias(column)  # COPY prints it by its output function
    own = column.base_type in ("text", "character varying")
    text = hashing.of_alias(column) if own else hashing.output(column)
    return _GUARD.format(text, list(cells.GUARDED_CODES))
