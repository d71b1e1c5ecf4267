"""The set-wise merge of staged rows into old: change, remove, add.

Updates that cannot collide are made in place; those that move a row (key, partition, identity, a value
that others refer to) are removed and made anew. A merge that is `thorough` also makes anew whatever
touches a unique value: then no order of rows can collide, because all rows that change are gone before
the first one comes. Never decides what is applied.
"""

from collections.abc import Sequence

from psycopg.rows import tuple_row
from psycopg.sql import SQL, Composed, Identifier

from switchback.recovery import catalog
from switchback.recovery.apply import roles, straight
from switchback.recovery.apply.stage import COMMA, OR, Stage
from switchback.recovery.apply.work import Work
from switchback.recovery.session import Connection
from switchback.recovery.spelling import listed
from switchback.systems.postgres import sqlfiles


def merge(link: Connection, acting: roles.Roles, works: Sequence[Work], *, thorough: bool) -> None:
    """Everything, in the order in which nothing gets in the way of anything.

    References are moved first, then rows leave (`works`: children before parents), then values that must
    stay unique change, then rows come.
    """
    for work in works:
        _update(link, acting, work, SQL("not ({})").format(_either(work)))
    for work in works:
        _delete(link, acting, work, thorough=thorough)
    for work in works:
        if not thorough and work.counts.unique_updates:
            only = SQL("{} and not {}").format(work.colliding(), work.moving(thorough=False))
            _update(link, acting, work, only)
    for work in reversed(works):
        _insert(link, acting, work, thorough=thorough)


def _either(work: Work) -> Composed:
    return OR.join([work.moving(thorough=False), work.colliding()])


def _update(link: Connection, acting: roles.Roles, work: Work, chosen: Composed) -> None:
    stage = work.stage
    if not work.counts.updates:
        return
    changed = _columns_that_change(link, stage)
    names = [
        name
        for name in stage.layout.columns
        if name in changed
        and name not in stage.layout.key
        and stage.table.column(name).identity is not catalog.Identity.ALWAYS
    ]
    if not names:
        return
    assignments = COMMA.join(
        SQL("{} = {}").format(Identifier(name), stage.cast(stage.new(name), name)) for name in names
    )
    statement = sqlfiles.load("apply/update_rows").format(
        table=stage.table.rows,
        assignments=assignments,
        stage=stage.rows,
        kept=stage.kept,
        applied=stage.applied,
        chosen=chosen,
    )
    with acting.acting_for(stage.table.owner, str(stage.table.name)):
        link.execute(statement)


def _columns_that_change(link: Connection, stage: Stage) -> set[str]:
    """Those that differ in any row: a value that stays is not written again, however large."""
    names = stage.layout.columns
    flags = SQL(", ").join(SQL("bool_or({})").format(stage.changed([name])) for name in names)
    row = (
        link.cursor(row_factory=tuple_row)
        .execute(SQL("select {} from {} s where s._op = 'update' and {}").format(flags, stage.rows, stage.applied))
        .fetchone()
    )
    return {name for name, flag in zip(names, row or (), strict=False) if flag}


def _delete(link: Connection, acting: roles.Roles, work: Work, *, thorough: bool) -> None:
    stage = work.stage
    if not work.removes(thorough=thorough):
        return
    statement = sqlfiles.load("apply/delete_rows").format(
        table=stage.table.rows,
        stage=stage.rows,
        kept=stage.kept,
        applied=stage.applied,
        reinserted=work.moving(thorough=thorough),
    )
    with acting.acting_for(stage.table.owner, str(stage.table.name)):
        link.execute(statement)


def _insert(link: Connection, acting: roles.Roles, work: Work, *, thorough: bool) -> None:
    stage = work.stage
    with acting.acting_for(stage.table.owner, str(stage.table.name)):
        if stage.lines:
            straight.copy(link, stage, alone=acting.must_become(stage.table.owner, str(stage.table.name)))
        elif work.counts.inserts:
            names = stage.layout.columns
            link.execute(
                sqlfiles.load("apply/insert_rows").format(
                    table=stage.table.place,
                    columns=_listed(names),
                    values=stage.values(names, stage.new),
                    stage=stage.rows,
                    applied=stage.applied,
                )
            )
        if work.removes(thorough=thorough) and work.counts.updates:
            names = (*stage.layout.columns, *stage.unlisted)
            values = [stage.values(stage.layout.columns, stage.new), stage.values(stage.unlisted, stage.was)]
            link.execute(
                sqlfiles.load("apply/reinsert_rows").format(
                    table=stage.table.place,
                    columns=_listed(names),
                    stage=stage.rows,
                    kept=stage.kept,
                    values=COMMA.join(
                        part for part, given in zip(values, (True, stage.unlisted), strict=True) if given
                    ),
                    applied=stage.applied,
                    reinserted=work.moving(thorough=thorough),
                )
            )


def _listed(names: Sequence[str]) -> Composed:
    if not names:
        return SQL("{}").format(SQL(""))
    return SQL("({})").format(listed(names))
