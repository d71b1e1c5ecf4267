r"""A file that only adds rows, straight into its table: twice as fast as by a stage, where nothing needs a second look.

Our own four cells are cut off each line on the way. That a cut is a line's beginning, and not something inside a
value that looks like one, is proven by the numbers: they must be 1, 2, 3 and so on to the last. (A large file goes
whole, by `arriving`: a piece that ends inside a value has a quote too few, which the server refuses.) Whatever else
is met (a value old does not take, a row that is there) gives up: then the stage tells more.
"""

import hashlib
import re
from collections.abc import Iterator

import psycopg

from switchback.recovery.ahead import ahead
from switchback.recovery.apply import arriving
from switchback.recovery.apply.filling import chunks
from switchback.recovery.apply.stage import Stage
from switchback.recovery.bundle import INSERTED, BundleChanged
from switchback.recovery.session import Connection
from switchback.recovery.spelling import listed
from switchback.systems.postgres import sqlfiles

BEGINNING = b"\n" + INSERTED
LINE = re.compile(BEGINNING + rb"(\d+),")
#: A cell that begins with a backslash and is not NULL. The backslash comes first: it is what is searched for.
ESCAPED = re.compile(rb'\\(?:(?<=[,\n]\\)|(?<=[,\n]"\\))(?!N(?:[,\n]|\Z))')


class NotStraight(Exception):
    """The file needs its stage. Never leaves the engine."""


def fits(stage: Stage) -> bool:
    """Whether no cell is escaped; raises BundleChanged where the file cannot be read. Its sum is `copy`'s to check."""
    return not any(b"\\" in piece and ESCAPED.search(piece) for piece in _cut(chunks(stage)))


def copy(link: Connection, stage: Stage, *, alone: bool) -> None:
    """Add the rows of a file that `fits`, a large one's with the help of a second session unless `alone`.

    Raises NotStraight, with the transaction to be rolled back to before, or BundleChanged.
    """
    pieces = _pieces(stage)
    helped = not alone and arriving.helps(link, stage.path.stat().st_size)
    try:
        rows = arriving.bring(link, stage, pieces) if helped else _bring(link, stage, pieces)
    except psycopg.Error as error:
        if link.closed:
            raise
        raise NotStraight from error
    if rows != stage.lines:
        raise NotStraight


def _bring(link: Connection, stage: Stage, pieces: Iterator[bytes]) -> int:
    cursor, columns = link.cursor(), listed(stage.layout.columns)
    with cursor.copy(sqlfiles.load("apply/copy_straight").format(table=stage.table.place, columns=columns)) as into:
        for lines in ahead(_without_ours(pieces, stage.lines)):
            into.write(lines)
    return cursor.rowcount


def _pieces(stage: Stage) -> Iterator[bytes]:
    """Lines of the file; the last ones come before its sum is checked."""
    seen = hashlib.sha256()
    yield from _cut(chunks(stage, seen))
    if seen.hexdigest() != stage.sha256:
        raise BundleChanged(stage.path.name, "its content is not what was reviewed")


def _cut(read: Iterator[bytes]) -> Iterator[bytes]:
    """The file without its header, cut where a line seems to begin."""
    first = next(read, b"")
    rest = first[first.find(BEGINNING) + 1 :]
    for chunk in read:
        whole = rest + chunk
        end = whole.rfind(BEGINNING) + 1
        yield whole[:end]
        rest = whole[end:]
    yield rest


def _without_ours(pieces: Iterator[bytes], lines: int) -> Iterator[bytes]:
    count = 0
    for piece in pieces:
        before, *parts = LINE.split(b"\n" + piece)
        numbers = list(map(int, parts[::2]))
        if before.strip() or numbers != list(range(count + 1, count + 1 + len(numbers))):
            raise NotStraight
        count += len(numbers)
        yield b"\n".join(parts[1::2])
    if count != lines:
        raise NotStraight
