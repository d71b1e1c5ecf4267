"""The set-wise merge of staged rows into old: find, compare, change, remove, add.

Updates that cannot collide are made in place; those that move a row (key, partition, identity, a value
that others refer to) are removed and made anew. A merge that is `thorough` also makes anew whatever
touches a unique value: then no order of rows can collide, because all rows that change are gone before
the first one comes. Never decides what is applied.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from psycopg.rows import class_row, tuple_row
from psycopg.sql import SQL, Composed, Identifier, Literal

from switchback.recovery import catalog
from switchback.recovery.apply import roles, straight
from switchback.recovery.apply.stage import COMMA, OR, Stage
from switchback.recovery.session import Connection
from switchback.systems.postgres import sqlfiles

FALSE = SQL("false")


@dataclass(frozen=True, kw_only=True)
class Counts:
    """What a stage asks for."""

    inserts: int
    updates: int
    deletes: int
    skipped: int
    reinserted: int  #: of the updates, those that move their row
    unique_updates: int  #: of the updates, those that touch a unique value

    @property
    def total(self) -> int:
        """Rows that old gains, loses or sees changed."""
        return self.inserts + self.updates + self.deletes


@dataclass(frozen=True, kw_only=True)
class Sensitive:
    """Columns of one table that are more than a value."""

    moving: tuple[str, ...]  #: key, partition key, identity always, referred to: the row is made anew
    unique: tuple[str, ...]  #: in unique and exclusion indexes
    any_is_unique: bool  #: an index that depends on the whole row, or on a generated column


@dataclass(frozen=True, kw_only=True)
class Left:
    """Rows of a file, by number, that were not applied because old's rows had changed meanwhile."""

    updates: tuple[int, ...] = ()
    deletes: tuple[int, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Work:
    """One table's merge."""

    stage: Stage
    sensitive: Sensitive
    counts: Counts

    def moving(self, *, thorough: bool) -> Composed:
        """Whether an update is made anew."""
        moving = self.stage.changed((*self.stage.layout.key, *self.sensitive.moving))
        return SQL("({})").format(OR.join([moving, self.colliding()])) if thorough else moving

    def colliding(self) -> Composed:
        """Whether an update touches a value that must stay unique."""
        if self.sensitive.any_is_unique:
            return SQL("{}").format(SQL("true"))
        return self.stage.changed(self.sensitive.unique)

    def removes(self, *, thorough: bool) -> bool:
        """Whether any row leaves the table, if only to come again."""
        counts = self.counts
        return bool(counts.deletes or counts.reinserted or (thorough and counts.unique_updates))


def count(link: Connection, stage: Stage, sensitive: Sensitive) -> Work:
    """What the stage asks for, counted; what goes straight into its table is known without."""
    nothing = Counts(**dict.fromkeys(Counts.__annotations__, 0))
    asked = Work(stage=stage, sensitive=sensitive, counts=replace(nothing, inserts=stage.lines))
    if stage.lines:
        return asked
    statement = sqlfiles.load("apply/count_operations").format(
        stage=stage.rows, applied=stage.applied, reinserted=asked.moving(thorough=False), unique=asked.colliding()
    )
    counts = link.cursor(row_factory=class_row(Counts)).execute(statement).fetchone()
    return Work(stage=stage, sensitive=sensitive, counts=counts or asked.counts)


def keep(link: Connection, acting: roles.Roles, work: Work) -> int:
    """Keep old's rows as they are before anything is touched; returns how many are not what was captured."""
    stage, counts = work.stage, work.counts
    if not counts.updates and not counts.deletes:
        return 0
    if stage.layout.key:
        find = sqlfiles.load("apply/find_rows").format(
            kept=stage.kept,
            table=stage.table.rows,
            image=stage.images(),
            stage=stage.rows,
            match=stage.match(),
            applied=stage.applied,
        )
    else:
        find = sqlfiles.load("apply/find_equal_rows").format(
            kept=stage.kept,
            table=stage.table.rows,
            image=stage.images(),
            stage=stage.rows,
            expected=stage.expected(),
            found=stage.found(),
            applied=stage.applied,
        )
    with acting.acting_for(stage.table.owner, str(stage.table.name)):
        found = link.execute(find).rowcount
    link.execute(SQL("analyze {}").format(stage.kept))
    unexpected = (
        link.cursor(row_factory=tuple_row)
        .execute(
            sqlfiles.load("apply/count_unexpected").format(
                stage=stage.rows,
                kept=stage.kept,
                expected=stage.expected(),
                applied=stage.applied,
                width=Literal(len(stage.telling)),
            )
        )
        .fetchone()
    )
    return max(found - counts.updates - counts.deletes, 0) + int(unexpected[0] if unexpected else 0)


def leave(link: Connection, work: Work) -> tuple[Work, Left]:
    """Take the rows that are not as captured off the stage; returns what is still asked for, and what was left."""
    stage = work.stage
    statement = sqlfiles.load("apply/leave_unexpected").format(
        stage=stage.rows,
        kept=stage.kept,
        expected=stage.expected(),
        applied=stage.applied,
        width=Literal(len(stage.telling)),
    )
    left = link.cursor(row_factory=tuple_row).execute(statement).fetchall()
    rows = {name: tuple(sorted(row for op, row in left if op == name)) for name in ("update", "delete")}
    return count(link, stage, work.sensitive), Left(updates=rows["update"], deletes=rows["delete"])


def skip(link: Connection, stage: Stage, left: Left) -> None:
    """Take rows off the stage that were left when they were applied."""
    rows = [*left.updates, *left.deletes]
    if rows:
        link.execute(sqlfiles.load("apply/leave_rows").format(stage=stage.rows, rows=Literal(rows)))


def merge(link: Connection, acting: roles.Roles, works: Sequence[Work], *, thorough: bool) -> None:
    """Everything, in the order in which nothing gets in the way of anything.

    References are moved first, then rows leave (`works`: children before parents), then values that must
    stay unique change, then rows come.
    """
    for work in works:
        _update(link, acting, work, SQL("not ({})").format(SQL("{}").format(_either(work))))
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
            straight.copy(link, stage)
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
    return SQL("({})").format(SQL(", ").join(map(Identifier, names)))
