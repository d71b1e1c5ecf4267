"""Which rows exist only on new: written or deleted there since the cutover, and not brought home. Changes nothing.

A row of new was written since exactly when its xmin is not older than the snapshot that the cutover recorded.
When that cannot be told (another cluster, a restored one, a very old record) every row is compared as if it had
been written since: unknown is never zero. Memory does not grow with the rows.
"""

from contextlib import ExitStack
from dataclasses import dataclass

from switchback.systems.postgres import connection, keyed, multiset, since, tables
from switchback.systems.postgres.connection import Connection
from switchback.systems.postgres.facts import DatabaseFacts
from switchback.systems.postgres.since import Side
from switchback.systems.postgres.tables import Table


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """One table's rows that wait on new."""

    schema: str
    table: str
    upserts: int  #: rows written on new since the cutover that old does not have exactly so
    deletes: int  #: rows that old has had since before the cutover, and new no longer
    undecided: int  #: rows written on old since, whose key new lacks: made on old, or deleted on new and changed on old


def waiting(
    old: Connection, new: Connection, at_new: DatabaseFacts | None, at_old: DatabaseFacts | None = None
) -> tuple[Waiting, ...]:
    """Every table with rows that wait on new; `at_new` and `at_old` are the facts that the cutover recorded.

    Exact while old is fenced. Once users write on old again, `at_old` keeps what they do apart from what waits;
    without it each row that only old has counts as deleted on new. After rows were brought home, record anew.
    """
    with ExitStack() as views:
        for session in (old, new):
            views.enter_context(connection.holding_still(session))
        here, there = since.side(old, at_old), since.side(new, at_new)
        mine, theirs = tables.listed(old), tables.listed(new)
        found = [_in_one_table(here, table, there, theirs.get(name)) for name, table in mine.items()]
        found += [_made(table, since.ages(there, table).touched) for name, table in theirs.items() if name not in mine]
    return tuple(each for each in found if each.upserts or each.deletes or each.undecided)


def _in_one_table(old: Side, mine: Table, new: Side, theirs: Table | None) -> Waiting:
    if theirs is None:
        return _only_on_old(old, mine)
    if mine.key and mine.key == theirs.key:
        return _by_key(old, mine, new, theirs)
    return _by_whole_rows(old, mine, new, theirs)


def _only_on_old(old: Side, mine: Table) -> Waiting:
    ages = since.ages(old, mine)
    if old.bound is None:
        return _made(mine, deletes=ages.touched)
    return _made(mine, deletes=ages.untouched, undecided=ages.touched)


def _by_key(old: Side, mine: Table, new: Side, theirs: Table) -> Waiting:
    written = keyed.written(new, theirs, old, mine)
    if keyed.same_keys(old, mine, new, theirs, written.found):
        return _made(mine, written.differing)
    gone = keyed.missing(old, mine, new, theirs, touched=True)
    if old.bound is None:
        return _made(mine, written.differing, gone)
    return _made(mine, written.differing, keyed.missing(old, mine, new, theirs, touched=False), gone)


def _by_whole_rows(old: Side, mine: Table, new: Side, theirs: Table) -> Waiting:
    if tables.sums(old.session, mine) == tables.sums(new.session, theirs):
        return _made(mine)
    upserts = deletes = undecided = 0
    for surplus in multiset.surpluses(old, mine, new, theirs):
        if surplus.on_new:
            upserts += min(surplus.rows, surplus.touched)
        else:
            gone = surplus.rows if old.bound is None else min(surplus.rows, surplus.untouched)
            deletes += gone
            undecided += surplus.rows - gone
    return _made(mine, upserts, deletes, undecided)


def _made(table: Table, upserts: int = 0, deletes: int = 0, undecided: int = 0) -> Waiting:
    return Waiting(schema=table.schema, table=table.table, upserts=upserts, deletes=deletes, undecided=undecided)
