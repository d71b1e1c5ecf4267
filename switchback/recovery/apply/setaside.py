"""What is set aside on old's tables while rows are merged, and put back exactly: triggers, rules, and more.

All of it happens in the merge's own transaction, so a crash puts it back by itself. Triggers are named
one by one with the mode they had, never `all` (which takes a superuser) nor `user` (which forgets modes).
"""

from dataclasses import dataclass, field

from psycopg.sql import SQL, Composed, Identifier

from switchback.recovery.apply import roles
from switchback.recovery.apply.relations import Firing, Relation
from switchback.recovery.session import Connection
from switchback.recovery.spelling import literally

IDENTITY = {"d": SQL("default"), "n": SQL("nothing")}  #: of the tables that may be untold
ENABLE = {"O": SQL("enable"), "A": SQL("enable always"), "R": SQL("enable replica")}


@dataclass
class SetAside:
    """The way back, step by step."""

    link: Connection
    acting: roles.Roles
    _back: list[tuple[Relation, Composed]] = field(default_factory=list)

    def alter(self, table: Relation, there: Composed, *back: Composed) -> None:
        """Change something of a table as its owner, and remember how it comes back."""
        self._back += [(table, step) for step in reversed(back)]
        self._run(table, there)

    def put_back(self) -> None:
        """Undo every change, the last one first."""
        while self._back:
            self._run(*self._back.pop())

    def quiet(self, table: Relation, firing: frozenset[str]) -> None:
        """Keep a table's own triggers and rules from acting."""
        for one in table.firing:
            if one.mode in firing:
                self._disable(table, one)

    def tell(self, table: Relation) -> None:
        """Let publications tell of rows that are changed or deleted, by all that is in them."""
        if table.untold:
            self.alter(
                table,
                SQL("alter table {} replica identity full").format(table.place),
                SQL("alter table {} replica identity {}").format(table.place, IDENTITY[table.identity]),
            )

    def _disable(self, table: Relation, one: Firing) -> None:
        what, name = literally(one.kind), Identifier(one.name)
        place = SQL("only {}").format(table.place) if one.kind == "trigger" else table.place
        self.alter(
            table,
            SQL("alter table {} disable {} {}").format(place, what, name),
            SQL("alter table {} {} {} {}").format(place, ENABLE[one.mode], what, name),
        )

    def _run(self, table: Relation, step: Composed) -> None:
        with self.acting.acting_for(table.owner, str(table.name)):
            self.link.execute(step)
