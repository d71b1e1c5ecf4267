"""What a database is made of, as the recovery engine sees it: frozen data, read by discover.py.

Everything is found by name; positions are only kept to show columns in the order people know.
This module never talks to a server and never decides what may be skipped.
"""

from dataclasses import dataclass, replace
from enum import StrEnum


class Kind(StrEnum):
    """How a table's rows are stored."""

    PLAIN = "plain"  #: an ordinary table; inheritance children too (each is read by ONLY)
    ROOT = "root"  #: a partitioned table at the top: its partitions' rows are read through it
    BRANCH = "branch"  #: a partition that is itself partitioned
    LEAF = "leaf"  #: a partition that holds rows


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


class Hashing(StrEnum):
    """What of a value is hashed when rows are compared."""

    VALUE = "value"  #: equality of the type is equality of its text: the type's own hash
    TEXT = "text"  #: equality is coarser than text (1.5 = 1.50), or there is no hash: the output text


class Action(StrEnum):
    """What a foreign key does to its rows when the parent goes or changes."""

    NONE = "a"
    RESTRICT = "r"
    CASCADE = "c"
    SET_NULL = "n"
    SET_DEFAULT = "d"


@dataclass(frozen=True, kw_only=True, order=True)
class Name:
    """A name with its schema, unquoted, as the catalog has it."""

    schema: str
    name: str

    def __str__(self) -> str:
        return ".".join('"' + part.replace('"', '""') + '"' for part in (self.schema, self.name))


@dataclass(frozen=True, kw_only=True)
class Column:
    """One column, dropped ones excluded."""

    name: str
    position: int
    type: str  #: format_type with typmod, schema-qualified outside pg_catalog
    base_type: str  #: the type under all domains, without typmod
    family: str  #: typtype of the base type: b, c, e, r, m
    element: str  #: the element's base type where it is an array, else ""
    not_null: bool
    default: str | None  #: the default's (or generated column's) expression
    generated: Generated
    identity: Identity
    collation: str  #: "" for the database's own, else qualified and quoted
    deterministic: bool  #: false under a nondeterministic collation
    cast_to_text: bool  #: `::text` is not the output function here (bpchar, inet, bool)
    hashing: Hashing

    @property
    def written(self) -> bool:
        """Whether a value can be given for it."""
        return self.generated is Generated.NO


@dataclass(frozen=True, kw_only=True)
class Unique:
    """A unique index that is valid, whether or not a constraint stands on it."""

    name: str
    columns: tuple[str, ...]  #: empty where an expression is part of it
    terms: tuple[str, ...]  #: SQL of each part, names quoted
    predicate: str | None  #: SQL of a partial index
    primary: bool
    immediate: bool  #: false when a deferrable constraint stands on it
    nulls_distinct: bool


@dataclass(frozen=True, kw_only=True)
class Exclusion:
    """An exclusion constraint."""

    name: str
    definition: str
    deferrable: bool


@dataclass(frozen=True, kw_only=True)
class ForeignKey:
    """A foreign key as it stands on one table."""

    name: str
    columns: tuple[str, ...]
    references: Name
    referenced: tuple[str, ...]
    on_update: Action
    on_delete: Action
    deferrable: bool
    initially_deferred: bool
    validated: bool
    inherited: bool  #: made by the partitioned table's own constraint


@dataclass(frozen=True, kw_only=True)
class Trigger:
    """A trigger; internal ones belong to foreign keys and deferrable constraints."""

    name: str
    enabled: str  #: tgenabled: O, D, R or A
    internal: bool


@dataclass(frozen=True, kw_only=True)
class Rule:
    """A rewrite rule on a table."""

    name: str
    enabled: str
    definition: str


@dataclass(frozen=True, kw_only=True)
class Table:
    """One table with all that decides how its rows are read and written."""

    name: Name
    oid: int
    kind: Kind
    owner: str
    root: Name | None  #: the topmost partitioned table of a branch or leaf
    inherits: tuple[Name, ...]  #: parents by inheritance; empty for partitions
    columns: tuple[Column, ...]
    key: tuple[str, ...]  #: what tells its rows apart: see discover.chosen_key; empty: a multiset of rows
    uniques: tuple[Unique, ...]
    exclusions: tuple[Exclusion, ...]
    foreign_keys: tuple[ForeignKey, ...]
    triggers: tuple[Trigger, ...]
    rules: tuple[Rule, ...]
    row_security: bool
    row_security_forced: bool
    estimate: int  #: rows as the planner believes; 0 where it has no idea
    pages: int  #: blocks of 8 KiB

    def column(self, name: str) -> Column:
        """The column of that name; KeyError when there is none."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(name)

    @property
    def written(self) -> tuple[Column, ...]:
        """The columns that a value can be given for, in order of position."""
        return tuple(column for column in self.columns if column.written)

    def keyed_by(self, key: tuple[str, ...]) -> "Table":
        """The same table, told apart by other columns."""
        return replace(self, key=key)


@dataclass(frozen=True, kw_only=True)
class Sequence:
    """A sequence and where it stands."""

    name: Name
    owner: str
    type: str
    start: int
    minimum: int
    maximum: int
    increment: int
    cycles: bool
    last_value: int
    is_called: bool
    owned_by: Name | None  #: the table whose column it belongs to
    owned_column: str
    identity: bool


@dataclass(frozen=True, kw_only=True)
class Enum:
    """An enum's labels, in their order."""

    name: Name
    labels: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Aside:
    """Something that holds rows but is not recovered, and why: it ends in the report all the same."""

    name: Name
    why: str


@dataclass(frozen=True, kw_only=True)
class Database:
    """One side's database, read in one snapshot."""

    name: str
    system_identifier: str
    version: int  #: server_version_num
    encoding: str
    user: str
    superuser: bool
    tables: tuple[Table, ...]
    sequences: tuple[Sequence, ...]
    enums: tuple[Enum, ...]
    asides: tuple[Aside, ...]

    @property
    def units(self) -> tuple[Table, ...]:
        """The tables that rows are read and written through: partitions by their root."""
        return tuple(table for table in self.tables if table.root is None)

    def partitions(self, root: Name) -> tuple[Table, ...]:
        """All partitions under a root, branches included."""
        return tuple(table for table in self.tables if table.root == root)

    def table(self, name: Name) -> Table:
        """The table of that name; KeyError when there is none."""
        for table in self.tables:
            if table.name == name:
                return table
        raise KeyError(str(name))
