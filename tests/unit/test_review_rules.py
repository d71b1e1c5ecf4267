"""What a spreadsheet does to a cell is told from what a person meant; what a type does not take is known offline."""

import pytest

from switchback.recovery.bundle import ColumnNote, cells
from switchback.recovery.review.damage import damage
from switchback.recovery.review.types import Rule

DAMAGED = [
    ("007", "7", "leading zeros"),
    ("0042.10", "42.10", "leading zeros"),
    ("123456789012345678", "1.23456789012346E+17", "scientific"),
    ("1000000000000000", "1E+15", "scientific"),
    ("123456789012345678", "123456789012345000", "fifteenth"),
    ("123456789012345678", "123456789012346000", "fifteenth"),
    ("0.3333333333333333", "0.333333333", "as it is shown"),
    ("3.14159265358979", "3.141592654", "as it is shown"),
    ("1234567.891234", "1234568", "as it is shown"),
    ("2024-01-02 03:04:05.123456+00", "2024-01-02 03:04:05+00", "fractions"),
    ("2024-01-02 03:04:05.123456", "2024-01-02 03:04:05.123", "fractions"),
    ("03:04:05.5", "03:04:05", "fractions"),
    ("1.50", "1.5", "same"),
    ("1500", "1,500", "same"),
    ("2026-01-31", "31/01/2026", "date"),
    ("2026-01-31", "1/31/26", "date"),
    ("2026-01-31", "46053", "date"),
    ("2026-01-31 10:00:00+00", "31.01.2026 10:00", "date"),
    ("MAR1", "1-Mar", "date"),
    ("1-2", "2-Jan", "date"),
    ("3/4", "2026-03-04", "date"),
    ("2026-01-31 10:00:00+00", "2026-01-31 10:00", "time"),
    ("10:00:00", "10:00", "time"),
    ("true", "TRUE", "truth"),
    ("a\r\nb", "a\nb", "line ends"),
    ("a  b", "a b", "white space"),
    ("caf\u00e9", "caf\u00c3\u00a9", "encoding"),
    ("caf\u00e9", "caf?", "encoding"),
    ("caf\u00e9", "caf\ufffd", "encoding"),
    ("e\u0301", "\u00e9", "look-alikes"),
    ("5 March", "5-Mar", "date"),
    ("March 5, 2026", "5-Mar-26", "date"),
    ("31 January 2026", "31-Jan-26", "date"),
    ("1:2", "1:02", "time"),
    ("1:02", "01:02:00", "time"),
    ("1,234.5", "1,234.50", "same"),
    ("5.0%", "5.00%", "same"),
    ("x" * 32_768, "x" * 32_767, "cut off"),
    ("x", "", "empty cell"),
    ("\\N", "", "empty cell"),
    ("\\=1+1", "=1+1", "first character"),
    ("x", "+49 30", "first character"),
    ("\\+49 30", "+4930", "first character"),
]
HONEST = [
    ("007", "008"),
    ("1.50", "1.75"),
    ("12.3456789", "12.35"),
    ("3.14159265358979", "3.241592654"),
    ("03:04:05.5", "03:04:05.6"),
    ("03:04:05.5", "03:04:06"),
    ("2026-01-31", "2026-02-01"),
    ("1.2.3", "1.2.4"),
    ("renamed", "better"),
    ("x", "\\N"),
    ("\\N", "x"),
    ("x", "\\E"),
    ("caf\u00e9", "caf\u00e9s"),
    ("\\+49 30", "\\+49 31"),
    ("123456789012345678", "223456789012345678"),
    ("10:00:00", "11:30:00"),
    ("true", "false"),
    ("5%", "6%"),
    ("12 34", "1234"),
    ("1,5", "15"),
    ("5 March", "6 March"),
    ("1:2", "1:3"),
    ("12-5", "12-6"),
    ("", "x"),
]
TAKEN = {
    "integer": ("0", "-1", "2147483647"),
    "numeric": ("1.50", "-0.5", "NaN"),
    "numeric(6,2)": ("9999.99", "-0.01"),
    "date": ("2026-02-28", "infinity", "0044-03-15 BC"),
    "timestamp with time zone": ("2026-02-28 10:00:00.5+00",),
    "boolean": ("t", "f"),
    "uuid": ("00000000-0000-0000-0000-00000000000a",),
    "jsonb": ('{"a": 1}', "null"),
    "bytea": ("\\x00ff",),
    "character varying(3)": ("abc", "\u00e9\u00e9\u00e9"),
    "public.mood": ("anything",),
}
REFUSED = {
    "integer": ("", "1.0", "2147483648", "01", "x", "1E3"),
    "smallint": ("32768",),
    "numeric": ("1,5", "1E+15", "x"),
    "numeric(6,2)": ("10000.00", "1.555"),
    "date": ("2026-13-01", "28.02.2026", "2026-02-28 10:00:00"),
    "timestamp with time zone": ("2026-02-28 10:00:00", "2026-02-28T10:00:00Z"),
    "boolean": ("TRUE", "yes"),
    "uuid": ("{00000000-0000-0000-0000-00000000000a}", "x"),
    "jsonb": ("{a: 1}", "NaN"),
    "bytea": ("x00", "\\x0g"),
    "character varying(3)": ("abcd",),
    "text": ("a\x00b",),
}


def column(kind: str, *, not_null: bool = False) -> ColumnNote:
    """A column of that type."""
    return ColumnNote(name="c", type=kind, base_type=kind.split("(", maxsplit=1)[0], not_null=not_null)


@pytest.mark.parametrize(("before", "after", "words"), DAMAGED)
def test_damage_is_named(before: str, after: str, words: str) -> None:
    """Defect 57: each kind of damage has its own words."""
    assert words in damage(before, after, alone=False)


@pytest.mark.parametrize(("before", "after"), HONEST)
def test_an_honest_edit_is_no_damage(before: str, after: str) -> None:
    """What a person may well mean passes."""
    assert not damage(before, after, alone=False)


@pytest.mark.parametrize(("kind", "value"), [(kind, value) for kind, values in TAKEN.items() for value in values])
def test_a_value_of_the_type_is_taken(kind: str, value: str) -> None:
    """Also where only the server could tell."""
    assert not Rule(column=column(kind)).refusal(value)


@pytest.mark.parametrize(("kind", "value"), [(kind, value) for kind, values in REFUSED.items() for value in values])
def test_a_value_that_is_none_of_the_type_is_refused(kind: str, value: str) -> None:
    """In the form in which Postgres writes it, or not at all."""
    assert "does not take the value" in Rule(column=column(kind)).refusal(value)


def test_null_is_taken_where_the_column_takes_it() -> None:
    """NULL is written out, never an empty cell."""
    assert not Rule(column=column("text")).refusal(cells.decode("\\N"))
    assert "NULL" in Rule(column=column("text", not_null=True)).refusal(None)
