"""The command family on two real servers: what it does, what it says, what it refuses."""

import json
import os
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from infra.local.layout import ROOT
from switchback.recovery import session
from switchback.recovery.apply import lock
from tests import exactly
from tests.fix_recovery import CHANGES, SETUP, Captured, Clone, capture, cell, command, decide, edit
from tests.twins import run, twins


def test_run_does_all_of_it_and_a_second_run_says_so(clone: Clone, tmp_path: Path) -> None:
    """Capture, review, apply, verify; then nothing, and both sides equal."""
    pair = twins(clone)
    pair.everywhere(SETUP)
    run(pair.new, CHANGES)
    words = ("run", "--old", pair.old.conninfo(), "--new", pair.new.conninfo(), "--cutover", pair.cutover.isoformat())
    first = command(*words, "--bundle", tmp_path / "b", "--json")
    assert first.exit_code == 0, first.output
    facts = json.loads(first.stdout)
    assert (facts["applied"], facts["proven"], facts["equal"], facts["already"]) == (7, True, True, False)
    second = command(*words, "--bundle", tmp_path / "b")
    assert second.exit_code == 0
    assert "applied already" in second.stdout
    assert exactly.contents(pair.old.conninfo("postgres")) == exactly.contents(pair.new.conninfo("postgres"))
    assert {path.name for path in (tmp_path / "b").iterdir()} >= {"summary.csv", "summary.html", "reviewed.json"}
    assert {path.stat().st_mode & 0o077 for path in (tmp_path / "b").rglob("*")} == {0}


def test_an_honest_edit_and_a_skip_arrive_and_are_proven(captured: Captured) -> None:
    """What the reviewer changed is listed, applied, signed for by verify, and taken back by undo."""
    before = captured.sides()[0]
    edit(captured.file("account"), cell("email", "renamed", "better"))
    edit(captured.file("account"), cell("price", "2.50", "3.5"))
    edit(captured.file("account"), cell("prefs", '{"a": 1}', '{"a":2}'))
    edit(captured.file("account"), decide("delete", "skip"))
    reviewed = command("review", "--bundle", captured.folder, "--json")
    assert reviewed.exit_code == 0, reviewed.output
    facts = json.loads(reviewed.stdout)
    assert sorted(each["column"] for each in facts["edits"]) == ["_decision", "email", "prefs", "price"]
    assert (facts["skipped"], len(facts["edits"])) == (1, 4)
    applied = command("apply", "--old", captured.old, "--bundle", captured.folder)
    assert applied.exit_code == 0, applied.output
    proven = command("verify", "--old", captured.old, "--new", captured.new, "--bundle", captured.folder, "--json")
    assert proven.exit_code == 0, proven.output
    assert json.loads(proven.stdout)["equal"] is False
    with psycopg.connect(captured.old) as link:
        rows = link.execute("select id, email, price::text, prefs::text from account where id in (2, 4, 10) order by 1")
        assert rows.fetchall() == [
            (2, "better", "9.90", "{}"),
            (4, "a4", "1.50", "{}"),
            (10, "new", "3.50", '{"a": 2}'),
        ]
    undone = command("undo", "--old", captured.old, "--bundle", captured.folder)
    assert (undone.exit_code, captured.sides()[0]) == (0, before)
    assert "nothing to undo" in command("undo", "--old", captured.old, "--bundle", captured.folder).stdout


def test_rows_may_come_back_in_another_order(captured: Captured) -> None:
    """Sorting in a spreadsheet is no damage: rows are told by their numbers."""
    edit(captured.file("account"), lambda lines: lines.reverse() or lines.insert(0, lines.pop()))
    assert command("review", "--bundle", captured.folder).exit_code == 0
    assert command("apply", "--old", captured.old, "--bundle", captured.folder).exit_code == 0
    old, new = captured.sides()
    assert old == new


def test_undo_refuses_when_a_row_was_changed_since(captured: Captured) -> None:
    """Putting a row back would lose what was written to it after the recovery."""
    command("review", "--bundle", captured.folder)
    command("apply", "--old", captured.old, "--bundle", captured.folder)
    run(captured.pair.old, "update account set code = 'later' where id = 2")
    before = captured.sides()
    ended = command("undo", "--old", captured.old, "--bundle", captured.folder)
    assert (ended.exit_code, captured.sides()) == (2, before)
    assert "public.account: 1 rows were changed after" in ended.stderr


def test_a_conflict_that_appears_after_the_capture_is_found(captured: Captured) -> None:
    """A row of old that is no more what was captured stops everything, by table and count."""
    command("review", "--bundle", captured.folder)
    run(captured.pair.old, "update account set ok = null where id in (2, 3, 5)")
    before = captured.sides()
    ended = command("apply", "--old", captured.old, "--bundle", captured.folder)
    assert (ended.exit_code, captured.sides()) == (2, before)
    assert "public.account: 2 rows changed on old" in ended.stderr


def test_the_loss_is_counted_and_signed_for_once(captured: Captured) -> None:
    """Counts per table, who and why; the rows stay and can still be brought home."""
    words = ("accept-loss", "--bundle", captured.folder, "--reason", "a test", "--json")
    signed = command(*words, "--signed-by", "Ada")
    assert signed.exit_code == 0, signed.output
    facts = json.loads((captured.folder / "loss.json").read_text())
    assert (facts["rows"], facts["signed_by"]) == (7, "Ada")
    assert {(t["name"], t["inserts"], t["updates"], t["deletes"]) for t in facts["tables"]} == {
        ("account", 2, 2, 1),
        ("log", 1, 0, 1),
    }
    assert command(*words, "--signed-by", "Ada").exit_code == 0
    assert command(*words, "--signed-by", "Bob").exit_code == 2
    assert command("review", "--bundle", captured.folder).exit_code == 0


def test_what_was_reviewed_is_what_is_applied(captured: Captured) -> None:
    """A file, its canonical copy or the decisions changed after the review: refused."""
    edit(captured.file("account"), cell("email", "renamed", "better"))
    assert command("review", "--bundle", captured.folder).exit_code == 0
    before = captured.sides()
    for path in (captured.file("account"), captured.folder / "reviewed" / captured.file("account").name):
        kept = path.read_bytes()
        path.write_bytes(kept.replace(b"better", b"bitter"))
        ended = command("apply", "--old", captured.old, "--bundle", captured.folder)
        assert (ended.exit_code, captured.sides()) == (2, before), ended.output
        assert "changed after it was reviewed" in ended.stderr
        path.write_bytes(kept)
    decisions = captured.folder / "reviewed.json"
    decisions.write_text(decisions.read_text().replace('"clean"', '"all"'))
    ended = command("apply", "--old", captured.old, "--bundle", captured.folder)
    assert (ended.exit_code, captured.sides()) == (2, before)
    assert "digest" in ended.stderr


@pytest.mark.parametrize("role", ["postgres", "psqladmin"])
def test_a_child_without_its_parent_is_refused(captured: Captured, role: str) -> None:
    """Also where triggers and keys stand still, and so nobody else would notice."""
    edit(captured.file("account"), lambda lines: [line.__setitem__(1, "skip") for line in lines if line[4] == "10"])
    assert command("review", "--bundle", captured.folder).exit_code == 0
    before = captured.sides()
    ended = command("apply", "--old", captured.pair.old.conninfo(role), "--bundle", captured.folder)
    assert (ended.exit_code, captured.sides()) == (2, before)
    assert "foreign key account_parent_fkey" in ended.stderr or "account_parent_fkey does not hold" in ended.stderr


def test_a_value_that_only_the_server_can_refuse_is_named(captured: Captured) -> None:
    """An edit that the offline rules let pass is found by file, row and column, and nothing is applied."""
    edit(captured.file("account"), cell("parent", "\\N", "77"))
    assert command("review", "--bundle", captured.folder).exit_code == 0
    before = captured.sides()
    ended = command("apply", "--old", captured.old, "--bundle", captured.folder)
    assert (ended.exit_code, captured.sides()) == (2, before)
    assert "account_parent_fkey" in ended.stderr


def test_two_recoveries_at_once_one_is_refused(captured: Captured) -> None:
    """While one holds old, another is turned away and says by whom."""
    command("review", "--bundle", captured.folder)
    with session.on(captured.old, "old") as link, lock.held(link):
        ended = command("apply", "--old", captured.old, "--bundle", captured.folder)
    assert ended.exit_code == 2
    assert f"switchback {os.uname().nodename[:40]} {os.getpid()}" in ended.stderr
    assert command("apply", "--old", captured.old, "--bundle", captured.folder).exit_code == 0


def test_a_session_that_this_process_has_lost_is_no_other_recovery(captured: Captured) -> None:
    """The server may not have noticed yet: a retry ends it, and goes on."""
    command("review", "--bundle", captured.folder)
    lost = [session.opened(captured.old, "old") for _ in (lock.APPLY, lock.RUN)]
    for link, what in zip(lost, (lock.APPLY, lock.RUN), strict=True):
        with lock.held(link, what):
            pass
    assert command("apply", "--old", captured.old, "--bundle", captured.folder).exit_code == 0
    with session.on(captured.old, "old") as link, lock.held(link, lock.RUN):
        pass
    for link in lost:
        with pytest.raises(psycopg.OperationalError):
            link.execute("select 1")


def test_help_is_quick_and_says_what_the_codes_are() -> None:
    """The command starts without loading what it may not need."""
    words = [sys.executable, "-X", "importtime", "-m", "flows.recover", "--help"]
    ended = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=True)
    for heavy in ("pandas", "psycopg", "prefect", "jinja2"):
        assert f" {heavy}\n" not in ended.stderr


@pytest.mark.parametrize("role", ["psqladmin", "postgres"])
def test_a_child_whose_parent_was_skipped_is_refused(clone: Clone, tmp_path: Path, role: str) -> None:
    """Also where keys stand still, and the parent's table has nothing else to apply."""
    pair = twins(clone)
    pair.everywhere("create table p (id int primary key); create table c (id int primary key, p int references p)")
    run(pair.new, "insert into p values (3); insert into c values (9, 3)")
    found = capture(pair, tmp_path / "bundle")
    edit(found.file("p"), decide("insert", "skip"))
    assert command("review", "--bundle", found.folder).exit_code == 0
    applied = command("apply", "--old", pair.old.conninfo(role), "--bundle", found.folder)
    assert (applied.exit_code, "c_p_fkey" in applied.output) == (2, True)
    assert exactly.contents(pair.old.conninfo("postgres"))["public.c"][1] == []
