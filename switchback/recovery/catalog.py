"""What a database is made of, as capture and diff see it: frozen data, read by discover.py.

Everything is found by name; columns stand in the order that people know.
This module never talks to a server and never decides what may be skipped.
"""

from dataclasses import dataclass
from enum import StrEnum

from psycopg.sql import SQL, Composed, Identifier

#: Schemas of ours on old: never part of the data.
OURS = ("switchback",)

#: Types whose equality is the equality of their output text, so that their own hash sees every change.
FAITHFUL = frozenset(
    (
        *("boolean", "smallint", "integer", "bigint", "oid", "xid8", "pg_lsn", "uuid", "bytea", "name", '"char"'),
        *("text", "character varying", "date", "timestamp without time zone", "timestamp with time zone"),
        *("time without time zone", "inet", "cidr", "macaddr", "macaddr8"),
    )
)
INTEGERS = ("smallint", "integer", "bigint")


class Kind(StrEnum):
    """How a table's rows are stored."""

    PLAIN = "plain"  #: an ordinary table; with inheritance each table is read by ONLY
    ROOT = "root"  #: a partitioned table at the top: its partitions' rows are read through it
    PARTITION = "partition"  #: anything under a root


class Generated(StrEnum):
    """Whether the server computes a column."""

    NO = ""
    STORED = "s"
    VIRTUAL = "v"


class Identity(StrEnum):
    """Whether a column is an identity column."""

    NO = ""
    ALWAYS = "a"
    BY_DEFAULT = "d"


@dataclass(frozen=True, kw_only=True, order=True)
class Name:
    """A name with its schema, unquoted, as the catalog has it."""

    schema: str
    name: str

    def __str__(self) -> str:
        return f"{self.schema}.{self.name}"


@dataclass(frozen=True, kw_only=True)
class Column:
    """One column; dropped ones are left out."""

    name: str
    type: str  #: with typmod, schema-qualified outside pg_catalog
    base_type: str  #: the type under all domains, without typmod
    plain_type: str  #: the same with it: what a domain does to a value, without its checks
    family: str  #: typtype of the base type: b, c, e, r, m
    not_null: bool
    default: str | None  #: the expression of a default or of a generated column
    generated: Generated
    identity: Identity
    deterministic: bool  #: false under a nondeterministic collation
    cast_to_text: bool  #: `::text` is not the output function here (character, inet, boolean)
    shape: str | None = None  #: what a composite or range, or what an array is of, is made of, in order

    @property
    def written(self) -> bool:
        """Whether a value can be given for it."""
        return self.generated is Generated.NO

    @property
    def faithful(self) -> bool:
        """Whether its type's own hash sees every change of the value's text (not: 1.5 to 1.50, -0, citext)."""
        return self.base_type in FAITHFUL and self.deterministic


@dataclass(frozen=True, kw_only=True)
class Unique:
    """A valid unique index, whether or not a constraint stands on it."""

    name: str
    columns: tuple[str, ...]  #: shorter than terms where an expression is part of it
    terms: tuple[str, ...]  #: SQL of each part, names quoted
    operators: tuple[str, ...]  #: "operator(schema.=)" of each part
    types: tuple[str, ...]  #: the type of each part
    predicate: str | None  #: SQL of a partial index
    own_collations: bool  #: false when a part compares under another collation than its column's


@dataclass(frozen=True, kw_only=True)
class ForeignKey:
    """A foreign key, at the top of its partition tree."""

    name: str
    columns: tuple[str, ...]
    parent: Name
    referenced: tuple[str, ...]
    operators: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Table:
    """One table with all that decides how its rows are told apart and read."""

    name: Name
    oid: int
    kind: Kind
    unlogged: bool  #: empty after a crash, or where a standby takes over
    columns: tuple[Column, ...]
    uniques: tuple[Unique, ...]
    foreign_keys: tuple[ForeignKey, ...]
    constraints: tuple[str, ...]  #: definitions of what may refuse a row
    read_as: str  #: the role to become to see all its rows; "" for ourselves
    estimate: int  #: rows, roughly, partitions included

    def column(self, name: str) -> Column:
        """The column of that name; KeyError when there is none."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(name)

    @property
    def rows(self) -> Composed:
        """Its own rows in a statement: with those of its partitions, without those of its inheritance children."""
        place = Identifier(self.name.schema, self.name.name)
        return SQL("{}" if self.kind is Kind.ROOT else "only {}").format(place)

    @property
    def keys(self) -> tuple[Unique, ...]:
        """The unique indexes that tell every row apart: whole, without expressions or NULLs; the primary key first."""
        return tuple(unique for unique in self.uniques if self._tells_apart(unique))

    def _tells_apart(self, unique: Unique) -> bool:
        whole = unique.predicate is None and len(unique.columns) == len(unique.terms) == len(unique.operators)
        return whole and unique.own_collations and all(self.column(name).not_null for name in unique.columns)


@dataclass(frozen=True, kw_only=True)
class Sequence:
    """A sequence and where it stands."""

    name: Name
    increment: int
    minimum: int
    maximum: int
    cycles: bool
    last_value: int
    is_called: bool
    table: Name | None  #: whose column it feeds
    column: str


@dataclass(frozen=True, kw_only=True)
class Aside:
    """Something that holds rows but is not recovered, and why: it ends in the report all the same."""

    name: Name
    why: str


@dataclass(frozen=True, kw_only=True)
class Database:
    """One side's database, read in one snapshot (sequences: as they stood just after it)."""

    name: str
    system_identifier: str
    version: int  #: server_version_num
    encoding: str
    user: str
    prepared: int  #: transactions prepared and neither committed nor rolled back
    tables: tuple[Table, ...]  #: those that rows are read and written through; not the partitions
    sequences: tuple[Sequence, ...]
    enums: dict[str, tuple[str, ...]]
    asides: tuple[Aside, ...]

    def by_name(self) -> dict[Name, Table]:
        """The tables by their names."""
        return {table.name: table for table in self.tables}
