"""Users went home, wrote on old, and were sent forward again: what only old holds outlives the next capture."""

from collections.abc import Callable
from pathlib import Path

import pytest

from switchback.domain.model import Side
from switchback.recovery import bundle, capture, review, undo
from switchback.recovery.apply import apply
from switchback.recovery.reviewed import Decide
from tests import exactly
from tests.fix_postgres import LocalDatabase
from tests.twins import Twins, changes, run, twins

Clone = Callable[..., LocalDatabase]
TABLES = (
    "create table numbered (id int primary key, v text)",
    "create table named (k text primary key, v text)",
    "create table loose (v text)",
    "insert into numbered select i, 'v' from generate_series(1, 9) i",
    "insert into named select 'k' || i, 'v' from generate_series(1, 9) i",
    "insert into loose select 'v' || i from generate_series(1, 9) i",
)
FIRST_ON_NEW = (
    "insert into numbered values (20, 'n')",
    "insert into named values ('n20', 'n')",
    "insert into loose values ('n20')",
    "update numbered set v = 'n' where id = 1",
    "update named set v = 'n' where k = 'k1'",
    "delete from loose where v = 'v1'",
)
ON_OLD = (
    "insert into numbered values (30, 'o'), (-1, 'o')",
    "insert into named values ('o30', 'o'), ('a', 'o')",
    "insert into loose values ('o30'), ('v9')",
    "update numbered set v = 'o' where id = 2",
    "update named set v = 'o' where k = 'k2'",
    "delete from numbered where id = 3",
    "delete from named where k = 'k3'",
)
THEN_ON_NEW = (
    "insert into numbered values (40, 'n')",
    "insert into named values ('n40', 'n')",
    "insert into loose values ('n40')",
    "update numbered set v = 'nn' where id = 4",
    "update named set v = 'nn' where k = 'k4'",
    "delete from numbered where id = 5",
    "delete from loose where v = 'v5'",
)
#: What users did on old, as the last capture must leave it: present rows and absent keys, by table.
KEPT = {
    "numbered": ({("30", "o"), ("-1", "o"), ("2", "o")}, {"3"}),
    "named": ({("o30", "o"), ("a", "o"), ("k2", "o")}, {"k3"}),
    "loose": ({("o30",)}, set()),
}


def been_home(clone: Clone, folder: Path, *, taken_back: bool) -> Twins:
    """Twins whose users were on new, then home with what they had written, then on new again."""
    pair = twins(clone)
    pair.everywhere(*TABLES)
    run(pair.new, *FIRST_ON_NEW)
    pair.capture(folder)
    review.review(folder, Decide.LEAVE)
    apply(pair.old.conninfo(), folder)
    if taken_back:
        undo.undo(pair.old.conninfo(), folder)
    run(pair.old, *ON_OLD)
    run(pair.new, *THEN_ON_NEW)
    return pair


def rows(database: LocalDatabase, table: str) -> list[tuple[str, ...]]:
    """A table's rows as texts."""
    _, held = exactly.contents(database.conninfo())[f"public.{table}"]
    return [tuple(row[1:-1].split(",")) for row in held]


def second(pair: Twins, folder: Path, method: bundle.Method | None) -> bundle.Bundle:
    """Captured again from the same cutover, decided without people, applied."""
    found = pair.capture(
        folder,
        method=method,
        cutover_snapshot="" if method is bundle.Method.DIFF else pair.snapshots[Side.NEW],
        old_snapshot=pair.snapshots[Side.OLD],
    )
    review.review(folder, Decide.LEAVE)
    apply(pair.old.conninfo(), folder)
    return found


@pytest.mark.parametrize("taken_back", [False, True], ids=["brought home", "taken back"])
@pytest.mark.parametrize("method", [bundle.Method.SNAPSHOT, bundle.Method.DIFF])
def test_what_only_old_holds_is_never_captured_as_deleted(
    clone: Clone, tmp_path: Path, method: bundle.Method, *, taken_back: bool
) -> None:
    """Integer keys, other keys, no keys: rows of old stay, rows of new come, nobody is asked to give one up unasked."""
    pair = been_home(clone, tmp_path / "first", taken_back=taken_back)
    found = second(pair, tmp_path / "second", method)
    for table, (present, absent) in KEPT.items():
        held = rows(pair.old, table)
        assert present <= set(held)
        given_up = {row for operation, why, _, row in changes(found, table) if operation == "delete" and not why}
        assert not given_up & present
        if method is bundle.Method.SNAPSHOT:
            assert not absent & {row[0] for row in held}
    assert rows(pair.old, "loose").count(("v9",)) == 2


@pytest.mark.parametrize("taken_back", [False, True], ids=["brought home", "taken back"])
@pytest.mark.parametrize("method", [bundle.Method.SNAPSHOT, bundle.Method.DIFF])
def test_what_only_new_wrote_comes_home_again(
    clone: Clone, tmp_path: Path, method: bundle.Method, *, taken_back: bool
) -> None:
    """Rows that were taken back come a second time; rows written since come a first time; deletes too."""
    pair = been_home(clone, tmp_path / "first", taken_back=taken_back)
    second(pair, tmp_path / "second", method)
    assert {("20", "n"), ("40", "n"), ("4", "nn")} <= set(rows(pair.old, "numbered"))
    assert {("n20", "n"), ("n40", "n"), ("k4", "nn")} <= set(rows(pair.old, "named"))
    assert {("n20",), ("n40",)} <= set(rows(pair.old, "loose"))
    assert "5" not in {row[0] for row in rows(pair.old, "numbered")}
    assert ("v5",) not in rows(pair.old, "loose")


def test_by_diff_a_row_that_both_may_have_written_is_a_conflict(clone: Clone, tmp_path: Path) -> None:
    """Without new's snapshot nothing tells what new wrote: what old wrote is never overwritten, and never guessed."""
    pair = been_home(clone, tmp_path / "first", taken_back=False)
    request = capture.Request(cutover=pair.cutover, old_snapshot=pair.snapshots[Side.OLD])
    capture.capture(pair.old.conninfo(), pair.new.conninfo(), tmp_path / "b", request)
    found = changes(bundle.opened(tmp_path / "b"), "numbered")
    assert ("update", "changed-on-both", ("2", "v"), ("2", "o")) in found
    assert ("insert", "deleted-on-old", ("3", "v"), None) in found
    assert ("insert", "", ("40", "n"), None) in found
