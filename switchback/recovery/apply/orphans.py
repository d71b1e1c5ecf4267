"""Rows without a parent: looked for at the end among those that were touched, by a query of ours.

A cascade that was kept still is checked by nobody else, nor is any key while triggers stand still. Where one that was
added NOT VALID can only be looked at whole, there may be as many as before. A table that goes without a stage is
checked by its own keys: it does so only where these are not kept still.
"""

from collections.abc import Mapping, Sequence

from psycopg.rows import tuple_row
from psycopg.sql import SQL, Composable, Composed, Identifier, Literal

from switchback.recovery.apply import errors
from switchback.recovery.apply.foreign_keys import Key
from switchback.recovery.apply.relations import Relation
from switchback.recovery.apply.roles import Roles
from switchback.recovery.apply.stage import AND
from switchback.recovery.apply.work import Work
from switchback.recovery.spelling import literally
from switchback.systems.postgres import sqlfiles


class Orphans(Exception):
    """Rows of a file without which there would be no orphans; `refusal` says it to people. Never leaves the engine."""

    def __init__(self, refusal: errors.RowsDoNotFit, work: Work | None, rows: tuple[int, ...]) -> None:
        super().__init__(refusal)
        self.refusal, self.work, self.rows = refusal, work, rows


def standing(
    acting: Roles, tables: Mapping[int, Relation], keys: Sequence[Key], works: Mapping[int, Work]
) -> dict[int, int]:
    """How many rows have no parent beforehand, by key that was added NOT VALID and is looked at whole."""
    unproven = ((key, tables[key.child]) for key in keys if not key.validated and _whole(key, works))
    return {key.oid: _found(acting, child, _all_orphans(key, child, tables[key.parent]))[0] for key, child in unproven}


def refuse(  # noqa: PLR0913 - what the engine knows of a merge
    acting: Roles,
    tables: Mapping[int, Relation],
    keys: Sequence[Key],
    works: Mapping[int, Work],
    before: Mapping[int, int],
    *,
    thorough: bool,
) -> None:
    """Raise Orphans where a row that was touched, or one that refers to it, has no parent; `before`: see standing."""
    for key in keys:
        child, parent = tables[key.child], tables[key.parent]
        for query, how, blamed in _queries(key, child, parent, works, thorough=thorough):
            found, rows = _found(acting, child, query)
            if (found := found - before.get(key.oid, 0)) > 0:
                where = f": {errors.rows_of(blamed.stage.path.name, rows)}" if blamed else ""
                rule = f"foreign key {key.name}"
                refusal = errors.RowsDoNotFit(str(child.name), rule, f"{found} rows {how}{where}")
                raise Orphans(refusal, blamed, rows)


def _found(acting: Roles, child: Relation, query: Composed) -> tuple[int, tuple[int, ...]]:
    """How many orphans there are, and the rows of the file that are to blame, where that is known."""
    with acting.acting_for(child.owner, str(child.name)):
        found, *rows = acting.link.cursor(row_factory=tuple_row).execute(query).fetchone() or (0,)
    return int(found), tuple(rows[0] or ()) if rows else ()


def _whole(key: Key, works: Mapping[int, Work]) -> bool:
    """Whether a key is looked at in all rows: a partition's own, or one over columns that the file has not."""
    ends = ((works.get(key.child_root), key.child_columns), (works.get(key.parent_root), key.parent_columns))
    listed = all(work is None or set(columns) <= set(work.stage.layout.columns) for work, columns in ends)
    return key.child != key.child_root or not listed


def _queries(
    key: Key, child: Relation, parent: Relation, works: Mapping[int, Work], *, thorough: bool
) -> list[tuple[Composed, str, Work | None]]:
    """What counts orphans; how they became orphans; whose rows are to blame, where it is known."""
    above, below = works.get(key.parent_root), works.get(key.child_root)
    if _whole(key, works):
        return [(_all_orphans(key, child, parent), "without parent", None)]
    queries = list[tuple[Composed, str, Work | None]]()
    if below is not None and not below.stage.lines and (below.counts.inserts or below.counts.updates):
        query = _orphans_among_children(key, below, parent)
        queries.append((query, "without parent", below))
    if above is not None and above.removes(thorough=thorough):
        query = _orphans_of_parents(key, above, child, parent, thorough=thorough)
        queries.append((query, "whose parent goes or changes", above))
    return queries


def _all_orphans(key: Key, child: Relation, parent: Relation) -> Composed:
    given = [SQL("{}").format(Identifier("c", name)) for name in key.child_columns]
    return sqlfiles.load("apply/count_orphans").format(
        child=child.rows, parent=parent.rows, all_given=_none_null(given), joined=_joined(key, given)
    )


def _orphans_among_children(key: Key, below: Work, parent: Relation) -> Composed:
    stage = below.stage
    given = [stage.cast(stage.new(name), name) for name in key.child_columns]
    none = SQL("num_nonnulls({}) = 0").format(SQL(", ").join(given))
    return sqlfiles.load("apply/count_orphans_among_children").format(
        stage=stage.rows,
        applied=stage.applied,
        chosen=stage.brings(key.child_columns),
        parent=parent.rows,
        all_given=_none_null(given),
        none_given=none,
        match_full=Literal(key.match_full),
        joined=_joined(key, given),
    )


def _orphans_of_parents(key: Key, above: Work, child: Relation, parent: Relation, *, thorough: bool) -> Composed:
    stage = above.stage
    values = SQL(", ").join(
        SQL("{} as {}").format(stage.cast(stage.old(name), name), Identifier(f"g{i}"))
        for i, name in enumerate(key.parent_columns)
    )
    gone = SQL("(s._op = 'delete' or (s._op = 'update' and {}))").format(above.moving(thorough=thorough))
    matched = AND.join(
        SQL("{} {} {}").format(Identifier("g", f"g{i}"), _operator(operator), Identifier("c", name))
        for i, (operator, name) in enumerate(zip(key.operators, key.child_columns, strict=True))
    )
    given = [SQL("{}").format(Identifier("c", name)) for name in key.child_columns]
    return sqlfiles.load("apply/count_orphans_of_parents").format(
        stage=stage.rows,
        applied=stage.applied,
        gone=gone,
        parent_values=values,
        child=child.rows,
        matched=matched,
        parent=parent.rows,
        joined=_joined(key, given),
    )


def _joined(key: Key, given: Sequence[Composable]) -> Composed:
    return AND.join(
        SQL("{} {} {}").format(Identifier("p", name), _operator(operator), value)
        for name, operator, value in zip(key.parent_columns, key.operators, given, strict=True)
    )


def _none_null(values: Sequence[Composable]) -> Composed:
    return SQL("num_nulls({}) = 0").format(SQL(", ").join(values))


def _operator(name: str) -> SQL:
    return literally(name)
