"""Our own room in old's database: rows as they were before a recovery, and which recoveries were applied.

Everything there is a materialized view: nobody can change one, and nothing that looks at the application's tables
(a comparison, a dump's tables, a test) takes one for a table. Views depend on nothing of the application's, so its
own migrations are never blocked. Written in the same transaction as the rows; never holds a connection string.
"""

import hashlib
import json
from dataclasses import asdict, dataclass, field
from datetime import datetime

from psycopg import errors as driver
from psycopg.rows import tuple_row
from psycopg.sql import Identifier, Literal

from switchback.recovery.apply import errors
from switchback.recovery.apply.sequences import Move
from switchback.recovery.apply.work import Left
from switchback.recovery.session import Connection
from switchback.systems.postgres import connection, sqlfiles


@dataclass(frozen=True, kw_only=True)
class Table:
    """What happened to one table, and where its pre-images are."""

    schema: str
    name: str
    file: str
    view: str  #: "" where no row of old was touched
    inserts: int
    updates: int
    deletes: int
    skipped: int
    left: Left = field(default_factory=Left)  #: rows of the file that old had changed meanwhile


@dataclass(frozen=True, kw_only=True)
class Objects:
    """What happened to large objects, and where their pre-images are."""

    view: str = ""
    inserts: int = 0
    updates: int = 0
    deletes: int = 0


@dataclass(frozen=True, kw_only=True)
class Record:
    """One applied recovery."""

    recovery: str
    digest: str  #: of the reviewed bundle
    applied_at: datetime
    path: str  #: "replica" or "owner": how the application's triggers and keys were kept still
    tables: tuple[Table, ...]
    objects: Objects
    sequences: tuple[Move, ...]
    notes: tuple[str, ...]


def view_name(recovery: str, what: str | int) -> str:
    """The name of one of a recovery's views; short, whatever the recovery's id is."""
    tag = hashlib.sha256(recovery.encode()).hexdigest()[:16]
    return f"applied_{tag}" if what == "applied" else f"before_{tag}_{what}"


def read(link: Connection, recovery: str) -> Record | None:
    """The record of a recovery; None where it is not applied. Raises NotOurSchema."""
    from pydantic import TypeAdapter

    if not exists(link):
        return None
    try:
        with link.transaction():
            view = Identifier(view_name(recovery, "applied"))
            row = (
                link.cursor(row_factory=tuple_row)
                .execute(sqlfiles.load("apply/read_applied").format(view=view))
                .fetchone()
            )
    except driver.UndefinedTable:
        return None
    return TypeAdapter(Record).validate_json(row[0]) if row else None


def exists(link: Connection) -> bool:
    """Whether our schema is there; raises NotOurSchema where one of that name is somebody else's."""
    return _described(link) is not None


def refuse_without_room(link: Connection) -> None:
    """NoRoom where there is no schema of ours and none can be made, NotOurSchema where it is somebody else's."""
    if not exists(link) and not _may_create(link):
        raise errors.NoRoom(link.info.user, connection.place_of(link))


def prepare(link: Connection) -> None:
    """Make our schema and its function where they are missing; raises what `refuse_without_room` raises."""
    refuse_without_room(link)
    described = _described(link)
    if described is None:
        link.execute(sqlfiles.load("apply/create_schema"))
    if not described:
        link.execute(sqlfiles.load("apply/describe_schema"))
    link.execute(sqlfiles.load("apply/create_frozen"))


def freeze(link: Connection, view: str, held: str) -> None:
    """Make the rows of a temporary table last."""
    link.execute(sqlfiles.load("apply/freeze_rows").format(view=Identifier(view), held=Literal(held)))


def write(link: Connection, record: Record) -> None:
    """Put the recovery on record: from the commit on it is applied."""
    details = json.dumps(asdict(record), default=str, sort_keys=True)
    view = Identifier(view_name(record.recovery, "applied"))
    link.execute(sqlfiles.load("apply/record_applied").format(view=view, details=Literal(details)))


def forget(link: Connection, record: Record) -> None:
    """Take a recovery and its pre-images off the record, and our schema too when it holds nothing else."""
    views = [*(table.view for table in record.tables), record.objects.view]
    for view in [view_name(record.recovery, "applied"), *filter(None, views)]:
        link.execute(sqlfiles.load("apply/drop_view").format(view=Identifier(view)))
    leave_if_empty(link)


def leave_if_empty(link: Connection) -> None:
    """Drop our schema where it holds nothing, unless somebody had to make it for us."""
    left = link.cursor(row_factory=tuple_row).execute(sqlfiles.load("apply/count_views")).fetchone()
    if left == (0,) and _may_create(link):
        link.execute(sqlfiles.load("apply/drop_schema"))


def _described(link: Connection) -> bool | None:
    """Whether our schema says that it is ours; None where there is none."""
    row = link.cursor(row_factory=tuple_row).execute(sqlfiles.load("apply/read_schema")).fetchone()
    if row and not row[0]:
        raise errors.NotOurSchema(connection.place_of(link))
    return bool(row[1]) if row else None


def _may_create(link: Connection) -> bool:
    return link.cursor(row_factory=tuple_row).execute(sqlfiles.load("apply/read_may_create")).fetchone() == (True,)
