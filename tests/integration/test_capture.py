"""Capture on two real servers of different majors: every change, told exactly, and nothing else."""

# ruff: noqa: S608 - the SQL of throw-away databases

from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import psycopg
import pytest

from switchback.domain.model import Side
from switchback.recovery import at_cutover, bundle, capture, discover, pairing, sides
from switchback.recovery.capture import method
from tests.fix_postgres import LocalDatabase
from tests.twins import Twins, changes, note_of, run, twins

Clone = Callable[..., LocalDatabase]
METHODS = [bundle.Method.SNAPSHOT, bundle.Method.DIFF]
MANY = 6000  #: rows; above find.SMALL, so that sums come first


@pytest.mark.parametrize("by", METHODS)
def test_inserts_updates_and_deletes_are_told_with_both_values(clone: Clone, tmp_path: Path, by: bundle.Method) -> None:
    """Defects 34 to 38: what no timestamp column shows is there too; a row rewritten as it was is not."""
    pair = twins(clone)
    pair.everywhere(
        "create table t (id int primary key, v text, n int)",
        "insert into t select i, 'v' || i, i from generate_series(1, 9) i",
    )
    run(
        pair.new,
        "insert into t values (10, null, 0)",
        "update t set v = '' where id = 1",
        "update t set n = n where id = 2",
        "delete from t where id = 3",
        "update t set id = 40 where id = 4",
    )
    found = pair.capture(tmp_path / "b", method=by)
    assert changes(found, "t") == [
        ("delete", "", None, ("3", "v3", "3")),
        ("delete", "", None, ("4", "v4", "4")),
        ("insert", "", ("10", None, "0"), None),
        ("insert", "", ("40", "v4", "4"), None),
        ("update", "", ("1", "", "1"), ("1", "v1", "1")),
    ]
    assert note_of(found, "t").method is by


@pytest.mark.parametrize("by", METHODS)
def test_every_change_of_a_values_text_is_seen(clone: Clone, tmp_path: Path, by: bundle.Method) -> None:
    """Values that are equal to Postgres and not to the eye: 1.5 and 1.50, -0, one day and 24 hours, json's blanks."""
    pair = twins(clone)
    changed = {
        "numeric": ("1.5", "1.50"),
        "double precision": ("0", "-0"),
        "interval": ("1 day", "24:00:00"),
        "jsonb": ('{"a": 1.0}', '{"a": 1.00}'),
        "json": ('{"a":1}', '{"a": 1}'),
        "bpchar": ("a", "a "),
        "numeric[]": ("{1.0}", "{1.00}"),
        "point": ("(1,2)", "(1,-2)"),
        "integer[]": ("{1,2}", "[0:1]={1,2}"),
    }
    columns = ", ".join(f'"{kind}" {kind}' for kind in changed)
    before = ", ".join(f"'{was}'" for was, _ in changed.values())
    filler = f"insert into t select i, {', '.join('null' for _ in changed)} from generate_series(100, {MANY}) i"
    inserts = [f"insert into t values ({number}, {before})" for number in range(len(changed))]
    pair.everywhere(f"create table t (id int primary key, {columns})", filler, *inserts, "analyze")
    for number, (kind, (_, becomes)) in enumerate(changed.items()):
        run(pair.new, f"update t set \"{kind}\" = '{becomes}' where id = {number}")
    found = pair.capture(tmp_path / "b", method=by)
    rows = [zip(old or (), new or (), strict=True) for _, _, new, old in changes(found, "t")]
    told = [[(was, becomes) for was, becomes in row if was != becomes] for row in rows]
    assert sorted(told) == sorted([[pair] for pair in changed.values()])


def test_rows_that_swap_a_value_are_seen_though_the_sum_of_their_columns_is_the_same(
    clone: Clone, tmp_path: Path
) -> None:
    """The server's own record hash adds up linearly; ours is mixed."""
    pair = twins(clone)
    pair.everywhere(
        "create table t (id int primary key, v text)",
        f"insert into t select i, 'v' || i from generate_series(1, {MANY}) i",
        "analyze",
    )
    run(pair.new, "update t set v = case id when 7 then 'v8' else 'v7' end where id in (7, 8)")
    found = pair.capture(tmp_path / "b", method=bundle.Method.DIFF)
    assert [row[2] for row in changes(found, "t")] == [("7", "v8"), ("8", "v7")]


@pytest.mark.parametrize("by", METHODS)
def test_many_rows_that_are_only_inserted_come_straight_from_the_server(
    clone: Clone, tmp_path: Path, by: bundle.Method
) -> None:
    """The server writes the CSV; text that looks like an escape, a formula or NULL comes back as it was."""
    texts = ["", "\\N", "\\.", "=1", "-1", "'x", " y", 'a\r\n"b",', "\\", "e\u0301", "\ufeff", "\uff1d1"]
    pair = twins(clone)
    pair.everywhere(
        "create table t (id bigint primary key, v text, n int, created_at timestamptz default now(), d bytea, "
        "i interval)",
        f"insert into t select i, 'v' || i, i, '2020-01-01' from generate_series(1, {MANY}) i",
        "analyze",
    )
    with closing(psycopg.connect(pair.new.conninfo(), autocommit=True)) as link:
        for number, text in enumerate(texts):
            row = (MANY + 1 + number, text, -number, b"\\x", "-1 day")
            link.execute("insert into t (id, v, n, d, i) values (%s, %s, %s, %s, %s)", row)
        link.execute("insert into t (id, created_at) values (%s, null)", (MANY + 100,))
    found = pair.capture(tmp_path / "b", method=by)
    note = note_of(found, "t")
    assert (note.inserts, note.updates, note.deletes, note.layout.old) == (len(texts) + 1, 0, 0, False)
    rows = sorted(found.rows(note), key=lambda row: int((row.new or ("0",))[0] or 0))
    assert [row.new[1] for row in rows if row.new] == [*texts, None]
    assert [row.new[2] for row in rows if row.new] == [*(str(-number) for number in range(len(texts))), None]
    assert {row.new[4:] for row in rows[:-1] if row.new} == {("\\x5c78", "-1 days")}
    assert sorted(row.number for row in rows) == list(range(1, len(texts) + 2))
    assert note.lost_by_timestamps == 1


@pytest.mark.parametrize("rows", [0, 9, MANY])
@pytest.mark.parametrize("by", METHODS)
def test_rows_numbered_beyond_olds_last_are_told_beside_all_other_changes(
    clone: Clone, tmp_path: Path, by: bundle.Method, rows: int
) -> None:
    """The server writes those; below old's last number, and of it, rows may have come, gone, moved or changed."""
    pair = twins(clone)
    pair.everywhere(
        "create table t (id int primary key, v text, created_at timestamptz default now())",
        f"insert into t select i, 'v' || i, '2020-01-01' from generate_series(1, {rows}) i",
        "analyze",
    )
    run(
        pair.new,
        f"insert into t values (-7, ',', null), ({rows + 20}, '=1', now()), ({rows + 30}, e'a\n\"b', null)",
        "update t set v = '' where id = 2",
        "update t set v = v where id = 3",
        f"update t set id = {rows + 90} where id = 4",
        f"delete from t where id = {rows}",
    )
    found = pair.capture(tmp_path / "b", method=by)
    told = [(operation, *(row and row[:2] for row in both)) for operation, _, *both in changes(found, "t")]
    moved = [("delete", None, ("4", "v4")), ("insert", (str(rows + 90), "v4"), None)]
    others = [("delete", None, (str(rows), f"v{rows}")), ("update", ("2", ""), ("2", "v2")), *moved]
    inserts = [("-7", ","), (str(rows + 20), "=1"), (str(rows + 30), 'a\n"b')]
    assert sorted(told, key=repr) == sorted(
        [*(("insert", row, None) for row in inserts), *(others if rows else ())], key=repr
    )
    note = note_of(found, "t")
    assert [row.number for row in found.rows(note)] == list(range(1, len(told) + 1))
    assert note.lost_by_timestamps == (6 if rows else 2)


def test_transactions_that_straddle_the_cutover_are_not_missed(clone: Clone, tmp_path: Path) -> None:
    """Defect 40: begun before, committed after, with savepoints whose own ids the snapshot does not list."""
    pair = twins(clone)
    pair.everywhere("create table t (id int primary key, at timestamptz default now())")
    with closing(psycopg.connect(pair.new.conninfo())) as slow:
        slow.execute("insert into t values (1)")
        with slow.transaction():
            slow.execute("insert into t values (2)")
        pair.everywhere("select 1")
        with slow.transaction():
            slow.execute("insert into t values (3)")
        slow.commit()
    found = pair.capture(tmp_path / "b")
    assert found.manifest.method is bundle.Method.SNAPSHOT
    assert sorted((new or ("",))[0] or "" for _, _, new, _ in changes(found, "t")) == ["1", "2", "3"]


def test_rows_without_a_key_are_counted(clone: Clone, tmp_path: Path) -> None:
    """Duplicates come and go one by one; a table without columns has rows all the same."""
    pair = twins(clone)
    pair.everywhere(
        "create table k (v text, n numeric)",
        "insert into k values ('a', 1.0), ('a', 1.0), ('a', 1.0), ('b', null)",
        "create table z ()",
        "insert into z default values",
    )
    run(
        pair.new,
        "delete from k where ctid = (select min(ctid) from k)",
        "insert into k values ('b', null), ('a', 1.00)",
        "insert into z default values",
    )
    found = pair.capture(tmp_path / "b")
    assert changes(found, "k") == [
        ("delete", "", None, ("a", "1.0")),
        ("insert", "", ("a", "1.00"), None),
        ("insert", "", ("b", None), None),
    ]
    assert changes(found, "z") == [("insert", "", (), None)]


def test_partitions_inheritance_and_names_of_any_kind_are_read_once(clone: Clone, tmp_path: Path) -> None:
    """Defects 47 to 51: rows by their root, an inheritance table by table, columns by name, none that is generated."""
    pair = twins(clone)
    pair.everywhere(
        "create table p (id int, at date, v text, primary key (id, at)) partition by range (at)",
        "create table p1 partition of p for values from ('2026-01-01') to ('2026-02-01')",
        "create table p2 partition of p default partition by list (id)",
        "create table p2a partition of p2 default",
        "create table parent (id int primary key, v text)",
        "create table child (extra int) inherits (parent)",
        "alter table child add primary key (id)",
        'create schema "select"',
        'create table "select"."a/b\nc" ("from" int generated always as identity primary key, "old:x" text, '
        '"_op" text, "Wide" int generated always as (1) stored)',
        "insert into p values (1, '2026-01-05', 'x')",
    )
    run(pair.old, 'alter table "select"."a/b\nc" drop column "old:x"', 'alter table "select"."a/b\nc" add "old:x" text')
    run(
        pair.new,
        "update p set at = '2026-03-01' where id = 1",
        "insert into parent values (1, 'p')",
        "insert into child values (1, 'c', 2)",
        'insert into "select"."a/b\nc" ("old:x", "_op") values (\'o\', \'p\')',
    )
    found = pair.capture(tmp_path / "b")
    assert changes(found, "p") == [
        ("delete", "", None, ("1", "2026-01-05", "x")),
        ("insert", "", ("1", "2026-03-01", "x"), None),
    ]
    assert changes(found, "parent") == [("insert", "", ("1", "p"), None)]
    assert changes(found, "child") == [("insert", "", ("1", "c", "2"), None)]
    assert changes(found, "a/b\nc") == [("insert", "", ("1", "p", "o"), None)]
    assert {note.name for note in found.manifest.tables} == {"p", "parent", "child", "a/b\nc"}


def test_the_timestamp_rule_is_held_against_what_changed(clone: Clone, tmp_path: Path) -> None:
    """The report says what the rule alone loses; as a method of its own it finds exactly the rest."""
    pair = twins(clone)
    pair.everywhere(
        "create table t (id int primary key, v text, created_at timestamp default now(), updated_at timestamptz)",
        "insert into t select i, 'v', '2020-01-01' from generate_series(1, 5) i",
        "create table u (id int primary key)",
    )
    run(
        pair.new,
        "insert into t values (6, 'v')",
        "insert into t values (7, 'backdated', '2020-01-01')",
        "update t set v = 'silent' where id = 1",
        "update t set v = 'seen', updated_at = now() where id = 2",
        "delete from t where id = 3",
        "insert into u values (1)",
    )
    found = pair.capture(tmp_path / "all")
    assert (note_of(found, "t").lost_by_timestamps, note_of(found, "u").lost_by_timestamps) == (3, 1)
    assert note_of(found, "t").timestamp_columns == ("created_at", "updated_at")
    seen = pair.capture(tmp_path / "seen", method=bundle.Method.TIMESTAMPS)
    assert sorted((new or ("",))[0] or "" for _, _, new, _ in changes(seen, "t")) == ["2", "6"]
    assert "no timestamp column" in note_of(seen, "u").why


def test_large_objects_come_with_their_content(clone: Clone, tmp_path: Path) -> None:
    """New ones, changed ones and those that went, by content."""
    pair = twins(clone)
    pair.everywhere("select lo_from_bytea(7001, 'same'), lo_from_bytea(7002, 'old'), lo_from_bytea(7003, 'gone')")
    run(
        pair.new,
        "select lo_put(7002, 0, 'new'), lo_unlink(7003)",
        "select lo_from_bytea(7004, decode(repeat('00ff', 700000), 'hex'))",
        "select lo_create(7005)",
    )
    found = pair.capture(tmp_path / "b")
    rows = list(found.large_objects())
    assert [(row.operation.value, (row.new or row.old or ("",))[0]) for row in rows] == [
        ("update", "7002"),
        ("delete", "7003"),
        ("insert", "7004"),
        ("insert", "7005"),
    ]
    assert b"".join(found.content(rows[0])) == b"new"
    assert b"".join(found.content(rows[2])) == b"\x00\xff" * 700000
    assert b"".join(found.content(rows[3])) == b""


def three_way(clone: Clone) -> Twins:
    """A base, and the same row written on both sides in every way that two people can."""
    pair = twins(clone, base=True)
    pair.everywhere(
        "create table t (id int primary key, v text unique)",
        "create table c (id int primary key, t int references t)",
        "insert into t select i, 'v' || i from generate_series(1, 12) i",
        "insert into c select i, i from generate_series(7, 9) i",
    )
    run(
        pair.old,
        "update t set v = 'old' where id in (1)",
        "delete from t where id = 2",
        "update t set v = 'o3' where id = 3",
        "update t set v = 'same' where id = 4",
        "insert into t values (20, 'o20'), (21, 'o21')",
        "delete from t where id = 5",
        "insert into t values (30, 'taken')",
        "delete from c where id = 7",
        "delete from t where id = 7",
        "insert into c values (100, 6)",
    )
    run(
        pair.new,
        "update t set v = 'new' where id = 1",
        "update t set v = 'n2' where id = 2",
        "delete from t where id = 3",
        "update t set v = 'same' where id = 4",
        "insert into t values (20, 'n20')",
        "update t set v = 'clean' where id = 10",
        "insert into t values (31, 'taken')",
        "insert into c values (50, 7)",
        "delete from t where id = 6",
    )
    return pair


def test_both_sides_are_held_against_the_base(clone: Clone, tmp_path: Path) -> None:
    """Each conflict by its kind; what one side alone did is no conflict; what both did alike is nothing."""
    found = three_way(clone).capture(tmp_path / "b")
    assert changes(found, "t") == sorted(
        [
            ("update", "changed-on-both", ("1", "new"), ("1", "old")),
            ("insert", "deleted-on-old", ("2", "n2"), None),
            ("delete", "deleted-on-new", None, ("3", "o3")),
            ("update", "inserted-on-both", ("20", "n20"), ("20", "o20")),
            ("delete", "kept-on-old", None, ("21", "o21")),
            ("insert", "kept-on-old", ("5", "v5"), None),
            ("insert", "kept-on-old", ("7", "v7"), None),
            ("update", "", ("10", "clean"), ("10", "v10")),
            ("delete", "kept-on-old", None, ("30", "taken")),
            ("insert", "unique-taken", ("31", "taken"), None),
            ("delete", "parent-gone", None, ("6", "v6")),
        ],
        key=repr,
    )
    assert changes(found, "c") == sorted(
        [
            ("insert", "kept-on-old", ("7", "7"), None),
            ("insert", "parent-gone", ("50", "7"), None),
            ("delete", "kept-on-old", None, ("100", "6")),
        ],
        key=repr,
    )
    note = note_of(found, "t")
    assert (note.conflicts, note.kept_on_old, found.manifest.three_way) == (6, 4, True)
    bases = {(row.new or row.old or ("",))[0]: row.base for row in found.rows(note) if row.conflict}
    assert (bases["1"], bases["2"], bases["20"], bases["31"]) == (("1", "v1"), ("2", "v2"), None, None)
    holder = next(row.holder for row in found.rows(note) if row.conflict is bundle.Conflict.UNIQUE_TAKEN)
    assert holder == ("30", "taken")


def test_a_column_may_be_called_as_ours_are(clone: Clone, tmp_path: Path) -> None:
    """An index's terms come from the catalog as they are, without the table's name."""
    pair = twins(clone)
    pair.everywhere(
        "create table t (id int primary key, place int, number int)",
        "create unique index on t (place, (place + number)) where place > 0",
        "insert into t values (1, 1, 1), (2, 2, 2)",
    )
    run(pair.old, "insert into t values (3, 3, 3)")
    run(pair.new, "update t set place = 3, number = 3 where id = 1", "update t set number = 5 where id = 2")
    found = pair.capture(tmp_path / "b", old_snapshot=pair.snapshots[Side.OLD])
    assert [row[:2] for row in changes(found, "t")] == [
        ("delete", "kept-on-old"),
        ("update", ""),
        ("update", "unique-taken"),
    ]


def test_olds_own_snapshot_tells_what_was_written_there(clone: Clone, tmp_path: Path) -> None:
    """Without a base: rows that both sides wrote are conflicts, and what only old wrote stays."""
    pair = twins(clone)
    pair.everywhere(
        "create table t (id int primary key, v text)",
        "create table k (v text)",
        "insert into t select i, 'v' || i from generate_series(1, 9) i",
        "insert into k values ('a'), ('b')",
    )
    run(
        pair.old,
        "update t set v = 'o' where id in (1, 2)",
        "delete from t where id in (3, 6)",
        "insert into t values (20, 'o'), (0, 'o')",
        "insert into k values ('o')",
    )
    run(
        pair.new,
        "update t set v = 'n' where id in (1, 4, 6)",
        "insert into t values (10, 'n')",
        "delete from t where id = 5",
        "delete from k where v = 'a'",
        "insert into k values ('n')",
    )
    found = pair.capture(tmp_path / "b", old_snapshot=pair.snapshots[next(iter(pair.snapshots))])
    assert changes(found, "t") == sorted(
        [
            ("update", "changed-on-both", ("1", "n"), ("1", "o")),
            ("update", "kept-on-old", ("2", "v2"), ("2", "o")),
            ("insert", "kept-on-old", ("3", "v3"), None),
            ("update", "", ("4", "n"), ("4", "v4")),
            ("delete", "", None, ("5", "v5")),
            ("insert", "", ("10", "n"), None),
            ("insert", "deleted-on-old", ("6", "n"), None),
            ("delete", "only-on-old", None, ("0", "o")),
            ("delete", "kept-on-old", None, ("20", "o")),
        ],
        key=repr,
    )
    assert changes(found, "k") == [
        ("delete", "", None, ("a",)),
        ("delete", "kept-on-old", None, ("o",)),
        ("insert", "", ("n",), None),
    ]


KEYED_BY_TEXT = "create table t (id text, n int, v text, primary key (id, n))"


@pytest.mark.parametrize("rows", [9, 6000])
def test_the_keys_of_the_cutover_tell_what_was_made_on_old(clone: Clone, tmp_path: Path, rows: int) -> None:
    """Whatever their type, together. Where new has deleted what old has changed they tell nothing: a person does."""
    pair = twins(clone)
    pair.everywhere(KEYED_BY_TEXT, f"insert into t select i, i, 'v' from generate_series(1, {rows}) i")
    keys = at_cutover.key_sums(pair.old.conninfo(), pair.new.conninfo())
    assert [(one.table, one.rows) for one in keys] == [("t", rows)]
    old = {"old_snapshot": pair.snapshots[Side.OLD], "keys": keys}
    run(
        pair.old,
        "insert into t values ('a', 0, 'old')",
        "update t set v = 'o' where n in (1, 2)",
        "delete from t where n = 7",
    )
    run(
        pair.new,
        "insert into t values ('b', 0, 'new')",
        "update t set v = 'n' where n = 4",
        "delete from t where n = 5",
    )
    expected = [
        ("delete", "", None, ("5", "5", "v")),
        ("delete", "kept-on-old", None, ("a", "0", "old")),
        ("insert", "", ("b", "0", "new"), None),
        ("insert", "kept-on-old", ("7", "7", "v"), None),
        ("update", "", ("4", "4", "n"), ("4", "4", "v")),
        ("update", "kept-on-old", ("1", "1", "v"), ("1", "1", "o")),
        ("update", "kept-on-old", ("2", "2", "v"), ("2", "2", "o")),
    ]
    assert sorted(changes(pair.capture(tmp_path / "told", **old), "t"), key=repr) == expected
    run(pair.new, "delete from t where n = 1")
    asked = [*expected[:1], ("delete", "only-on-old", None, ("1", "1", "o"))]
    asked += [("delete", "only-on-old", None, ("a", "0", "old")), *expected[2:5], expected[6]]
    assert sorted(changes(pair.capture(tmp_path / "asked", **old), "t"), key=repr) == asked
    untold = pair.capture(tmp_path / "untold", old_snapshot=pair.snapshots[Side.OLD])
    assert sorted(changes(untold, "t"), key=repr) == asked


def test_schemas_that_differ_are_mapped_or_refused_as_a_whole(clone: Clone, tmp_path: Path) -> None:
    """Wider on old is fine; everything that could lose something is listed at once (defects 47, 63)."""
    pair = twins(clone)
    pair.everywhere("create table t (id int primary key, v varchar(10), n int, gone int)")
    run(
        pair.old,
        "alter table t alter v type text",
        "alter table t alter n type bigint",
        "alter table t add o int default 5",
    )
    run(pair.new, "alter table t drop column gone", "create table empty (id int)", "insert into t values (1, 'x', 2)")
    found = pair.capture(tmp_path / "mapped", method=bundle.Method.DIFF)
    assert changes(found, "t") == [("insert", "", ("1", "x", "2"), None)]
    assert {note.partition(",")[0] for note in found.manifest.notes[1:]} == {"public.t", "public.empty: only on new"}
    run(
        pair.new,
        "create table more (id int)",
        "insert into more values (1)",
        "alter table t add extra text, alter n type numeric",
        "update t set extra = 'x'",
    )
    run(pair.old, "alter table t add must int not null")
    with pytest.raises(pairing.SchemaDiffers) as refused:
        pair.capture(tmp_path / "refused")
    words = str(refused.value)
    for part in ("public.more", "column extra", "column n: numeric", "column must"):
        assert part in words
    assert not (tmp_path / "refused").exists()


def test_a_type_that_each_side_made_otherwise_is_refused_by_what_it_is_made_of(clone: Clone, tmp_path: Path) -> None:
    """`(1,2)` is the text of both; only the order of the attributes says what it means."""
    pair = twins(clone)
    made = ("create domain price as numeric(6,{0})", "create type point2 as ({1} int, {2} int)")
    run(pair.new, *(one.format(3, "x", "y") for one in made))
    run(pair.old, *(one.format(2, "y", "x") for one in made))
    pair.everywhere("create table t (id int primary key, p price, c point2, many point2[])")
    run(pair.new, "insert into t values (1, 1.234, (1, 2), array[(1, 2)::point2])")
    with pytest.raises(pairing.SchemaDiffers) as refused:
        pair.capture(tmp_path / "refused")
    words = str(refused.value)
    assert "price, which is (numeric(6,3)), on new does not fit into public.price, which is (numeric(6,2)), on" in words
    assert "point2, which is (x integer, y integer), on new does not fit into public.point2, which is (y" in words
    assert "column many" in words


def test_rows_that_a_policy_hides_are_an_error(clone: Clone, tmp_path: Path) -> None:
    """Row security never filters what is brought home."""
    pair = twins(clone)
    pair.everywhere(
        "create table t (id int primary key)",
        "alter table t enable row level security",
        "alter table t force row level security",
        "create policy half on t using (id % 2 = 0)",
    )
    with pytest.raises(discover.RowsHidden, match=r"public\.t"):
        pair.capture(tmp_path / "b")


def test_what_cannot_be_trusted_is_refused_before_anything_is_read(clone: Clone, tmp_path: Path) -> None:
    """Snapshots of another server or shape, a naive or future cutover, one database twice, prepared transactions."""
    pair = twins(clone)
    pair.everywhere("create table t (id int primary key)")
    with pytest.raises(method.BadSnapshot):
        pair.capture(tmp_path / "b", cutover_snapshot="7:5:")
    with pytest.raises(method.SnapshotUnusable):
        pair.capture(tmp_path / "b", cutover_snapshot="900000000:900000000:", method=bundle.Method.SNAPSHOT)
    fallen_back = pair.capture(tmp_path / "fallen", cutover_snapshot="900000000:900000000:")
    assert fallen_back.manifest.method is bundle.Method.DIFF
    assert "another server" in fallen_back.manifest.why
    pair.cutover = pair.cutover.replace(year=2999)
    with pytest.raises(capture.CutoverInFuture):
        pair.capture(tmp_path / "b")
    pair.cutover = pair.cutover.replace(year=2025)
    with pytest.raises(sides.SameDatabase):
        Twins(old=pair.new, new=pair.new, cutover=pair.cutover, snapshots=pair.snapshots).capture(tmp_path / "b")
    run(pair.new, "begin; insert into t values (1); prepare transaction 'switchback'")
    with pytest.raises(capture.StandsPrepared):
        pair.capture(tmp_path / "b")
    run(pair.new, "rollback prepared 'switchback'")
    assert not (tmp_path / "b").exists()
