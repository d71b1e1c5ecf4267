r"""One cell of a bundle's CSV: every value as a text that people can read and machines can trust.

`\N` is NULL, `\E` the empty text where an empty cell means something else, `\0` no such row; a text whose first
character a spreadsheet or COPY would act upon carries one more leading backslash. Anything else is
the value's own output text. The rule is on the first character only, so that
`decode(encode(x)) == x` for every text, and so that a server can apply it too (defects 57, 47).
"""

#: First characters that get a backslash in front: itself, formulas (full-width ones too), apostrophe, white space, BOM.
GUARDED = "\\=+-@' \t\r\n\uff1d\uff0b\uff0d\uff20\ufeff"
#: The same as code points, for SQL's ascii().
GUARDED_CODES = tuple(ord(character) for character in GUARDED)
NULL = "\\N"
EMPTY = "\\E"
NO_ROW = "\\0"
#: Types whose output never starts with a dangerous character, or is a plain number: left alone.
LEFT_ALONE = frozenset(
    (
        *("smallint", "integer", "bigint", "oid", "numeric", "real", "double precision", "boolean", "uuid", "jsonb"),
        *("date", "timestamp without time zone", "timestamp with time zone"),
        *("time without time zone", "time with time zone"),
    )
)


def left_alone(base_type: str) -> bool:
    """Whether values of this type are written as they are, a leading minus included."""
    return base_type in LEFT_ALONE


def encode(value: str | None, *, alone: bool = False) -> str:
    """The cell that stands for a value; `alone` for the types of `left_alone`."""
    if value is None:
        return NULL
    if not alone and value[:1] and value[0] in GUARDED:
        return "\\" + value
    return value


def encode_aside(value: str | None, *, alone: bool = False) -> str:
    """As encode, in a column where an empty cell says "the same": the empty text becomes an explicit mark."""
    return EMPTY if value == "" else encode(value, alone=alone)


def decode(cell: str) -> str | None:
    """The value that a cell stands for."""
    if not cell.startswith("\\"):
        return cell
    if cell == NULL:
        return None
    return "" if cell == EMPTY else cell[1:]


def heading(name: str) -> str:
    """The heading of a column that holds new's values; never one of ours, whatever the column is called."""
    ours = name.startswith(("_", "old:", "base:"))
    return "\\" + name if ours or name[0] in GUARDED else name
