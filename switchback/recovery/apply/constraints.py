"""Constraints of old that are taken away for the merge and come back as they were, in the same transaction."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from psycopg.rows import class_row
from psycopg.sql import SQL, Identifier, Literal

from switchback.recovery.apply.relations import Relation
from switchback.recovery.apply.setaside import SetAside
from switchback.recovery.session import Connection
from switchback.recovery.spelling import literally
from switchback.systems.postgres import sqlfiles


class Constraint(Protocol):
    """What is needed to put a constraint back."""

    @property
    def child(self) -> int:
        """The table that it binds, by object id."""

    @property
    def name(self) -> str:
        """Its name."""

    @property
    def validated(self) -> bool:
        """Whether every row is known to keep it."""

    @property
    def definition(self) -> str:
        """As pg_get_constraintdef writes it."""

    @property
    def comment(self) -> str | None:
        """What is said of it."""


@dataclass(frozen=True, kw_only=True)
class Check:
    """A check or a NOT NULL."""

    child: int
    name: str
    definition: str
    comment: str | None
    validated: bool  #: false: rows of before may break it
    calling: bool  #: a function of the application's, which may look at other rows


def checks(link: Connection, tables: Sequence[int]) -> tuple[Check, ...]:
    """The checks of these tables that are not validated, or are calling."""
    cursor = link.cursor(row_factory=class_row(Check))
    return tuple(cursor.execute(sqlfiles.load("apply/list_checks"), {"tables": list(tables)}).fetchall())


def drop(aside: SetAside, table: Relation, constraint: Constraint) -> None:
    """Take it away; `aside` knows the way back. One that was validated is validated as it comes.

    A partitioned table takes no foreign key that is NOT VALID (before 18).
    """
    place, name = table.place, Identifier(constraint.name)
    definition = constraint.definition.removesuffix(" NOT VALID")
    proven = SQL("" if constraint.validated else "not valid")
    back = [SQL("alter table {} add constraint {} {} {}").format(place, name, literally(definition), proven)]
    if constraint.comment is not None:
        back.append(SQL("comment on constraint {} on {} is {}").format(name, place, Literal(constraint.comment)))
    aside.alter(table, sqlfiles.load("apply/drop_constraint").format(table=place, constraint=name), *back)
