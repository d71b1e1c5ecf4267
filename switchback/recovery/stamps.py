"""The timestamp rule of the procedure: created_at or updated_at at or after the cutover, in UTC.

By itself it is incomplete (defects 34 to 41): it is kept to say how many changes it would have lost.
"""

import re
from dataclasses import dataclass
from typing import ClassVar

from switchback.domain.errors import Refused
from switchback.recovery.catalog import Table

#: Names that say when a row was made or last changed, in lower case; configurable.
PATTERNS = (
    r"(date_?)?(created?|inserted|added|modified|updated?)(_?(at|on|date|time|ts|timestamp))?",
    r"creation_?(date|time)",
    r"last_?(updated?|modified|changed?)(_?(at|on|date|time))?",
    r"changed_?(at|on)|insert_?date|mtime|ctime",
)
TYPES = ("date", "timestamp without time zone", "timestamp with time zone")


@dataclass(eq=False)
class BadPattern(Refused):
    """A pattern for timestamp columns cannot be used."""

    problem: ClassVar[str] = "The pattern {pattern!r} for timestamp columns is not a regular expression."
    remedy: ClassVar[str] = "Write it as Python's re module takes it; it is matched against whole names, in lower case."
    pattern: str


def columns(table: Table, patterns: tuple[str, ...] = PATTERNS) -> tuple[str, ...]:
    """The timestamp columns of a table, by their names and types; raises BadPattern."""
    compiled = [_compiled(pattern) for pattern in patterns]
    return tuple(
        column.name
        for column in table.columns
        if column.base_type in TYPES and any(pattern.fullmatch(column.name.lower()) for pattern in compiled)
    )


def _compiled(pattern: str) -> re.Pattern[str]:
    try:
        return re.compile(pattern)
    except re.error as error:
        raise BadPattern(pattern) from error
