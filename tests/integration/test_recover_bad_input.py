"""Bad input, in one table: each has its exit code and message, and leaves both databases as they were."""

import re
import shlex
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest

from tests.fix_recovery import Captured, Change, cell, command, decide, edit


@dataclass(frozen=True, kw_only=True)
class Bad:
    """Something wrong with a bundle or a command, and what is said."""

    name: str
    words: str  #: the command; {b} the bundle, {old} and {new} the databases, {cutover}
    says: str  #: a pattern of the message
    code: int = 2
    table: str = "account"
    change: Change | None = None
    spoil: Callable[[Path], object] | None = None  #: given the table's file

    def __str__(self) -> str:
        return self.name


REVIEW = "review --bundle {b}"
APPLY = "apply --old {old} --bundle {b}"
CAPTURE = "capture --old {old} --new {new} --bundle {b}/next --cutover "


def damaged(name: str, says: str, column: str, before: str, after: str) -> Bad:
    """One cell that came back as something else."""
    return Bad(name=name, words=REVIEW, says=says, change=cell(column, before, after))


def text(path: Path, change: Callable[[str], str], encoding: str = "utf-8") -> None:
    """Rewrite a file as another program would."""
    path.write_bytes(change(path.read_text(encoding="utf-8")).encode(encoding))


BAD = [
    damaged("leading zeros lost", r"row 4, column code: leading zeros", "code", "0042", "42"),
    damaged("scientific notation", r"column big: .*scientific", "big", "100000000000000000000", "1E+20"),
    damaged("digits lost", r"column big: .*", "big", "100000000000000000000", "100000000000000000001.0x"),
    damaged("a date rewritten", r"column born: a date was rewritten", "born", "2001-02-03", "02/03/2001"),
    damaged("a date the other way", r"column born: a date was rewritten", "born", "2001-02-03", "3.2.2001"),
    damaged("an instant shortened", r"column seen: ", "seen", "2021-01-01 10:20:30.5+00", "2021-01-01 10:20"),
    damaged("trailing zero lost", r"column price: the number was rewritten", "price", "2.50", "2.5"),
    damaged("decimal comma", r"column price: numeric\(6,2\) does not take", "price", "2.50", "2,51"),
    damaged("too many digits", r"column price: numeric\(6,2\) does not take", "price", "2.50", "12345.00"),
    damaged("a number that is none", r"column price: .*does not take", "price", "2.50", "cheap"),
    damaged("a truth value", r"column ok: .*", "ok", "f", "FALSE"),
    damaged("a date that is none", r"column born: date does not take", "born", "2001-02-03", "2001-02-40"),
    damaged("json that is none", r"column prefs: jsonb does not take", "prefs", '{"a": 1}', "{a: 1}"),
    damaged("a text too long", r"column email: character varying\(20\) does not take", "email", "new", "n" * 21),
    damaged("NULL in a column that has none", r"column email: .*does not take NULL", "email", "new", "\\N"),
    damaged("NULL emptied", r"row \d+, column code: an empty cell is neither", "code", "\\N", ""),
    damaged("a text emptied", r"column email: an empty cell is neither", "email", "new", ""),
    damaged("an escape lost", r"column code: the first character acts", "code", "\\=1+1", "=1+1"),
    damaged("a formula written", r"column email: the first character acts", "email", "new", "+new"),
    damaged("a key changed", r"column id: the key may not be changed", "id", "10", "12"),
    damaged("an old value changed", r"column old:email: it may not be changed", "old:email", "a2", "a3"),
    damaged("an operation changed", r"column _op: it may not be changed", "_op", "update", "insert"),
    damaged("an unknown decision", r"column _decision: a decision is", "_decision", "apply", "yes"),
    Bad(
        name="a deleted row edited",
        words=REVIEW,
        says=r"column v: the row is a delete",
        table="log",
        change=cell("v", "x", "z"),
    ),
    Bad(name="a row lost", words=REVIEW, says=r"row 3: the row is missing", change=lambda lines: lines.pop(3)),
    Bad(name="a row twice", words=REVIEW, says="more than once", change=lambda lines: lines.append(lines[1])),
    Bad(
        name="a row added",
        words=REVIEW,
        says=r"row \d+ of the file was added",
        change=lambda lines: lines.append([*lines[1][:3], "99", *lines[1][4:]]),
    ),
    Bad(
        name="a column lost", words=REVIEW, says="columns lost: prefs", change=lambda lines: [x.pop(11) for x in lines]
    ),
    Bad(
        name="columns in another order",
        words=REVIEW,
        says="another order",
        change=lambda lines: [x.insert(5, x.pop(6)) for x in lines],
    ),
    Bad(name="an emptied file", words=REVIEW, says="the file is empty", spoil=lambda path: path.write_bytes(b"")),
    Bad(name="a file lost", words=REVIEW, says="the file is missing", spoil=Path.unlink),
    Bad(
        name="another separator",
        words=REVIEW,
        says="separated by semicolons",
        spoil=lambda path: text(path, lambda whole: whole.replace(",", ";")),
    ),
    Bad(
        name="a value with a comma and no quotes",
        words=REVIEW,
        says=r"line \d+ has \d+ cells, the header \d+",
        spoil=lambda path: text(path, lambda whole: whole.replace("renamed", "renamed, twice")),
    ),
    Bad(
        name="a quote lost",
        words=REVIEW,
        says=r"not CSV any more, from line \d+ on",
        spoil=lambda path: text(path, lambda whole: whole.replace("renamed", '"renamed')),
    ),
    Bad(
        name="a row moved to the left",
        words=REVIEW,
        says=r"csv: row \d+ of the file was added",
        change=lambda lines: lines.append([*lines[1][4:8], *lines[1][4:]]),
    ),
    Bad(
        name="another encoding",
        words=REVIEW,
        says="not UTF-8",
        spoil=lambda path: text(path, lambda whole: whole.replace("renamed", "été"), "latin-1"),
    ),
    Bad(name="utf-16", words=REVIEW, says="not UTF-8", spoil=lambda path: text(path, str, "utf-16")),
    Bad(
        name="an undecided row",
        words=REVIEW,
        says=r"2 rows are undecided",
        code=3,
        change=decide("update", ""),
    ),
    Bad(name="nobody has looked", words=REVIEW + " --decide none", says="7 rows are undecided", code=3),
    Bad(name="not reviewed", words=APPLY, says="has not been reviewed"),
    Bad(
        name="the manifest edited",
        words=REVIEW,
        says="digest does not match",
        spoil=lambda path: text(path.parent / "manifest.json", lambda whole: whole.replace('"adhoc"', '"prod"')),
    ),
    Bad(
        name="the manifest cut",
        words=REVIEW,
        says="damaged",
        spoil=lambda path: text(path.parent / "manifest.json", lambda whole: whole[:-200]),
    ),
    Bad(name="no bundle", words="review --bundle {b}/nowhere", says="holds no bundle"),
    Bad(name="a naive cutover", words=CAPTURE + "2026-01-01T10:00:00", says="no time zone"),
    Bad(name="no instant", words=CAPTURE + "yesterday", says="not an ISO-8601 instant"),
    Bad(name="a cutover to come", words=CAPTURE + "2999-01-01T00:00:00Z", says="in the future"),
    Bad(name="a snapshot that is none", words=CAPTURE + "{cutover} --cutover-snapshot 1-2", says="XMIN:XMAX:LIST"),
    Bad(name="a method that is none", words=CAPTURE + "{cutover} --method guess", says="'guess' is not one of"),
    Bad(
        name="a wrong password",
        words="apply --old {old:password=wrong} --bundle {b}",
        says="does not take the password",
    ),
    Bad(name="no such database", words="apply --old {old:dbname=nowhere} --bundle {b}", says="does not exist"),
    Bad(name="nobody listens", words="apply --old {old:port=1} --bundle {b}", says="nobody listens", code=4),
    Bad(name="no connection string", words="apply --old =nonsense= --bundle {b}", says="not a connection string"),
    Bad(name="a bundle in the place", words=CAPTURE.replace("/next", "") + "{cutover}", says="already holds something"),
    Bad(
        name="no signature", words="accept-loss --bundle {b} --signed-by : --reason x".replace(":", "' '"), says="empty"
    ),
]


@pytest.mark.parametrize("bad", BAD, ids=str)
def test_bad_input_is_refused_by_name_and_both_sides_stay_as_they_are(
    shelf: Captured, tmp_path: Path, bad: Bad
) -> None:
    """Its own exit code, a message that says where, no traceback, no password; `shelf` sees that nothing changed."""
    folder = tmp_path / "b"
    shutil.copytree(shelf.folder, folder)
    here = Captured(pair=shelf.pair, folder=folder)
    if bad.change:
        edit(here.file(bad.table), bad.change)
    if bad.spoil:
        bad.spoil(here.file(bad.table))
    if bad.words.startswith("apply") and "not reviewed" not in bad.name:
        assert command("review", "--bundle", folder).exit_code == 0
    ended = command(*(_filled(word, here) for word in shlex.split(bad.words)))
    said = re.sub(r"[\s│╭╮╰╯─]+", " ", ended.stderr)
    assert ended.exit_code == bad.code, ended.output
    assert re.search(bad.says, said), said
    assert "Traceback" not in ended.output
    assert "password=" not in ended.output


def _filled(word: str, here: Captured) -> str:
    def conninfo(match: re.Match[str]) -> str:
        given = dict([match[2].split("=")]) if match[2] else {}
        return psycopg.conninfo.make_conninfo(getattr(here, match[1]), **given)

    word = re.sub(r"\{(old|new):?([^}]*)\}", conninfo, word)
    return word.replace("{b}", str(here.folder)).replace("{cutover}", here.pair.cutover.isoformat())
