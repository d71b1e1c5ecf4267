"""Captures large objects: every one on both sides is read, because nothing tells which were written.

Contents go end to end into one binary file; a CSV lists them like the rows of any table.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from heapq import merge

from psycopg import sql

from switchback.recovery.ancestor import OBJECTS, Ancestor
from switchback.recovery.bundle import (
    LARGE_OBJECTS,
    Conflict,
    Decision,
    LargeObjectsNote,
    Operation,
    Output,
    TableWriter,
    Values,
    Versions,
    Writer,
    Written,
)
from switchback.recovery.copying import Cells
from switchback.recovery.judge import Ancestry, Seen, conflict_of, judge
from switchback.recovery.lockstep import in_step
from switchback.recovery.snapshot import OURSELVES, Reader, Snapshot
from switchback.systems.postgres import sqlfiles

FILES = "large-objects"


@dataclass(frozen=True, kw_only=True)
class Lobs:
    """Where large objects are read."""

    new: Snapshot
    old: Snapshot
    base: Snapshot | None
    ancestry: Ancestry
    ancestor: Ancestor | None = None


@dataclass(frozen=True, kw_only=True)
class Difference:
    """One large object that differs: oid, owner, size and fingerprint on each side."""

    new: Cells | None
    old: Cells | None
    operation: Operation
    conflict: Conflict


def differences(lobs: Lobs) -> Iterator[Difference]:
    """The large objects whose content differs, by oid. An owner alone is no difference."""
    sides = [lobs.new, lobs.old, *([lobs.base] if lobs.base else [])]
    for listed in in_step([_listed(side) for side in sides]):
        new, old, base = (*(row[0] if row else None for row in listed), None)[:3]
        ancestor = _was(lobs.ancestor, new, old) if lobs.ancestor else _content(base)
        verdict = judge(_content(new), _content(old), ancestor, lobs.ancestry)
        if verdict is not None:
            conflict = verdict.conflict
            if lobs.ancestry is Ancestry.RECENCY and old is not None:  # no transaction id tells who wrote the content
                conflict = Conflict.ONLY_ON_OLD if new is None else Conflict.BOTH_CHANGED
            yield Difference(new=new, old=old, operation=verdict.operation, conflict=conflict)


def capture(writer: Writer, lobs: Lobs, deletes: Conflict) -> LargeObjectsNote:
    """Write what differs; the files are made when the first difference is met."""
    operations = dict.fromkeys(Operation, 0)
    kept = conflicts = 0
    table: TableWriter | None = None
    data: Output | None = None
    readers = _readers(lobs.new)
    for found in differences(lobs):
        table = table or writer.table(FILES, "list", LARGE_OBJECTS)
        data = data or writer.binary(FILES)
        new = _written(lobs.new, data, found.new, readers) if found.new else None
        old = (*found.old[:4], "") if found.old else None
        conflict = conflict_of(found.operation, found.conflict, deletes)
        table.row(found.operation, Versions(new=new, old=old), conflict)
        kept += conflict is Conflict.KEPT_ON_OLD
        conflicts += conflict.decision is Decision.OPEN
        operations[found.operation] += conflict is not Conflict.KEPT_ON_OLD
    listed, contents = table.close() if table else Written(), data.close(0) if data else Written()
    return LargeObjectsNote(
        file=listed.file,
        sha256=listed.sha256,
        bytes=listed.bytes,
        rows=listed.rows,
        data_file=contents.file,
        data_sha256=contents.sha256,
        data_bytes=contents.bytes,
        inserts=operations[Operation.INSERT],
        updates=operations[Operation.UPDATE],
        deletes=operations[Operation.DELETE],
        conflicts=conflicts,
        kept_on_old=kept,
    )


def _was(ancestor: Ancestor, new: Cells | None, old: Cells | None) -> Seen | None:
    listed = ancestor.was(OBJECTS, [((new or old or ("",))[0],)], new)
    return _content(listed)


def _listed(side: Snapshot) -> Iterator[Cells]:
    """All large objects of a side by oid: those of each role that we must become apart, then together."""
    owners: defaultdict[Reader, list[str]] = defaultdict(list)
    for owner, reader in _readers(side).items():
        owners[reader].append(owner)
    statement = sqlfiles.load("capture/list_large_objects")
    streams = [
        side.rows(statement.format(owners=sql.SQL("{}::text[]").format(names)), reader)
        for reader, names in owners.items()
    ]
    return merge(*streams, key=lambda row: int(row[0] or 0))


def _readers(side: Snapshot) -> dict[str, Reader]:
    """How the large objects of each owner are read: by becoming it, where we may and must."""
    records = side.records("capture/list_large_object_owners")
    return {record["owner"]: Reader(role=record["owner"] if record["become"] else "") for record in records}


def _content(listed: Cells | None) -> Seen | None:
    return Seen(values=listed[2:4], recent=True) if listed else None


def _written(new: Snapshot, data: Output, listed: Cells, readers: dict[str, Reader]) -> Values:
    oid, owner, size, fingerprint, *_ = listed
    offset = data.bytes
    statement = sqlfiles.load("capture/read_large_object").format(oid=int(oid or 0), size=int(size or 0))
    for [piece] in new.rows(statement, readers.get(owner or "", OURSELVES)):
        data.write(bytes.fromhex((piece or "")[2:]))
    return oid, owner, size, fingerprint, str(offset)
