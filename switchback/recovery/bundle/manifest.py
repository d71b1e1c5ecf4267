"""A bundle's manifest: what was captured, from where, how, and the sums that prove it is still that.

Pure data and its JSON. docs/bundle.md describes it for people.
"""

import hashlib
import json
from dataclasses import asdict, dataclass, replace
from datetime import datetime

from switchback.recovery.bundle.words import Layout, Method

FORMAT = 1


@dataclass(frozen=True, kw_only=True)
class Side:
    """One of the databases that were read, and the one snapshot it was read in."""

    database: str
    system_identifier: str
    version: int
    snapshot: str  #: pg_current_snapshot()
    lsn: str
    user: str


@dataclass(frozen=True, kw_only=True)
class ColumnNote:
    """A column as the reviewer and the importer need to know it."""

    name: str
    type: str  #: on old, with typmod, schema-qualified
    base_type: str  #: under all domains, without typmod
    not_null: bool


@dataclass(frozen=True, kw_only=True)
class TableNote:
    """One table: how it was covered, what was found, where it is written."""

    schema: str
    name: str
    file: str  #: "" when nothing changed
    sha256: str
    bytes: int
    rows: int  #: rows of the file
    layout: Layout
    columns: tuple[ColumnNote, ...]  #: in the layout's order
    method: Method
    why: str  #: why this method, where it is not the bundle's own
    inserts: int  #: rows by operation, conflicts included
    updates: int
    deletes: int
    conflicts: int
    kept_on_old: int  #: rows of the file that only old changed since the cutover; in no other count
    rewritten: int  #: rows of new that were written since the cutover and are equal all the same
    timestamp_columns: tuple[str, ...]
    lost_by_timestamps: int  #: of the changes above, those that the timestamp rule alone would have lost


@dataclass(frozen=True, kw_only=True)
class AsideNote:
    """Something that holds rows and is not in the bundle, and why."""

    schema: str
    name: str
    why: str


@dataclass(frozen=True, kw_only=True)
class Position:
    """Where a sequence stands on one side."""

    schema: str
    name: str
    last_value: int
    is_called: bool


@dataclass(frozen=True, kw_only=True)
class SequenceNote:
    """A sequence on both sides; a side that has none is null."""

    old: Position | None
    new: Position | None
    increment: int
    minimum: int
    maximum: int
    cycles: bool


@dataclass(frozen=True, kw_only=True)
class LargeObjectsNote:
    """Large objects: a CSV that lists them and one binary file that holds new's contents end to end."""

    file: str  #: "" when nothing changed
    sha256: str
    bytes: int
    data_file: str
    data_sha256: str
    data_bytes: int
    rows: int
    inserts: int
    updates: int
    deletes: int
    conflicts: int
    kept_on_old: int  #: as in TableNote


@dataclass(frozen=True, kw_only=True)
class Manifest:
    """Everything about one recovery of one pair of databases. `digest` covers all the rest."""

    format: int
    recovery: str  #: the recovery's id
    environment: str
    taken_at: datetime  #: UTC
    cutover: datetime  #: UTC
    method: Method
    why: str
    cutover_snapshot: str  #: of new, as given; "" for none
    old_snapshot: str  #: of old at the cutover, as given; "" for none
    three_way: bool  #: whether changes on old since the cutover could be told
    old: Side
    new: Side
    base: Side | None
    tables: tuple[TableNote, ...]
    asides: tuple[AsideNote, ...]
    notes: tuple[str, ...]  #: differences between the schemas that lose nothing, and other things to know
    sequences: tuple[SequenceNote, ...]
    large_objects: LargeObjectsNote
    digest: str = ""

    @property
    def changes(self) -> int:
        """All rows and large objects that would change old, conflicts included."""
        notes: tuple[TableNote | LargeObjectsNote, ...] = (*self.tables, self.large_objects)
        return sum(note.inserts + note.updates + note.deletes for note in notes)

    @property
    def conflicts(self) -> int:
        """All rows and large objects that a person must decide."""
        return sum(table.conflicts for table in self.tables) + self.large_objects.conflicts

    def sealed(self) -> "Manifest":
        """The same with its digest set."""
        return replace(self, digest=self.computed_digest())

    def computed_digest(self) -> str:
        """SHA-256 over everything but the digest; through the files' own sums it covers every byte of the bundle."""
        return hashlib.sha256(_json(replace(self, digest=""), indent=None).encode()).hexdigest()

    def to_json(self) -> str:
        """The text of manifest.json."""
        return _json(self, indent=1) + "\n"

    @staticmethod
    def from_json(text: str) -> "Manifest":
        """The manifest in a text; pydantic.ValidationError where it is not one."""
        from pydantic import TypeAdapter

        return TypeAdapter(Manifest).validate_json(text)


def _json(manifest: Manifest, *, indent: int | None) -> str:
    return json.dumps(asdict(manifest), sort_keys=True, indent=indent, ensure_ascii=True, default=_instant)


def _instant(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(type(value).__name__)
