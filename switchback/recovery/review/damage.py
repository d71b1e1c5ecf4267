"""What a spreadsheet does to a cell, told from what a person meant. Rules on texts alone: no server, no locale.

Each rule names one kind of damage (defect 57). The order is from the certain to the probable; a cell that no rule
catches is an honest edit. Never shows a value.
"""

import re
import unicodedata
from collections.abc import Callable
from decimal import Decimal, InvalidOperation

from switchback.recovery.bundle import cells

NUMBER = re.compile(r"[+-]?\d+(\.\d*)?([eE][+-]?\d+)?|[+-]?\.\d+([eE][+-]?\d+)?")
THOUSANDS = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d*)?")
EXPONENT = re.compile(r"[+-]?\d([.,]\d+)?[eE][+-]?\d+")
ISO_DAY = re.compile(r"\d{4,}-\d\d-\d\d([ T]\d\d:\d\d(:\d\d(\.\d+)?)?([+-]\d\d(:?\d\d)?|Z)?)?( BC)?")
ANY_DAY = re.compile(
    r"\d{1,4}[/.\-]\d{1,2}[/.\-]\d{1,4}\b.*|\d{1,2}[-. ][A-Za-z]{3,9}([-. ]\d{2,4})?\b.*|[A-Za-z]{3,9}[-. ]\d{1,4}\b.*"
)
CLOCK = re.compile(r"\d{1,2}:\d\d(:\d\d(\.\d+)?)?( ?[AaPp][Mm])?.*")
FRACTION = re.compile(r"\.(\d+)(?=[+-]\d\d|Z| BC|$)")
SHOWN_DIGITS = 6  #: as few as a spreadsheet shows of a long number; people who round keep fewer
SPREADSHEET_CELL = 32_767  #: characters that a cell holds
MOJIBAKE = ("cp1252", "latin-1", "mac-roman")
SPREADSHEET_DIGITS = 15
EMPTIED = r"an empty cell is neither NULL nor a text: write \N for NULL, \E for the empty text"
UNGUARDED = "the first character acts as a formula or an escape: write a backslash before it"


def damage(before: str, after: str, *, alone: bool) -> str:
    """What happened to the cell, "" for an honest edit; `alone`: a type whose cells are never escaped."""
    if after == "":
        return EMPTIED
    if not alone and after[0] in cells.GUARDED and after[0] != "\\":
        return UNGUARDED
    was, became = cells.decode(before), cells.decode(after)
    if was is None or became is None:
        return ""
    for rule, words in RULES:
        if rule(was, became):
            return words
    return ""


def _number(text: str) -> Decimal | None:
    try:
        return Decimal(text) if NUMBER.fullmatch(text) else None
    except InvalidOperation:
        return None


def _exponent(was: str, became: str) -> bool:
    return bool(EXPONENT.fullmatch(became)) and bool(re.search(r"\d", was)) and not EXPONENT.fullmatch(was)


def _leading_zeros(was: str, became: str) -> bool:
    return len(was) > 1 and was[0] == "0" and was[1].isdigit() and was.lstrip("0") in (became, "." + became)


def _same_number(was: str, became: str) -> bool:
    if was.endswith("%") and became.endswith("%"):
        was, became = was[:-1], became[:-1]
    one = _number(was.replace(",", "") if THOUSANDS.fullmatch(was) else was)
    other = _number(became.replace(",", "").replace(" ", ""))
    return one is not None and one == other


def _cut_off(was: str, became: str) -> bool:
    return len(was) > SPREADSHEET_CELL and was.startswith(became)


def _rounded(was: str, became: str) -> bool:
    one, other = _number(was), _number(became)
    if one is None or other is None or len(one.as_tuple().digits) <= SPREADSHEET_DIGITS or not one:
        return False
    return abs(one - other) <= abs(one) * Decimal(10) ** (1 - SPREADSHEET_DIGITS)


def _as_shown(was: str, became: str) -> bool:
    one, other = _number(was), _number(became)
    if one is None or other is None:
        return False
    had, has = one.as_tuple(), other.as_tuple()
    left, lost = int(has.exponent), int(had.exponent) < int(has.exponent) <= 0
    return lost and len(has.digits) >= SHOWN_DIGITS and 2 * abs(one - other) <= Decimal(1).scaleb(left)


def _day(was: str, became: str) -> bool:
    if ISO_DAY.fullmatch(was):
        return not ISO_DAY.fullmatch(became) and bool(ANY_DAY.fullmatch(became) or _number(became) is not None)
    rewritten = bool(ISO_DAY.fullmatch(became) or ANY_DAY.fullmatch(became)) and _shape(was) != _shape(became)
    return rewritten and any(map(str.isdigit, was)) and _month_like(was)


def _month_like(was: str) -> bool:
    return bool(
        re.fullmatch(
            r"[A-Za-z]{3,9}[-. ]?\d{1,4}|[A-Za-z]{3,9} \d{1,2}, ?\d{4}|\d{1,4}[-/.]\d{1,4}([-/.]\d{1,4})?"
            r"|\d{1,2}[-. ]?[A-Za-z]{3,9}([-. ]\d{2,4})?",
            was,
        )
    )


def _shape(text: str) -> str:
    return re.sub(r"[A-Za-z]+", "a", re.sub(r"\d", "9", text))


def _shortened_time(was: str, became: str) -> bool:
    day = bool(ISO_DAY.fullmatch(was)) and bool(ISO_DAY.fullmatch(became)) and len(became) < len(was)
    clock = bool(CLOCK.fullmatch(was)) and bool(CLOCK.fullmatch(became))
    return (
        (day or clock)
        and was != became
        and was.startswith(became.split(" ", maxsplit=1)[0][:4])
        and _trimmed(was, became)
    )


def _trimmed(was: str, became: str) -> bool:
    return re.sub(r"([.:]0+|[+-]00)+$", "", was) == re.sub(r"([.:]0+|[+-]00)+$", "", became)


def _cut_fraction(was: str, became: str) -> bool:
    had, has = FRACTION.search(was), FRACTION.search(became)
    same = FRACTION.sub("", was) == FRACTION.sub("", became)
    return bool(had and ":" in was and same) and was != became and str(had and had[1]).startswith(has[1] if has else "")


def _clock(was: str, became: str) -> bool:
    return all(re.fullmatch(r"\d+(:\d+){1,2}", text) for text in (was, became)) and _parts(was) == _parts(became)


def _parts(clock: str) -> list[int]:
    return [int(part) for part in f"{clock}:0".split(":")[:3]]


def _truth(was: str, became: str) -> bool:
    return was.lower() in {"true", "false"} and became.lower() == was.lower()


def _line_ends(was: str, became: str) -> bool:
    return was.replace("\r\n", "\n").replace("\r", "\n") == became.replace("\r\n", "\n").replace("\r", "\n")


def _white_space(was: str, became: str) -> bool:
    return was.split() == became.split()


def _encoding(was: str, became: str) -> bool:
    if "\ufffd" in became and "\ufffd" not in was:
        return True
    if was.isascii():
        return False
    if "".join(c if c.isascii() else "?" for c in was) == became:
        return True
    return any(_read_as(was, other) == became for other in MOJIBAKE)


def _read_as(text: str, encoding: str) -> str:
    return text.encode().decode(encoding, errors="replace")


def _normalised(was: str, became: str) -> bool:
    return unicodedata.normalize("NFKC", was) == unicodedata.normalize("NFKC", became)


RULES: tuple[tuple[Callable[[str, str], bool], str], ...] = (
    (_exponent, "the number was rewritten in scientific notation"),
    (_leading_zeros, "leading zeros were lost"),
    (_same_number, "the number was rewritten, its value is the same"),
    (_rounded, "digits beyond the fifteenth were lost"),
    (_as_shown, "digits were lost, the number was saved as it is shown"),
    (_cut_off, "the cell was cut off at the 32767 characters that a spreadsheet keeps"),
    (_day, "a date was rewritten"),
    (_shortened_time, "a time was rewritten"),
    (_cut_fraction, "fractions of a second were lost"),
    (_clock, "a time was rewritten"),
    (_truth, "a word was taken for a truth value"),
    (_line_ends, "line ends inside the cell were rewritten"),
    (_white_space, "white space was rewritten"),
    (_encoding, "the file went through another encoding"),
    (_normalised, "characters were replaced by look-alikes"),
)
