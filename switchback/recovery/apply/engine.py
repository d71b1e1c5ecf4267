"""One merge of staged tables into old, from the locks to the last check, inside the caller's transaction.

First without disturbing anything that can stay (values change in place); where rows of one table trade
unique values, or a key forbids the order, again from a savepoint, thoroughly.
"""

import logging
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace

from psycopg import errors as driver
from psycopg.sql import SQL, Identifier

from switchback.recovery import catalog, session
from switchback.recovery.apply import (
    constraints,
    elsewhere,
    errors,
    foreign_keys,
    keeping,
    merge,
    orphans,
    relations,
    straight,
    takers,
)
from switchback.recovery.apply.filling import fill
from switchback.recovery.apply.relations import Relation
from switchback.recovery.apply.roles import Roles
from switchback.recovery.apply.setaside import SetAside
from switchback.recovery.apply.stage import Stage
from switchback.recovery.apply.work import Left, Sensitive, Work, count
from switchback.recovery.session import Connection
from switchback.systems.postgres import sqlfiles

log = logging.getLogger(__name__)

COLLISIONS = (driver.UniqueViolation, driver.ExclusionViolation, driver.ForeignKeyViolation, driver.RestrictViolation)


@dataclass
class Engine:
    """The means of one transaction. `replica`: the session may keep triggers and keys still by itself.

    `as_before`: rows come back that old had. What was added NOT VALID was not asked of them then, nor is it now.
    """

    link: Connection
    acting: Roles
    replica: bool
    superuser: bool
    as_before: bool = False
    left: dict[int, Left] = field(default_factory=dict)  #: by the number of the stage
    checks_wait: bool = False  #: those that may look at other rows are asked at the end

    def __post_init__(self) -> None:
        self._policies = SetAside(self.link, self.acting)

    def prepare(self, stages: Sequence[Stage]) -> tuple[Work, ...]:
        """Lock the tables and count what is asked; nothing is changed. Tables without a row to apply drop out."""
        oids = [stage.table.oid for stage in stages]
        if self.replica and self.link.execute(sqlfiles.load("apply/list_unwatched"), {"tables": oids}).fetchone():
            self.link.execute(sqlfiles.load("apply/move_again"))
            self.replica = False
        unique = relations.columns_by_root(self.link, "list_unique_columns", oids)
        moving = relations.columns_by_root(self.link, "list_moving_columns", oids)
        keys = foreign_keys.read(self.link, oids)
        works = []
        for stage in stages:
            referred = {name for key in keys if key.parent_root == stage.table.oid for name in key.parent_columns}
            if referred & {column.name for column in stage.table.columns if not column.written}:
                referred |= set(stage.layout.columns)  # a generated value follows from any of them
            always = [c.name for c in stage.table.columns if c.identity is catalog.Identity.ALWAYS]
            unique_here = unique.get(stage.table.oid, [])
            sensitive = Sensitive(
                moving=tuple(filter(None, [*moving.get(stage.table.oid, []), *sorted(referred), *always])),
                unique=tuple(filter(None, unique_here)),
                any_is_unique=None in unique_here,
            )
            work = count(self.link, stage, sensitive)
            if work.counts.total:
                works.append(work)
        return tuple(foreign_keys.children_first(works, keys))

    def keep(
        self, works: Sequence[Work], changed: type[errors.OldChanged | errors.ChangedSince], *, leave: bool = False
    ) -> tuple[Work, ...]:
        """Lock each table and keep its rows as they are; raises `changed` where they are not what is expected.

        With `leave` such rows are left as they are. Returns what is still asked for.
        """
        self._see_every_row(works)
        still = {}
        for work in sorted(works, key=lambda work: work.stage.table.name):
            stage = work.stage
            self.link.execute(sqlfiles.load("apply/create_kept").format(kept=stage.kept))
            shown = str(stage.table.name)
            with self.acting.acting_for(stage.table.owner, shown):
                self.link.execute(sqlfiles.load("apply/lock_table").format(table=stage.table.rows))
            self.let_in(stage.kept, *(() if stage.lines else (stage.rows,)))
            unexpected = keeping.keep(self.link, self.acting, work)
            still[stage.number] = work
            if unexpected and not leave:
                raise changed(shown, unexpected)
            if unexpected:
                still[stage.number], self.left[stage.number] = keeping.leave(self.link, work)
        return tuple(filter(lambda work: work.counts.total, (still[work.stage.number] for work in works)))

    def let_in(self, *temporary: Identifier) -> None:
        """Let the owners that we become at our temporary tables."""
        for stranger in self.acting.strangers:
            for table in temporary:
                self.link.execute(SQL("grant select, insert on {} to {}").format(table, Identifier(stranger)))

    def notes(self) -> tuple[str, ...]:
        """What a person should know about how it was done."""
        modes = ["R", "A"] if self.replica else ["O", "A"]
        rows = self.link.execute(sqlfiles.load("apply/list_event_triggers"), {"modes": modes}).fetchall()
        return tuple(f"event trigger {row[0]} saw what was set aside and put back" for row in rows)

    def merge(self, works: Sequence[Work], *, leave: bool = False) -> tuple[Work, ...]:
        """Do it; what was set aside is back when this returns. Raises RowsDoNotFit, NotPutBack or a driver's error.

        With `leave`, rows that do not fit beside what old has are left, and those that then do not fit without them.
        Returns what was done.
        """
        merged = False
        while works and not merged:
            try:
                self._tried(works)
                merged = True
            except straight.NotStraight:
                works = [self._by_stage(work) for work in works]
            except orphans.Orphans as met:
                if not leave or met.work is None:
                    raise met.refusal from None
                works = self._without(works, met.work, met.rows)
            except driver.UniqueViolation as met:
                by_oid = {work.stage.table.oid: work for work in works}
                found = takers.takers(self.acting, by_oid, met)
                if found is None or not found[1]:
                    raise
                if not leave:
                    raise takers.refusal(met, *found) from met
                works = self._without(works, *found)
        self._policies.put_back()
        tables = [work.stage.table for work in works]
        if set(tables) - set(relations.read(self.link, {table.name for table in tables})):
            raise errors.NotPutBack("row security")
        return tuple(works)

    def _without(self, works: Sequence[Work], short: Work, rows: Sequence[int]) -> list[Work]:
        """What is left to do without these rows of one table."""
        number, name = short.stage.number, str(short.stage.table.name)
        log.warning("%s: %d rows are left, which do not fit beside what old has", name, len(rows))
        rest, left = keeping.leave_rows(self.link, short, rows)
        self.left[number] = self.left.get(number, Left()) + left
        changed = (rest if work.stage.number == number else work for work in works)
        return [work for work in changed if work.counts.total]

    def _tried(self, works: Sequence[Work]) -> None:
        try:
            self._tried_thoroughly(works)
        except driver.CheckViolation:
            if not any(one.calling for one in constraints.checks(self.link, [w.stage.table.oid for w in works])):
                raise
            self.checks_wait = True
            self._tried_thoroughly(works)

    def _tried_thoroughly(self, works: Sequence[Work]) -> None:
        try:
            with self.link.transaction():
                self._attempt(works, thorough=self.replica)
        except COLLISIONS:
            if self.replica:
                raise
            try:
                with self.link.transaction():
                    self._attempt(works, thorough=True)
            except driver.ForeignKeyViolation:
                self._name_orphans(works)
                raise

    def _name_orphans(self, works: Sequence[Work]) -> None:
        """Raise Orphans where rows lack a parent in a table that the merge leaves alone, if we may read that."""
        by_oid = {work.stage.table.oid: work for work in works}
        keys = [key for key in foreign_keys.read(self.link, list(by_oid)) if key.parent_root not in by_oid]
        tables = {one.oid: one for one in relations.read(self.link, foreign_keys.tables_of(self.link, keys))}
        with suppress(driver.InsufficientPrivilege), self.link.transaction():
            orphans.refuse(self.acting, tables, keys, by_oid, {}, thorough=True)

    def _by_stage(self, work: Work) -> Work:
        """The same by its stage, where it was to go straight into the table."""
        if not work.stage.lines:
            return work
        stage = replace(work.stage, lines=0)
        fill(self.link, stage)
        self.let_in(stage.rows)
        return replace(work, stage=stage)

    def _see_every_row(self, works: Sequence[Work]) -> None:
        """Policies bind an owner only where they are forced: a superuser, or the owner without force, sees all."""
        for work in works:
            table = work.stage.table
            if table.forced and not self.superuser:
                self._policies.alter(
                    table,
                    SQL("alter table {} no force row level security").format(table.place),
                    SQL("alter table {} force row level security").format(table.place),
                )

    def _attempt(self, works: Sequence[Work], *, thorough: bool) -> None:
        by_oid = {work.stage.table.oid: work for work in works}
        every = foreign_keys.read(self.link, list(by_oid))
        unproven = tuple(key for key in every if self.as_before and not key.validated)
        proven = tuple(key for key in every if key not in unproven)
        keys = foreign_keys.concerned(proven, by_oid, thorough=thorough, still=self.replica)
        names = foreign_keys.tables_of(self.link, keys + unproven) | {work.stage.table.name for work in works}
        before = relations.read(self.link, names)
        tables = {relation.oid: relation for relation in before}
        keys, unproven = (
            tuple(key for key in some if key.child in tables and key.parent in tables) for some in (keys, unproven)
        )
        reached = set() if self.replica else foreign_keys.reached(keys, by_oid, thorough=thorough)
        orphaned = orphans.standing(self.acting, tables, keys, by_oid)
        with elsewhere.nothing(self.link, by_oid):
            aside = self._quiet(tables, reached, by_oid, unproven)
            if not self.replica:
                foreign_keys.loosen(aside, tables, keys, by_oid, thorough=thorough)
            self.link.execute(sqlfiles.load("apply/defer_constraints"))
            with session.own_path(self.link):
                merge.merge(self.link, self.acting, works, thorough=thorough)
            orphans.refuse(self.acting, tables, keys, by_oid, orphaned, thorough=thorough)
            self.link.execute(sqlfiles.load("apply/check_constraints"))
            with session.own_path(self.link):
                aside.put_back()
        self._refuse_differences(before, names, keys + unproven, list(by_oid))

    def _quiet(
        self,
        tables: Mapping[int, Relation],
        reached: set[int],
        by_oid: Mapping[int, Work],
        unproven: Sequence[foreign_keys.Key],
    ) -> SetAside:
        aside = SetAside(self.link, self.acting)
        firing = frozenset("RA" if self.replica else "OA")
        for relation in tables.values():
            if relation.root in reached or relation.root in by_oid:
                aside.quiet(relation, firing)
            work = by_oid.get(relation.root)
            if work and work.counts.updates + work.counts.deletes:
                aside.tell(relation)
        checks = (
            one
            for one in constraints.checks(self.link, list(by_oid))
            if (self.as_before and not one.validated) or (self.checks_wait and one.calling)
        )
        gone: tuple[constraints.Constraint, ...] = (*checks, *unproven)
        for constraint in gone:
            constraints.drop(aside, tables[constraint.child], constraint)
        return aside

    def _refuse_differences(
        self, before: tuple[Relation, ...], names: set[catalog.Name], keys: Sequence[foreign_keys.Key], oids: list[int]
    ) -> None:
        if relations.read(self.link, names) != before:
            raise errors.NotPutBack("a trigger, a rule, row security or a replica identity")
        definitions = {key.signature for key in foreign_keys.read(self.link, oids)}
        if not {key.signature for key in keys} <= definitions:
            raise errors.NotPutBack("a foreign key")
