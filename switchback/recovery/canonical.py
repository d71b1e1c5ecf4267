"""How old writes a value that a person typed: 2.5 becomes 2.50 in a numeric(5,2), {"a":1} gets its blanks.

Asked of old itself, a row at a time, for edited rows only. Changes nothing.
"""

from psycopg.sql import SQL, Composed, Literal

from switchback.recovery.bundle import ColumnNote, TableNote, Values
from switchback.recovery.snapshot import Snapshot
from switchback.recovery.spelling import bare_type, literally


def written(old: Snapshot, note: TableNote, values: Values) -> Values:
    """The values of one row as they come back once they are in old's table."""
    texts = [_text(column, value) for column, value in zip(note.columns, values, strict=True)]
    return old.one(SQL("select {}").format(SQL(", ").join(texts))) if texts else values


def _text(column: ColumnNote, value: str | None) -> Composed:
    if value is None:
        return SQL("{}").format(SQL("null"))
    kinds = bare_type(column.base_type), literally(column.type)
    return SQL("concat({}::{}::{})").format(Literal(value), *kinds)
