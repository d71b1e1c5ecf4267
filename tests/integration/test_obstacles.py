"""What needs a row that waits for a person waits too: the CSV calls nothing clean that old would refuse."""

from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import psycopg

from switchback.domain.model import Side
from switchback.recovery import bundle, review
from switchback.recovery.apply import apply
from switchback.recovery.bundle import Conflict
from switchback.recovery.judge import Deletes
from switchback.recovery.reviewed import Decide
from switchback.recovery.summary import conflicts
from tests.fix_postgres import LocalDatabase
from tests.twins import Twins, run, twins

Clone = Callable[..., LocalDatabase]
TAKEN, DEPENDS, GONE = "unique-taken: t_v_key", "depends-on-undecided: {}", "parent-gone: {}"


def made(clone: Clone) -> Twins:
    """Three tables that refer to each other, one of them to itself."""
    pair = twins(clone)
    pair.everywhere(
        "create table t (id int primary key, v text unique)",
        "create table c (id int primary key, t int references t, above int references c)",
        "create table g (id int primary key, c int references c)",
        "insert into t select i, 'v' || i from generate_series(1, 9) i",
        "insert into c select i, i from generate_series(1, 9) i",
    )
    return pair


def reasons(found: bundle.Bundle) -> dict[str, str]:
    """Why each row of new is not simply applied, by table and key; "" where it is. What only old wrote is left out."""
    told = {}
    for note in found.manifest.tables:
        for row in found.rows(note):
            if row.conflict is Conflict.KEPT_ON_OLD:
                continue
            [key, *_] = row.new or row.old or ("",)
            told[f"{note.name}{key}"] = f"{row.conflict}: {row.constraint}" if row.constraint else row.conflict.value
    return told


def applied(pair: Twins, place: Path) -> dict[str, list[int]]:
    """The keys that old has after all that waits for nobody was applied, by table."""
    review.review(place, Decide.LEAVE)
    apply(pair.old.conninfo(), place)
    with closing(psycopg.connect(pair.old.conninfo())) as link:
        return {name: [key for (key,) in link.execute(f"select id from {name} order by id")] for name in "tcg"}  # noqa: S608


def test_who_needs_a_row_that_waits_waits_too(clone: Clone, tmp_path: Path) -> None:
    """Through tables and within one, however the rows lie; what needs none of them comes home."""
    pair = made(clone)
    run(pair.old, "insert into t values (20, 'taken')")
    run(
        pair.new,
        "insert into t values (21, 'taken'), (22, 'free')",
        "insert into c values (31, 22, 40), (40, 22, 50), (50, 21, null), (60, 22, null)",
        "insert into g values (10, 31), (11, 50), (12, 60)",
    )
    found = pair.capture(tmp_path / "b", old_snapshot=pair.snapshots[Side.OLD])
    above, child, grandchild = (DEPENDS.format(key) for key in ("c_above_fkey", "c_t_fkey", "g_c_fkey"))
    assert reasons(found) == {
        "t21": TAKEN,
        "t22": "",
        "c31": above,
        "c40": above,
        "c50": child,
        "c60": "",
        "g10": grandchild,
        "g11": grandchild,
        "g12": "",
    }
    first, second, *_ = conflicts.shown(found)
    assert (first.kind, second.kind) == (TAKEN, above)
    assert [(cell.column, cell.old, cell.new) for cell in first.cells] == [("id", "20", "21"), ("v", "taken", "taken")]
    assert [(cell.column, cell.new) for cell in second.cells] == [("id", "31"), ("t", "22"), ("above", "40")]
    assert applied(pair, tmp_path / "b") == {"t": [*range(1, 10), 20, 22], "c": [*range(1, 10), 60], "g": [12]}


def test_a_row_that_cannot_go_keeps_what_it_refers_to(clone: Clone, tmp_path: Path) -> None:
    """A child that old has written since keeps its parent, and that one its own; a value they hold stays taken."""
    pair = made(clone)
    run(pair.old, "insert into g values (80, 8)")
    run(
        pair.new,
        "delete from c where id in (7, 8)",
        "delete from t where id in (7, 8)",
        "insert into t values (30, 'v7'), (31, 'v8')",
        "insert into c values (31, 31)",
    )
    found = pair.capture(tmp_path / "b", old_snapshot=pair.snapshots[Side.OLD])
    assert reasons(found) == {
        "g80": "only-on-old",
        "c7": "",
        "t7": "",
        "t30": "",
        "c8": GONE.format("g_c_fkey"),
        "t8": DEPENDS.format("c_t_fkey"),
        "t31": TAKEN,
        "c31": DEPENDS.format("c_t_fkey"),
    }
    kept = [1, 2, 3, 4, 5, 6, 8, 9]
    assert applied(pair, tmp_path / "b") == {"t": [*kept, 30], "c": kept, "g": [80]}


def test_rows_that_need_each_other_wait_only_for_others(clone: Clone, tmp_path: Path) -> None:
    """Circles end, and come home where nothing else holds them up."""
    pair = made(clone)
    run(pair.old, "insert into t values (20, 'taken')")
    run(
        pair.new,
        "insert into t values (21, 'taken')",
        "insert into c values (30, null), (31, null), (40, null), (41, 21)",
        "update c set above = case id when 30 then 31 when 31 then 30 when 40 then 41 else 40 end where id >= 30",
    )
    found = pair.capture(tmp_path / "b", old_snapshot=pair.snapshots[Side.OLD])
    told = reasons(found)
    assert (told["c30"], told["c31"], told["c41"]) == ("", "", DEPENDS.format("c_t_fkey"))
    assert told["c40"] == DEPENDS.format("c_above_fkey")
    assert applied(pair, tmp_path / "b")["c"] == [*range(1, 10), 30, 31]


def test_long_chains_are_followed_once(clone: Clone, tmp_path: Path) -> None:
    """A row at the end of a chain that spans many chunks is told like the first one."""
    pair = made(clone)
    run(pair.old, "insert into t values (20, 'taken')")
    run(
        pair.new,
        "insert into t values (21, 'taken')",
        "insert into c values (100, 21)",
        "insert into c select i, 1, i - 1 from generate_series(101, 1500) i",
    )
    found = pair.capture(tmp_path / "b", old_snapshot=pair.snapshots[Side.OLD])
    told = reasons(found)
    assert {told[f"c{key}"] for key in range(101, 1501)} == {DEPENDS.format("c_above_fkey")}


def test_deletes_that_nobody_has_seen_hold_what_waits_for_them(clone: Clone, tmp_path: Path) -> None:
    """Where deletes wait for a person, the values of those rows are not free yet."""
    pair = made(clone)
    run(pair.old, "update t set v = 'o' where id = 1")
    run(
        pair.new,
        "delete from c where id = 9",
        "delete from t where id = 9",
        "insert into t values (40, 'v9')",
        "insert into c values (40, 40)",
    )
    unseen = Deletes(conflict=Conflict.TABLE_EMPTIED)
    found = pair.capture(tmp_path / "b", old_snapshot=pair.snapshots[Side.OLD], deletes=unseen)
    assert reasons(found) == {
        "c9": "table-emptied",
        "t9": "table-emptied",
        "t40": TAKEN,
        "c40": DEPENDS.format("c_t_fkey"),
    }
