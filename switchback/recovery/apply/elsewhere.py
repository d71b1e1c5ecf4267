"""What a merge writes beside what was asked for: by triggers, rules or event triggers that could not be kept still."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager

from psycopg.rows import tuple_row

from switchback.recovery.apply import errors
from switchback.recovery.session import Connection
from switchback.systems.postgres import sqlfiles


@contextmanager
def nothing(link: Connection, asked: Collection[int]) -> Iterator[None]:
    """Raises WroteElsewhere when the block has written to other tables than those, by their object ids."""
    before = _written(link)
    yield
    more = {table for table, rows in _written(link).items() if rows != before.get(table, 0)}
    if stray := sorted(name for oid, name in more if oid not in asked):
        raise errors.WroteElsewhere(", ".join(stray))


def _written(link: Connection) -> dict[tuple[int, str], int]:
    rows = link.cursor(row_factory=tuple_row).execute(sqlfiles.load("apply/count_writes")).fetchall()
    return {(oid, name): count for oid, name, count in rows}
