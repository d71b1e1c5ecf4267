"""How SQL spells types, values and cells; from names of the catalog alone, never from values."""

from collections.abc import Iterable

from psycopg.sql import SQL, Composed, Identifier

#: format_type without a length reads as length one when it is parsed again.
LENGTHLESS = {"character": "bpchar", "bit": '"bit"', "character[]": "bpchar[]", "bit[]": '"bit"[]'}


def bare_type(name: str) -> SQL:
    """A type without its length. The name is the server's own, quoted where it must be: as literal as the catalog."""
    return literally(LENGTHLESS.get(name, name))


def literally(text: str) -> SQL:
    """A piece of SQL that the server itself printed (a type, a definition, an operator): as literal as its catalog."""
    return SQL(text)


def listed(names: Iterable[str]) -> Composed:
    """Names of columns, as a list."""
    return SQL(", ").join(map(Identifier, names))


def decoded(cell: Composed) -> Composed:
    """The value that a cell of the bundle stands for, NULLs being NULL already where COPY could tell."""
    return SQL(
        r"case left({0}, 1) when '\' then case {0} when '\N' then null when '\E' then '' else substr({0}, 2) end"
        r" else {0} end"
    ).format(cell)
