"""What a database holds, in numbers and names: frozen data, and a part of the manifest."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, kw_only=True)
class TableNote:
    """One table: its rows, and two independent sums over their text (systems/postgres/tables.py)."""

    schema: str
    table: str
    columns: tuple[str, ...]
    rows: int
    first: str
    second: str

    def __str__(self) -> str:
        return f"{self.schema}.{self.table}"


@dataclass(frozen=True, kw_only=True)
class SequenceNote:
    """A sequence as it stood just before the dump: a dump reads it later, so a restored one is there or further."""

    schema: str
    name: str
    increment: int
    next_value: int


@dataclass(frozen=True, kw_only=True)
class Extension:
    """An extension that the data needs."""

    name: str
    version: str


@dataclass(frozen=True, kw_only=True)
class Right:
    """Something that may be done with the database itself; a grantee of "" is PUBLIC."""

    privilege: str
    grantee: str


@dataclass(frozen=True, kw_only=True)
class Maker:
    """A role that may make things in a schema, by a grant of its own."""

    schema: str
    role: str


@dataclass(frozen=True, kw_only=True)
class Contents:
    """What a database holds, read in one snapshot."""

    database: str
    owner: str
    encoding: str
    collate: str
    ctype: str
    server_version: int  #: as server_version_num
    system_identifier: str
    snapshot: str
    taken_at: datetime  #: by the server's clock
    tables: tuple[TableNote, ...]
    sequences: tuple[SequenceNote, ...]
    extensions: tuple[Extension, ...]
    roles: tuple[str, ...]  #: that own or may use something in it
    rights: tuple[Right, ...]
    makers: tuple[Maker, ...]
    definitions: dict[str, str]  #: what surrounds the rows, who owns it and who may use it, hashed, by name
    left_out: tuple[str, ...]  #: what holds rows and is not compared row by row

    @property
    def major(self) -> int:
        """The server's major version."""
        return self.server_version // 10000

    @property
    def rows(self) -> int:
        """Of all tables."""
        return sum(table.rows for table in self.tables)
