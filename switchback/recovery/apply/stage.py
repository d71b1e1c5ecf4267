"""One file of the bundle inside old's transaction, and the SQL that speaks of its cells.

Cells arrive as texts; every expression that gives them a meaning is made here, from names and types of
the catalog alone, never from values. Casts name types without their length: an explicit cast to
varchar(5) would cut silently, an assignment refuses.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from psycopg.sql import SQL, Composable, Composed, Identifier, Literal

from switchback.recovery import catalog
from switchback.recovery.apply import relations
from switchback.recovery.bundle import Layout
from switchback.recovery.hashing import output, printed
from switchback.recovery.spelling import bare_type, decoded, literally

MANY = 200  #: columns of a file
COMMA = SQL("\n     , ")
AND = SQL("\n and ")
OR = SQL(" or ")


@dataclass(frozen=True, kw_only=True)
class Stage:
    """One table's rows on their way. `plain`: the cells are values already, as undo makes them."""

    table: relations.Relation  #: as it is on old
    layout: Layout
    number: int
    decisions: tuple[str, ...]  #: what in `_decision` means that the row is applied
    path: Path  #: the file
    sha256: str  #: its sum
    lines: int = 0  #: its rows, where it only adds rows and may go straight into the table; else 0
    plain: bool = False
    width: int = 0  #: how many columns, from the first, tell whether a row is what is expected; 0: all of the file

    @property
    def packed(self) -> bool:
        """Whether each side's cells are one array: a row of many columns is too big for a table of ours otherwise."""
        return self.plain or len(self.layout.header) > MANY

    @property
    def rows(self) -> Identifier:
        """The temporary table that holds the file."""
        return Identifier("pg_temp", f"switchback_stage_{self.number}{'_undo' if self.plain else ''}")

    @property
    def kept_name(self) -> str:
        """The temporary table of pre-images, as a text."""
        return f"pg_temp.switchback_kept_{self.number}{'_undo' if self.plain else ''}"

    @property
    def kept(self) -> Identifier:
        """The temporary table of pre-images."""
        return Identifier(*self.kept_name.split("."))

    @property
    def unlisted(self) -> tuple[str, ...]:
        """Columns of old that the file has not: they keep old's value, or take their default."""
        return tuple(column.name for column in self.table.written if column.name not in self.layout.columns)

    @property
    def applied(self) -> Composed:
        """Whether a row is applied."""
        return SQL("s._decision = any({})").format(Literal(list(self.decisions)))

    def new(self, name: str) -> Composed:
        """New's value of a column, as text."""
        cell = self._cell("n", name)
        return cell if self._bare(name) else decoded(cell)

    def as_written(self, name: str) -> Composable:
        """New's value as old prints it once it is there: what a person typed may have been another spelling."""
        column = self.table.column(name)
        return printed(SQL("({}::{})").format(self.cast(self.new(name), name), literally(column.plain_type)), column)

    def old(self, name: str) -> Composed:
        """Old's value of a column as it was captured, as text."""
        if not self.layout.old:
            return self.new(name)
        cell = self._cell("o", name)
        if self.plain:
            return cell
        value = cell if self._bare(name) else decoded(cell)
        return SQL("case when {} = '' then {} else {} end").format(cell, self.new(name), value)

    def changed(self, names: Iterable[str]) -> Composed:
        """Whether an update changes any of these columns; those that the file has not are never changed."""
        listed = [name for name in names if name in self.layout.columns]
        if not listed or not self.layout.old:
            return SQL("{}").format(SQL("false"))
        return SQL("({})").format(OR.join(self._differs(name) for name in listed))

    def brings(self, names: Iterable[str]) -> Composed:
        """Whether a row `s` of the stage gives old new values in any of these columns."""
        return SQL("(s._op = 'insert' or (s._op = 'update' and {}))").format(self.changed(names))

    def cast(self, text: Composable, name: str) -> Composed:
        """A text as a value of the column's type, its length left to assignment."""
        return SQL("{}::{}").format(text, bare_type(self.table.column(name).base_type))

    def images(self) -> Composed:
        """The row `t` of old as an array of texts: the file's columns, then the unlisted."""
        names = (*self.layout.columns, *self.unlisted)
        return _array(output(self.table.column(name)) for name in names)

    @property
    def telling(self) -> tuple[str, ...]:
        """The columns that tell whether a row is what is expected."""
        return self.layout.columns[: self.width or None]

    def expected(self) -> Composed:
        """The captured row as an array of texts, its telling columns only."""
        return _array(self.old(name) for name in self.telling)

    def found(self) -> Composed:
        """The same of the row `t` of old."""
        return _array(output(self.table.column(name)) for name in self.telling)

    def values(self, names: Iterable[str], text: Callable[[str], Composed]) -> Composed:
        """A list of typed values."""
        return COMMA.join(self.cast(text(name), name) for name in names)

    def was(self, name: str) -> Composed:
        """The value that the kept row `k` holds of a column, as text."""
        place = (*self.layout.columns, *self.unlisted).index(name) + 1
        return SQL("k.before[{}]").format(Literal(place))

    def match(self) -> Composed:
        """How the row `t` of old is found for a row of the file: by old's key."""
        return AND.join(self._same(self.table.column(name)) for name in self.layout.key)

    def _same(self, column: catalog.Column) -> Composed:
        place, text = Identifier("t", column.name), self.old(column.name)
        if _compared_as_text(column):
            return SQL("{} = {}").format(output(column), text)
        return SQL("{} = {}").format(place, self.cast(text, column.name))

    def _differs(self, name: str) -> Composed:
        new, old = self._cell("n", name), self._cell("o", name)
        other: Composable = new if self.plain else SQL("''")
        return SQL("{} is distinct from {}").format(old, other)

    def _cell(self, side: str, name: str) -> Composed:
        index = self.layout.columns.index(name)
        if self.packed:
            return SQL("{}[{}]").format(Identifier("s", side), Literal(index + 1))
        return SQL("{}").format(Identifier("s", f"{side}{index}"))

    def _bare(self, name: str) -> bool:
        return self.plain or self.layout.alone[self.layout.columns.index(name)]


def _compared_as_text(column: catalog.Column) -> bool:
    """Outside pg_catalog an operator would be looked for on the pinned path only."""
    return "." in column.base_type and column.family not in {"e", "r", "m"}


def _array(texts: Iterable[Composable]) -> Composed:
    return SQL("array[{}]::text[]").format(SQL(", ").join(texts))
