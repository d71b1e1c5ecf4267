"""Whether a text is a value of a Postgres type, by rules that need no server. What they leave open, old itself decides.

Stricter than Postgres where it is generous: a value is asked for in the form in which Postgres writes it, so that
what was reviewed is what will be there.
"""

import json
import re
import uuid
from collections.abc import Callable
from dataclasses import dataclass

from switchback.recovery.bundle import ColumnNote

INTEGERS = {"smallint": 15, "integer": 31, "bigint": 63}
DAY = r"(\d{4,}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01]))"
CLOCK = r"([01]\d|2[0-4]):[0-5]\d:[0-5]\d(\.\d{1,6})?"
ZONE = r"[+-]\d\d(:\d\d){0,2}"
ENDLESS = r"-?infinity"
FORMS = {
    "date": re.compile(rf"{DAY}( BC)?|{ENDLESS}"),
    "timestamp without time zone": re.compile(rf"{DAY} {CLOCK}( BC)?|{ENDLESS}"),
    "timestamp with time zone": re.compile(rf"{DAY} {CLOCK}{ZONE}( BC)?|{ENDLESS}"),
    "time without time zone": re.compile(CLOCK),
    "time with time zone": re.compile(rf"{CLOCK}{ZONE}"),
    "boolean": re.compile("[tf]"),
    "bytea": re.compile(r"\\x([0-9a-f]{2})*"),
    "numeric": re.compile(r"-?\d+(\.\d+)?|NaN|-?Infinity"),
    "real": re.compile(r"-?\d+(\.\d+)?(e[+-]\d+)?|NaN|-?Infinity"),
    "double precision": re.compile(r"-?\d+(\.\d+)?(e[+-]\d+)?|NaN|-?Infinity"),
    "oid": re.compile(r"\d{1,10}"),
}
LENGTH = re.compile(r"(?:character varying|character|varchar|bpchar)\((\d+)\)")
SCALE = re.compile(r"numeric\((\d+),(-?\d+)\)")


@dataclass(frozen=True, kw_only=True)
class Rule:
    """What one column takes."""

    column: ColumnNote

    def refusal(self, value: str | None) -> str:
        """Why the column does not take the value; "" where it does, or where only the server can tell."""
        if value is None:
            return "the column does not take NULL" if self.column.not_null else ""
        kind = self.column.base_type
        taken = _taken(kind, value) and _within(self.column.type, value)
        return "" if taken else f"{self.column.type} does not take the value"


def _taken(kind: str, value: str) -> bool:
    if "\x00" in value:
        return False
    if kind in INTEGERS:
        bound = 1 << INTEGERS[kind]
        return bool(re.fullmatch(r"0|-?[1-9]\d{0,18}", value)) and -bound <= int(value) < bound
    if kind in FORMS:
        return bool(FORMS[kind].fullmatch(value))
    return CHECKS[kind](value) if kind in CHECKS else True


def _within(kind: str, value: str) -> bool:
    if length := LENGTH.fullmatch(kind):
        return len(value) <= int(length[1])
    if (scale := SCALE.fullmatch(kind)) and value[-1:].isdigit():
        whole, _, part = value.removeprefix("-").partition(".")
        return len(part) <= max(int(scale[2]), 0) and len(whole.lstrip("0")) <= int(scale[1]) - int(scale[2])
    return True


def _uuid(value: str) -> bool:
    try:
        return str(uuid.UUID(value)) == value
    except ValueError:
        return False


def _json(value: str) -> bool:
    try:
        json.loads(value, parse_constant=_no_constant)
    except ValueError:
        return False
    return True


def _no_constant(name: str) -> None:
    raise ValueError(name)


CHECKS: dict[str, Callable[[str], bool]] = {"uuid": _uuid, "json": _json, "jsonb": _json}
