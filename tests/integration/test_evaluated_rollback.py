"""Bringing data home on the running local site: reviewed, or at once with conflicts left aside, or signed away."""

import csv
from pathlib import Path

import pytest

from switchback.domain.errors import Refused
from switchback.domain.journal import Kind
from switchback.domain.model import Side
from switchback.recovery.review.run import BadReview
from switchback.rollback.records import Option, Way
from switchback.steps import recovery
from switchback.steps.postgres import RowsWait
from switchback.steps.recovery.seal import NobodyLooked, OnOldAlready
from switchback.systems import journal
from switchback.ways import conduct, reviewing
from tests.fix_ways import EXPORT, Ways

LEFT = "users have left new"
DATABASE = "publisher_db"
CHANGES = (
    "insert into authors (handle, email) values ('new-' || gen_random_uuid(), '=cmd@example.test')",
    "update stories set title = title || ', again', tags = '{a,b}' where id in (select min(id) from stories)",
    "delete from stories where id in (select max(id) from stories where operation_id is not null)",
    "insert into publication_events (operation_id, story_id, kind) values (gen_random_uuid(), 1, 'made')",
    "update price_tiers set label = label || '!' where code = 'standard'",
)


def rows_of(folder: Path, table: str) -> tuple[Path, list[list[str]]]:
    """The CSV file of a table in a fetched bundle, and its lines."""
    (path,) = (folder / DATABASE).glob(f"*public.{table}.csv")
    with path.open(encoding="utf-8", newline="") as file:
        return path, list(csv.reader(file))


def row_with(lines: list[list[str]], cell: str) -> int:
    """Where the row with this cell stands in a file, whose order is that of the heap: room is used again."""
    (number,) = (number for number, line in enumerate(lines) if cell in line)
    return number


def write(path: Path, lines: list[list[str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(lines)


def test_what_users_wrote_on_new_is_reviewed_and_comes_home_exactly(ways: Ways, tmp_path: Path) -> None:
    """Damage is refused by file, row and column; an edit comes through; everything else is equal; cut over again."""
    ways.run(Side.NEW, DATABASE, *CHANGES)
    attempt = ways.begin(Way.EVALUATED_ROLLBACK)
    ways.go(attempt, upto=EXPORT)
    reviewing.fetch_bundles(attempt.run, tmp_path / "b")

    path, lines = rows_of(tmp_path / "b", "authors")
    column = lines[0].index("created_at")
    exported = lines[1][column]
    lines[1][column] = "22.11.2026 10:00"
    write(path, lines)
    with pytest.raises(BadReview, match=rf"{path.name}, row 1, column created_at"):
        reviewing.return_bundles(attempt.run, tmp_path / "b")
    ground = conduct.ground(attempt)[0]
    for name in ground.environment.databases:  # by another way than our command
        kept = recovery.Kept(ground, name, recovery.Part.RETURNED)
        recovery.kept.keep_returned(kept, tmp_path / "b" / name, [path.name] if name == DATABASE else [])
    assert not ways.answer(attempt)
    refused = [r for r in conduct.told(attempt).records if r.kind is Kind.REVIEWED]
    assert f"{path.name}, row 1, column created_at" in str(refused[-1].data["why"])
    with pytest.raises(recovery.NotSigned):
        conduct.carry_out(attempt, recovery.Apply.name)

    lines[1][column], lines[1][lines[0].index("biography")] = exported, "reviewed"
    write(path, lines)
    reviewing.return_bundles(attempt.run, tmp_path / "b")
    assert ways.answer(attempt)
    ways.go(attempt, after=EXPORT, upto=recovery.Verify.name)
    assert [name.split()[0] for names in ways.differences().values() for name in names] == ["public.authors"]
    assert ways.run(Side.OLD, DATABASE, "select count(*) from authors where biography = 'reviewed'") == [(1,)]
    ways.go(attempt, after=recovery.Verify.name)
    assert conduct.finish(attempt).waiting_on_new == 0
    ways.cut_over()


def test_rows_that_nobody_edits_come_home_byte_by_byte(ways: Ways) -> None:
    """Insert, update, delete, a table without a key: old equals new before it is opened."""
    ways.run(Side.NEW, DATABASE, *CHANGES)
    attempt = ways.begin(Way.EVALUATED_ROLLBACK)
    ways.go(attempt, upto=EXPORT)
    assert ways.differences()
    assert ways.answer(attempt)
    ways.go(attempt, after=EXPORT, upto=recovery.Verify.name)
    assert ways.differences() == {}
    conduct.undo(attempt)
    assert DATABASE in ways.differences()
    assert journal.open_store(ways.environment).holder() is None


def test_rows_that_do_not_fit_together_are_asked_about_again(ways: Ways, tmp_path: Path) -> None:
    """A parent that is skipped while its child comes home: refused before anybody has signed, and nothing is on old."""
    ways.run(
        Side.NEW,
        DATABASE,
        "with a as (insert into authors (handle, email) values ('parent', 'x') returning id) "
        "insert into stories (reference, author_id, title, operation_id) "
        "select gen_random_uuid(), id, 'of a new author', gen_random_uuid() from a",
    )
    attempt = ways.begin(Way.EVALUATED_ROLLBACK)
    ways.go(attempt, upto=EXPORT)
    reviewing.fetch_bundles(attempt.run, tmp_path / "b")
    path, lines = rows_of(tmp_path / "b", "authors")
    parent, decision = row_with(lines, "parent"), lines[0].index("_decision")
    lines[parent][decision] = "skip"
    write(path, lines)
    reviewing.return_bundles(attempt.run, tmp_path / "b")
    assert not ways.answer(attempt)
    refusal = reviewing.question(attempt).refusal
    assert f"row {row_with(rows_of(tmp_path / 'b', 'stories')[1], 'of a new author')} of " in refusal
    assert "public.stories" in refusal
    assert not [r for r in conduct.told(attempt).records if r.data.get("subject") == "the reviewed bundle"]

    lines[parent][decision] = "apply"
    write(path, lines)
    reviewing.return_bundles(attempt.run, tmp_path / "b")
    assert ways.answer(attempt)
    ways.go(attempt, after=EXPORT, upto=recovery.Verify.name)
    assert ways.differences() == {}
    ways.go(attempt, after=recovery.Verify.name)


def test_files_returned_after_the_signature_are_asked_about_again(ways: Ways, tmp_path: Path) -> None:
    """What was signed for is what was returned last, until it is on old: then nothing more is taken."""
    ways.run(Side.NEW, DATABASE, *CHANGES)
    attempt = ways.begin(Way.EVALUATED_ROLLBACK)
    ways.go(attempt, upto=EXPORT)
    reviewing.fetch_bundles(attempt.run, tmp_path / "b")
    path, lines = rows_of(tmp_path / "b", "authors")
    decision = lines[0].index("_decision")
    lines[1][decision] = "skip"
    write(path, lines)
    reviewing.return_bundles(attempt.run, tmp_path / "b")
    assert ways.answer(attempt)
    assert reviewing.stands(attempt)
    loss = recovery.Kept(conduct.ground(attempt)[0], DATABASE, recovery.Part.LOSS)
    assert loss.there

    lines[1][decision], lines[1][lines[0].index("biography")] = "apply", "thought better of it"
    write(path, lines)
    reviewing.return_bundles(attempt.run, tmp_path / "b")
    assert not reviewing.stands(attempt)
    assert "returned after" in reviewing.question(attempt).refusal
    assert reviewing.question(attempt).tries == 1
    with pytest.raises(recovery.NotSigned):
        conduct.carry_out(attempt, recovery.Apply.name)
    assert ways.answer(attempt)
    assert reviewing.stands(attempt)
    assert not loss.there
    ways.go(attempt, after=EXPORT, upto=recovery.Apply.name)
    lines[1][lines[0].index("biography")] = "too late"
    write(path, lines)
    with pytest.raises(OnOldAlready, match=DATABASE):
        reviewing.return_bundles(attempt.run, tmp_path / "b")
    assert reviewing.stands(attempt)
    conduct.undo(attempt)


def test_a_loss_is_signed_for_and_its_rows_are_kept(ways: Ways, tmp_path: Path) -> None:
    """Nothing is applied without a signature; the rows can be fetched later; the next cutover is not refused."""
    asked = "select count(*) from authors where handle like 'new-%'"
    before = ways.run(Side.OLD, DATABASE, asked)
    ways.run(Side.NEW, DATABASE, *CHANGES)
    attempt = ways.begin(Way.EVALUATED_ROLLBACK, Option.ACCEPT_LOSS)
    ways.go(attempt, upto=EXPORT)
    with pytest.raises(recovery.NotSigned):
        conduct.prove(attempt, recovery.LossSigned.name)
    assert ways.answer(attempt, decision="sign_loss")
    ways.go(attempt, after=EXPORT)
    assert [r.data["name"] for r in conduct.told(attempt).records if r.kind is Kind.VOTED][-1] == "Dana Example"
    assert ways.run(Side.OLD, DATABASE, asked) == before
    reviewing.fetch_bundles(attempt.run, tmp_path / "later")
    ((on_new,),), ((on_old,),) = ways.run(Side.NEW, DATABASE, asked), before
    assert len(rows_of(tmp_path / "later", "authors")[1][1:]) == int(str(on_new)) - int(str(on_old)) > 0
    ways.cut_over()


def test_rows_come_home_and_conflicts_are_left_and_counted(ways: Ways, tmp_path: Path) -> None:
    """What both sides changed waits on new, a cutover is refused until it is signed for; all else is on old."""
    again = conduct.Request(way=Way.CUTOVER, environment="local", incident="again", requested_by="Me")
    ways.run(Side.NEW, DATABASE, *CHANGES)
    attempt = ways.begin(Way.DNS_SWITCHBACK)
    ways.go(attempt, upto=EXPORT)
    ways.run(Side.OLD, DATABASE, "update price_tiers set label = 'old has it' where code = 'standard'")
    ways.go(attempt, after=EXPORT, upto=LEFT)
    ways.run(Side.OLD, DATABASE, "insert into authors (handle, email) values ('made on old', 'x')")
    ways.go(attempt, after=LEFT)
    assert conduct.finish(attempt).waiting_on_new == 1
    assert ways.run(Side.OLD, DATABASE, "select label from price_tiers where code = 'standard'") == [("old has it",)]
    assert ways.run(Side.OLD, DATABASE, "select count(*) from stories where title like '%, again'") == [(1,)]
    with pytest.raises(RowsWait, match=r"1 rows exist only on new: public.price_tiers"):
        conduct.rehearse(again)
    others = tmp_path / "loss.json"
    others.write_text("a signature for other rows", encoding="utf-8")
    recovery.Kept(conduct.ground(attempt)[0], DATABASE, recovery.Part.LOSS).put({others.name: others})
    with pytest.raises(RowsWait):
        conduct.rehearse(again)
    assert reviewing.sign_left(attempt.run, "Dana Example", "the label of old stands") == 1
    ways.cut_over()
    assert ways.run(Side.NEW, DATABASE, "select count(*) from authors where handle = 'made on old'") == [(1,)]


def test_conflicts_that_nobody_has_seen_are_not_taken_wholesale(ways: Ways) -> None:
    """take_new needs returned files."""
    ways.run(Side.NEW, DATABASE, CHANGES[4])
    ways.run(Side.OLD, DATABASE, "update price_tiers set label = 'behind the fence' where code = 'standard'")
    attempt = ways.begin(Way.EVALUATED_ROLLBACK)
    ways.go(attempt, upto=EXPORT)
    assert not ways.answer(attempt, conflicts="take_new")
    assert "nobody has looked" in reviewing.question(attempt).refusal
    assert issubclass(NobodyLooked, Refused)
    conduct.undo(attempt)
    ways.run(Side.OLD, DATABASE, "update price_tiers set label = 'Standard' where code = 'standard'")
