"""Two sessions take in a large file: the second reads its text into values while the first brings in what was read.

Values meet in unlogged tables of our schema, which both sessions see. Nothing stays of them: the run that made them
drops them, and after a kill whoever next takes the lock. Only the first session writes to the application's tables,
in its one transaction.
"""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from itertools import chain, islice, repeat, takewhile

from psycopg.rows import tuple_row
from psycopg.sql import SQL, Composable, Identifier

from switchback.recovery import session
from switchback.recovery.ahead import gathered
from switchback.recovery.apply import records
from switchback.recovery.apply.filling import OURS
from switchback.recovery.apply.stage import COMMA, Stage
from switchback.recovery.session import Connection
from switchback.recovery.spelling import listed, literally
from switchback.systems.postgres import sqlfiles

LARGE = 16 << 20  #: bytes of a file from which on a second session is worth its while
MOST = 8  #: pieces that are read at once; all that were read are brought in together, as sorted rows meet pages once


@contextmanager
def room(link: Connection, largest: int) -> Iterator[None]:
    """Room for files of up to so many bytes while the block runs; raises what `records.prepare` raises."""
    if not helps(link, largest):
        yield
        return
    records.prepare(link)
    try:
        yield
    finally:
        if not link.closed:
            clear(link)


def helps(link: Connection, size: int) -> bool:
    """Whether a second session reads a file of so many bytes; not where the application watches tables being made."""
    if size < LARGE:
        return False
    watching = link.execute(sqlfiles.load("apply/list_event_triggers"), {"modes": ["O", "A"]})
    return watching.fetchone() is None


def clear(link: Connection) -> None:
    """Leave none of these tables, and no schema of ours that holds nothing. A second call finds nothing to do."""
    if not records.exists(link):
        return
    for (name,) in link.cursor(row_factory=tuple_row).execute(sqlfiles.load("apply/list_arrived")).fetchall():
        link.execute(sqlfiles.load("apply/drop_arrived").format(arrived=Identifier(name)))
    records.leave_if_empty(link)


def bring(link: Connection, stage: Stage, pieces: Iterator[bytes]) -> int:
    """Add the rows, given as lines of the bundle in pieces; returns how many. Raises the driver's errors."""
    insert = sqlfiles.load("apply/insert_arrived").format(
        table=stage.table.place,
        columns=listed(stage.layout.columns),
        arrived=_name(stage),
        values=listed(_values(stage)),
        sorted=_sorted(link, stage),
    )
    with session.beside(link) as second, closing(gathered(_read(second, stage, pieces))) as read:
        return sum(link.execute(insert, {"after": parts[0][0], "last": parts[-1][1]}).rowcount for parts in read)


def _sorted(link: Connection, stage: Stage) -> Composable:
    names = list(stage.layout.columns)
    asked = {"table": stage.table.oid, "columns": names}
    found = link.cursor(row_factory=tuple_row).execute(sqlfiles.load("apply/read_scattered"), asked).fetchone()
    return SQL("order by {}").format(Identifier(_values(stage)[names.index(found[0])])) if found else SQL("")


def _read(second: Connection, stage: Stage, pieces: Iterator[bytes]) -> Iterator[tuple[str, str]]:
    """Where the pieces are that were read: after which place in the table, up to which. More each time: it is ahead."""
    second.execute(sqlfiles.load("access/use_own_path"), {"local": False})  # a domain's checks may need it
    _make(second, stage)
    copy = sqlfiles.load("apply/copy_arrived").format(arrived=_name(stage))
    find_last = sqlfiles.load("apply/find_last_arrived").format(arrived=_name(stage))
    cursor, last = second.cursor(row_factory=tuple_row), "(0,0)"
    batches = (list(islice(pieces, many)) for many in chain(range(1, MOST), repeat(MOST)))
    for batch in takewhile(len, batches):
        with cursor.copy(copy) as into:
            for piece in batch:
                into.write(piece)
        after, (last,) = last, cursor.execute(find_last, {"after": last}).fetchone() or (last,)
        yield after, last


def _make(second: Connection, stage: Stage) -> None:
    """A table whose values are kept as they come: how they are compressed is for the application's table to say."""
    kinds = [literally(stage.table.column(name).type) for name in stage.layout.columns]
    named = [(name, SQL(kind)) for name, kind in OURS] + list(zip(_values(stage), kinds, strict=True))
    columns = COMMA.join(SQL("{} {}").format(Identifier(name), kind) for name, kind in named)
    second.execute(sqlfiles.load("apply/create_arrived").format(arrived=_name(stage), columns=columns))
    place = {"arrived": f"switchback.arrived_{stage.number}"}
    for (name,) in second.cursor(row_factory=tuple_row).execute(sqlfiles.load("apply/list_wide_columns"), place):
        keep = sqlfiles.load("apply/keep_as_it_comes")
        second.execute(keep.format(arrived=_name(stage), column=Identifier(name)))


def _values(stage: Stage) -> list[str]:
    return [f"n{place}" for place in range(len(stage.layout.columns))]


def _name(stage: Stage) -> Identifier:
    return Identifier(f"arrived_{stage.number}")
