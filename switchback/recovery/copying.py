r"""COPY out of a server in blocks of many rows, and its text format taken apart.

psycopg hands out one row at a time, which costs more than the rows themselves when there are many:
what has arrived already is drained from libpq at once. Streams; a block is a quarter of a megabyte.
"""

import re
from collections.abc import Iterator

import psycopg
from psycopg import pq, sql

Cells = tuple[str | None, ...]
BLOCK = 1 << 18
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_MEANT = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}


def blocks(link: psycopg.Connection[tuple[object, ...]], statement: sql.Composed) -> Iterator[list[bytes]]:
    """The rows that a COPY ... TO STDOUT writes, many at a time; driver errors are raised as they are."""
    with link.cursor().copy(statement) as copy:
        while first := copy.read():
            arrived = [bytes(first)]
            size, more = len(first), len(first)
            while more > 0 and size < BLOCK:
                more, row = link.pgconn.get_copy_data(1)
                if more > 0:
                    arrived.append(bytes(row))
                    size += more
            if more < 0:
                _finish(link)
            yield arrived
            if more < 0:
                return


def rows(link: psycopg.Connection[tuple[object, ...]], statement: sql.Composed) -> Iterator[Cells]:
    """The rows of a COPY ... TO STDOUT in text format, as output text."""
    for block in blocks(link, statement):
        for line in b"".join(block).decode("utf-8").split("\n")[:-1]:
            yield _cells(line)


def _cells(line: str) -> Cells:
    cells = line.split("\t")
    return tuple(cells) if "\\" not in line else tuple(map(_cell, cells))


def _cell(text: str) -> str | None:
    if text == "\\N":
        return None
    return _ESCAPED.sub(lambda found: _MEANT.get(found[1], found[1]), text) if "\\" in text else text


def _finish(link: psycopg.Connection[tuple[object, ...]]) -> None:
    while result := link.pgconn.get_result():
        if result.status != pq.ExecStatus.COMMAND_OK:
            raise psycopg.errors.error_from_result(result)
