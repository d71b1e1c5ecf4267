"""Foreign keys while rows are merged: checked at the end, their actions kept still, afterwards as before.

Without the right to switch replication roles: `alter constraint ... deferrable`, a guard against
cascades, and, only where a merge is thorough, dropping a `restrict` or `set default` key and adding it
back. With it none of these is needed. Either way the references of the rows touched are checked by a
query at the end (a cascade that was kept still is checked by nobody else).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from psycopg.rows import class_row
from psycopg.sql import Identifier

from switchback.recovery import catalog
from switchback.recovery.apply import constraints
from switchback.recovery.apply.relations import Relation
from switchback.recovery.apply.setaside import SetAside
from switchback.recovery.apply.work import Work
from switchback.recovery.session import Connection
from switchback.systems.postgres import sqlfiles

#: What confdeltype stands for.
CASCADE, SET_NULL, RESTRICT, SET_DEFAULT = "c", "n", "r", "d"


@dataclass(frozen=True, kw_only=True)
class Key:
    """A foreign key of old, by object ids; partitions are named with their roots."""

    oid: int
    name: str
    child: int
    child_root: int
    parent: int
    parent_root: int
    deferrable: bool
    validated: bool
    on_delete: str
    match_full: bool
    definition: str
    comment: str | None
    child_columns: list[str]
    parent_columns: list[str]
    operators: list[str]

    @property
    def signature(self) -> tuple[int, str, str, str | None]:
        """What must be the same after a key was taken away and put back; its object id is not."""
        return self.child, self.name, self.definition, self.comment


def read(link: Connection, tables: Sequence[int]) -> tuple[Key, ...]:
    """The foreign keys from and to these tables."""
    cursor = link.cursor(row_factory=class_row(Key))
    return tuple(cursor.execute(sqlfiles.load("catalog/list_foreign_keys"), {"tables": list(tables)}).fetchall())


def tables_of(link: Connection, keys: Sequence[Key]) -> set[catalog.Name]:
    """The names of the tables at both ends, partitions by their own names."""
    oids = sorted({oid for key in keys for oid in (key.child, key.parent)})
    found = link.cursor(row_factory=class_row(catalog.Name)).execute(
        sqlfiles.load("apply/list_names"), {"relations": oids}
    )
    return set(found)


def children_first(works: Sequence[Work], keys: Sequence[Key]) -> list[Work]:
    """The tables so that each stands before those it refers to; within a cycle the order is by name."""
    by_oid = {work.stage.table.oid: work for work in works}
    children: dict[int, set[int]] = {oid: set() for oid in by_oid}
    for key in keys:
        if key.parent_root in children and key.child_root in by_oid and key.child_root != key.parent_root:
            children[key.parent_root].add(key.child_root)
    ordered: list[int] = []
    seen: set[int] = set()

    def visit(oid: int) -> None:
        stack = [(oid, iter(sorted(children[oid])))]
        seen.add(oid)
        while stack:
            here, rest = stack[-1]
            step = next((child for child in rest if child not in seen), None)
            if step is None:
                ordered.append(here)
                stack.pop()
            else:
                seen.add(step)
                stack.append((step, iter(sorted(children[step]))))

    for work in sorted(works, key=lambda work: work.stage.table.name):
        if work.stage.table.oid not in seen:
            visit(work.stage.table.oid)
    return [by_oid[oid] for oid in ordered]


def concerned(keys: Sequence[Key], works: Mapping[int, Work], *, thorough: bool, still: bool) -> tuple[Key, ...]:
    """The foreign keys that could notice the merge before its end; `still`: and those that stand still meanwhile."""
    return tuple(
        key
        for key in keys
        if (still and key.child_root in works)
        or ((parent := works.get(key.parent_root)) and (key.child_root in works or parent.removes(thorough=thorough)))
    )


def reached(keys: Sequence[Key], works: Mapping[int, Work], *, thorough: bool) -> set[int]:
    """The tables whose rows a key's action would reach for, by their roots: their triggers hear of it."""
    return {
        key.child_root for key in keys if (parent := works.get(key.parent_root)) and parent.removes(thorough=thorough)
    }


def loosen(
    aside: SetAside, tables: Mapping[int, Relation], keys: Sequence[Key], works: Mapping[int, Work], *, thorough: bool
) -> None:
    """Make these keys wait for the end of the merge; `aside` knows the way back."""
    guarded: set[int] = set()
    for key in keys:
        child = tables[key.child]
        parent = works[key.parent_root]
        removes = parent.removes(thorough=thorough)
        if thorough and removes and key.on_delete in (RESTRICT, SET_DEFAULT):
            constraints.drop(aside, child, key)
            continue
        if not key.deferrable:
            place, name = child.place, Identifier(key.name)
            aside.alter(
                child,
                sqlfiles.load("apply/defer_foreign_key").format(table=place, constraint=name),
                sqlfiles.load("apply/undefer_foreign_key").format(table=place, constraint=name),
            )
        if removes and key.on_delete in (CASCADE, SET_NULL, SET_DEFAULT) and key.child not in guarded:
            guarded.add(key.child)
            place = child.place
            aside.link.execute(sqlfiles.load("apply/create_guard_function"))
            aside.alter(
                child,
                sqlfiles.load("apply/create_guard").format(table=place),
                sqlfiles.load("apply/drop_guard").format(table=place),
            )
