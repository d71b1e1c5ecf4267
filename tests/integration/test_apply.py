"""Rows come home exactly, whatever the schema: as a superuser's session would, and as a role that owns nothing."""

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import astuple
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from switchback.domain.model import Side
from switchback.recovery import capture, review, session, undo
from switchback.recovery.apply import apply, errors
from switchback.recovery.bundle import Method
from switchback.recovery.pairing import SchemaDiffers
from switchback.recovery.reviewed import Decide
from switchback.systems.postgres.errors import LockHeld
from tests import exactly
from tests.fix_postgres import Clusters, LocalDatabase
from tests.recovery_cases import CASES, Case
from tests.twins import Twins, note_of, run, twins

Clone = Callable[..., LocalDatabase]
SUPERUSER, PIPELINE = "postgres", "psqladmin"


def run_as(database: LocalDatabase, role: str, script: str) -> None:
    """A script, statement by statement as the server splits it, as that role."""
    with closing(psycopg.connect(database.conninfo(role), autocommit=True)) as link:
        link.execute(script.encode())


def made(clone: Clone, case: Case, *, turned: bool = False) -> Twins:
    """Twins with the case's schema, owned by the application's role; then new alone lives on.

    `turned`: old is on the newer server.
    """
    pair = twins(clone)
    if turned:
        pair.old, pair.new = pair.new, pair.old
    for database in (pair.old, pair.new):
        run_as(database, SUPERUSER, f"grant all on schema public to {database.owner}")
        run_as(database, database.owner, case.setup)
    pair.everywhere()
    run_as(pair.new, SUPERUSER if "row_security" in case.changes else pair.new.owner, case.changes)
    return pair


def superuser(database: LocalDatabase) -> str:
    """How to look at everything."""
    return database.conninfo(SUPERUSER)


#: With triggers and keys standing still, what a key would do on delete makes no difference: one of five is enough.
TRIED = [
    *((case, PIPELINE) for case in CASES),
    *((case, SUPERUSER) for case in CASES if ", on delete" not in case.name or case.name.endswith("cascade")),
]


@pytest.mark.parametrize(("case", "role"), TRIED, ids=str)
def test_old_ends_exactly_as_new_and_undo_puts_it_back(clone: Clone, tmp_path: Path, case: Case, role: str) -> None:
    """Rows, sequences, triggers, rules, keys, row security: equal after apply, as before after undo."""
    pair = made(clone, case)
    reader = SUPERUSER if "row_security" in case.changes else role
    before, made_so = exactly.contents(superuser(pair.old)), exactly.making(superuser(pair.old))
    request = capture.Request(cutover=pair.cutover, cutover_snapshot=pair.snapshots[Side.NEW])
    capture.capture(pair.old.conninfo(reader), pair.new.conninfo(reader), tmp_path / "b", request)
    review.review(tmp_path / "b", Decide.ALL)
    done = apply(pair.old.conninfo(role), tmp_path / "b")
    late = "unique deferrable" in case.setup  # nobody would check those at the end while triggers stand still
    assert done.record.path == ("replica" if role == SUPERUSER and not late else "owner")
    assert exactly.contents(superuser(pair.old)) == exactly.contents(superuser(pair.new))
    assert exactly.making(superuser(pair.old)) == made_so
    assert apply(pair.old.conninfo(role), tmp_path / "b").already
    undo.undo(pair.old.conninfo(role), tmp_path / "b")
    assert exactly.contents(superuser(pair.old)) == before
    assert exactly.making(superuser(pair.old)) == made_so


@pytest.fixture
def guest(clusters: Clusters) -> Iterator[str]:
    """A login on both servers that is nobody yet."""
    made = [psycopg.connect(clusters.conninfo(side, role=SUPERUSER), autocommit=True) for side in Side]
    for link in made:
        link.execute("create role guest login password 'guest' noinherit")
    yield "guest"
    for link in made:
        link.execute("drop role guest")
        link.close()


@pytest.mark.parametrize(
    "case", [case for case in CASES if case.name.startswith(("a cycle", "part", "ident", "names"))], ids=str
)
def test_a_member_of_the_owner_that_does_not_inherit_becomes_it(
    guest: str, clone: Clone, tmp_path: Path, case: Case
) -> None:
    """As Azure makes members from 16 on: `set role` is all that it may."""
    pair = made(clone, case)
    old, new = (make_conninfo(one.conninfo(), user=guest, password=guest) for one in (pair.old, pair.new))
    for one in (pair.old, pair.new):
        run_as(one, SUPERUSER, f"grant {one.owner} to {guest}; grant all on database {one.name} to {guest}")
    before, made_so = exactly.contents(superuser(pair.old)), exactly.making(superuser(pair.old))
    request = capture.Request(cutover=pair.cutover, cutover_snapshot=pair.snapshots[Side.NEW])
    capture.capture(old, new, tmp_path / "b", request)
    review.review(tmp_path / "b", Decide.ALL)
    apply(old, tmp_path / "b")
    assert exactly.contents(superuser(pair.old)) == exactly.contents(superuser(pair.new))
    undo.undo(old, tmp_path / "b")
    assert (exactly.contents(superuser(pair.old)), exactly.making(superuser(pair.old))) == (before, made_so)


@pytest.mark.parametrize("case", [case for case in CASES if case.name.startswith(("a cycle", "part", "trig"))], ids=str)
def test_old_may_be_on_the_newer_major(clone: Clone, tmp_path: Path, case: Case) -> None:
    """Nothing depends on which of the two servers is the older one."""
    pair = made(clone, case, turned=True)
    made_so = exactly.making(superuser(pair.old))
    request = capture.Request(cutover=pair.cutover)
    capture.capture(pair.old.conninfo(), pair.new.conninfo(), tmp_path / "b", request)
    review.review(tmp_path / "b", Decide.ALL)
    apply(pair.old.conninfo(), tmp_path / "b")
    assert exactly.contents(superuser(pair.old)) == exactly.contents(superuser(pair.new))
    assert exactly.making(superuser(pair.old)) == made_so


@pytest.mark.parametrize("method", list(Method)[:2])
def test_keys_that_are_none_since_18(clone: Clone, tmp_path: Path, method: Method) -> None:
    """One whose column may hold nulls of before, and one by which rows overlap: such rows are told by all they hold."""
    pair = Twins(old=clone(Side.NEW, empty=True), new=clone(Side.NEW, empty=True))
    pair.everywhere(
        "create table half (v text, x int)",
        "insert into half values (null, 1), (null, 2), ('a', 3)",
        "alter table half add constraint given not null v not valid",
        "create unique index on half (v)",
        "create table price (sku int4range, during daterange, amount int, primary key (sku, during without overlaps))",
        "insert into price values ('[1,2)', '[2020-01-01,2021-01-01)', 10)",
    )
    before = exactly.contents(superuser(pair.old))
    run(
        pair.new,
        "delete from half where x = 1",
        "update price set during = '[2020-01-01,2020-06-01)'",
        "insert into price values ('[1,2)', '[2020-06-01,2021-01-01)', 12)",
    )
    pair.capture(tmp_path / "b", method=method)
    review.review(tmp_path / "b", Decide.ALL)
    apply(pair.old.conninfo(), tmp_path / "b")
    assert exactly.contents(superuser(pair.old)) == exactly.contents(superuser(pair.new))
    undo.undo(pair.old.conninfo(), tmp_path / "b")
    assert exactly.contents(superuser(pair.old)) == before


def test_a_deferred_key_is_checked_whoever_applies(clone: Clone, tmp_path: Path) -> None:
    """Also where triggers could stand still: a trigger is what checks it."""
    pair = twins(clone)
    pair.everywhere("create table late (id int primary key, s int unique deferrable initially deferred)")
    run(pair.new, "insert into late values (5, 2)")
    pair.capture(tmp_path / "b")
    review.review(tmp_path / "b", Decide.ALL)
    run(pair.old, "insert into late values (9, 2)")
    with pytest.raises(errors.RowsDoNotFit, match="late_s_key"):
        apply(superuser(pair.old), tmp_path / "b")


@pytest.mark.parametrize("role", [superuser, LocalDatabase.conninfo])
def test_a_period_that_others_must_cover_is_checked_whoever_applies(
    clone: Clone, tmp_path: Path, role: Callable[[LocalDatabase], str]
) -> None:
    """By the server's own key: part of a period covered is not enough. One of the merge's own is checked as well."""
    pair = Twins(old=clone(Side.NEW, empty=True), new=clone(Side.NEW, empty=True))
    pair.everywhere(
        "create table stay (room int4range, during daterange, primary key (room, during without overlaps))",
        "create table meal (id int primary key, room int4range, on_days daterange,"
        " foreign key (room, period on_days) references stay (room, period during))",
        "insert into stay values ('[1,2)', '[2026-01-01,2026-02-01)'), ('[1,2)', '[2026-02-01,2026-03-01)')",
    )
    run(pair.new, "delete from stay where lower(during) = '2026-02-01'")
    run(pair.new, "insert into meal values (1, '[1,2)', '[2026-01-02,2026-01-10)')")
    pair.capture(tmp_path / "b")
    review.review(tmp_path / "b", Decide.ALL)
    fitting = "insert into meal values (2, '[1,2)', '[2026-01-10,2026-01-20)')"
    run(pair.old, fitting.replace("01-20", "02-10"))
    with pytest.raises(errors.RowsDoNotFit):
        apply(role(pair.old), tmp_path / "b")
    run(pair.old, "delete from meal", fitting)
    apply(role(pair.old), tmp_path / "b")
    run(pair.new, fitting)
    assert exactly.contents(superuser(pair.old)) == exactly.contents(superuser(pair.new))


@pytest.mark.parametrize("role", [superuser, LocalDatabase.conninfo])
@pytest.mark.parametrize(
    ("skipped", "why"),
    [
        ("shelf", r"public\.book: foreign key .* \(2 rows without parent: row \d, \d of 0001-public\.book\.csv\)"),
        ("book", r"\(1 rows whose parent goes or changes: row \d of 0002-public\.shelf\.csv\)"),
    ],
)
def test_rows_that_do_not_fit_together_are_named(
    clone: Clone, tmp_path: Path, role: Callable[[LocalDatabase], str], skipped: str, why: str
) -> None:
    """A parent that stays behind whose children come, and one that goes whose child stays."""
    pair = twins(clone)
    pair.everywhere(
        "create table shelf (id int primary key)",
        "create table book (id int primary key, shelf int references shelf)",
        "insert into shelf values (1), (2)",
        "insert into book values (1, 1)",
    )
    run(pair.new, "insert into shelf values (3)", "insert into book values (2, 3), (3, 3)")
    run(pair.new, "delete from book where id = 1", "delete from shelf where id = 1")
    found = pair.capture(tmp_path / "b")
    file = tmp_path / "b" / note_of(found, skipped).file
    file.write_text(file.read_text(encoding="utf-8").replace(",apply,", ",skip,"), encoding="utf-8")
    review.review(tmp_path / "b", Decide.ALL)
    before = exactly.contents(superuser(pair.old))
    with pytest.raises(errors.RowsDoNotFit, match=why):
        apply(role(pair.old), tmp_path / "b")
    assert exactly.contents(superuser(pair.old)) == before


@pytest.mark.parametrize("role", [superuser, LocalDatabase.conninfo])
def test_rows_whose_values_are_taken_are_named(
    clone: Clone, tmp_path: Path, role: Callable[[LocalDatabase], str]
) -> None:
    """By file and row, never by value; one whose value is given up by the same file is none of them."""
    pair = twins(clone)
    pair.everywhere("create table t (id int primary key, u text unique)", "insert into t values (1, 'a'), (2, 'b')")
    run(pair.new, "update t set u = 'c' where id = 1", "insert into t values (3, 'a'), (4, 'd'), (5, 'e')")
    found = pair.capture(tmp_path / "b")
    review.review(tmp_path / "b", Decide.ALL)
    run(pair.old, "insert into t values (6, 'd')")
    before = exactly.contents(superuser(pair.old))
    [number] = [row.number for row in found.rows(note_of(found, "t")) if row.new == ("4", "d")]
    told = f"t_u_key does not hold .*1 rows with values .*: row {number} of 0001-public.t.csv"
    with pytest.raises(errors.RowsDoNotFit, match=told):
        apply(role(pair.old), tmp_path / "b")
    assert exactly.contents(superuser(pair.old)) == before


@pytest.mark.parametrize("role", [superuser, LocalDatabase.conninfo])
def test_what_depends_on_a_row_that_is_left_is_left_too_and_nothing_else(
    clone: Clone, tmp_path: Path, role: Callable[[LocalDatabase], str]
) -> None:
    """With a row whose unique value old took after the capture, those below it; with one that stays, those above it.

    And a value that is free on new alone, because there the row that has it on old is gone.
    """
    pair = twins(clone)
    pair.everywhere(
        "create table top (id int primary key, u text unique)",
        "create table mid (id int primary key, top int references top)",
        "create table low (id int primary key, mid int references mid, v int)",
        "insert into top values (1, 'a'), (2, 'b')",
        "insert into mid values (1, 1), (2, 2)",
        "insert into low values (1, 1, 0), (2, 2, 0)",
    )
    run(pair.new, "insert into top values (100, 'x')", "insert into mid values (100, 100)")
    run(pair.new, "insert into low values (100, 100, 1), (101, 2, 1)", "update low set v = 5 where id = 2")
    run(pair.new, "delete from low where id = 1", "delete from mid where id = 1", "delete from top where id = 1")
    run(pair.new, "insert into top values (102, 'a'), (103, 'fits')", "insert into mid values (103, 103)")
    pair.capture(tmp_path / "b", old_snapshot=pair.snapshots[Side.OLD])
    run(pair.old, "insert into top values (50, 'x')", "update low set v = 7 where id = 1")
    review.review(tmp_path / "b", Decide.LEAVE)
    before = exactly.contents(superuser(pair.old))
    done = apply(role(pair.old), tmp_path / "b", leave=True)
    with closing(psycopg.connect(pair.old.conninfo())) as link:
        asked = "select 'top', id from top union all select 'mid', id from mid union all select 'low', id from low"
        held = sorted(link.execute(f"{asked} order by 1, 2").fetchall())
        assert link.execute("select v from low order by id").fetchall() == [(7,), (5,), (1,)]
    there = {"top": (1, 2, 50, 103), "mid": (1, 2, 103), "low": (1, 2, 101)}
    assert held == sorted((name, row) for name, rows in there.items() for row in rows)
    counted = {table.name: (table.inserts, table.updates, table.deletes) for table in done.record.tables}
    assert counted == {"top": (1, 0, 0), "mid": (1, 0, 0), "low": (1, 1, 0)}
    left = {table.name: tuple(map(len, astuple(table.left))) for table in done.record.tables}
    assert left == {"top": (2, 0, 1), "mid": (1, 0, 1), "low": (1, 0, 1)}
    undo.undo(role(pair.old), tmp_path / "b")
    assert exactly.contents(superuser(pair.old)) == before


def test_who_holds_a_lock_is_no_server_that_is_down(
    clone: Clone, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody left a transaction open on old: the message says where to look."""
    pair = twins(clone)
    pair.everywhere("create table held (id int primary key, v int)", "insert into held values (1, 1)")
    run(pair.new, "update held set v = 2")
    pair.capture(tmp_path / "b")
    review.review(tmp_path / "b", Decide.ALL)
    monkeypatch.setitem(session.PINNED, "lock_timeout", "300ms")
    with closing(psycopg.connect(pair.old.conninfo())) as other:
        other.execute("update held set v = 3")
        with pytest.raises(LockHeld, match="pg_blocking_pids"):
            apply(pair.old.conninfo(), tmp_path / "b")
    apply(pair.old.conninfo(), tmp_path / "b")


def test_a_sequence_that_old_cannot_follow_is_told_of_before_anybody_reviews(clone: Clone, tmp_path: Path) -> None:
    """New's was made wider since."""
    pair = twins(clone)
    pair.everywhere("create table counted (id smallserial primary key)")
    run(pair.new, "alter sequence counted_id_seq as bigint", "select setval('counted_id_seq', 40000)")
    with pytest.raises(SchemaDiffers, match=r"counted_id_seq: it stands at 40000 on new"):
        pair.capture(tmp_path / "b")


def test_a_partition_that_old_has_not_is_told_of(clone: Clone, tmp_path: Path) -> None:
    """Made on new since, as a program makes them every month."""
    pair = twins(clone)
    pair.everywhere("create table month (id int primary key) partition by range (id)")
    run(pair.new, "create table month_1 partition of month for values from (0) to (9)", "insert into month values (1)")
    pair.capture(tmp_path / "b")
    review.review(tmp_path / "b", Decide.ALL)
    with pytest.raises(errors.NoPartition, match="no partition of old takes a row"):
        apply(pair.old.conninfo(), tmp_path / "b")


@pytest.mark.parametrize(
    "published", ["for all tables", "for table log, month, quiet with (publish_via_partition_root)"]
)
@pytest.mark.parametrize("role", [PIPELINE, SUPERUSER])
def test_rows_that_old_publishes_and_cannot_tell_apart(clone: Clone, tmp_path: Path, role: str, published: str) -> None:
    """What the way forward may have left: Postgres changes no such row without a replica identity."""
    pair = twins(clone)
    pair.everywhere(
        "create table log (v text)",
        "create table month (day int, v text) partition by range (day)",
        "create table month_1 partition of month for values from (0) to (9)",
        "create table quiet (id int primary key, v text)",
        "alter table quiet replica identity nothing",
        "insert into log select i % 3 from generate_series(1, 9) i",
        "insert into month select i, 'v' from generate_series(1, 8) i",
        "insert into quiet select i, 'v' from generate_series(1, 8) i",
    )
    run_as(pair.old, SUPERUSER, f"create publication forward {published}")
    for table in ("log", "month", "quiet"):
        run(pair.new, f"update {table} set v = 'w' where ctid = '(0,1)'")  # noqa: S608 - of throw-away databases
        run(pair.new, f"delete from {table} where ctid = '(0,2)'")  # noqa: S608
    identities = "select relname, relreplident from pg_class where relname in ('log', 'month', 'month_1', 'quiet')"
    with psycopg.connect(superuser(pair.old), autocommit=True) as link:
        before = exactly.contents(superuser(pair.old)), sorted(link.execute(identities))
        pair.capture(tmp_path / "b")
        review.review(tmp_path / "b", Decide.ALL)
        apply(pair.old.conninfo(role), tmp_path / "b")
        assert exactly.contents(superuser(pair.old)) == exactly.contents(superuser(pair.new))
        undo.undo(pair.old.conninfo(role), tmp_path / "b")
        assert (exactly.contents(superuser(pair.old)), sorted(link.execute(identities))) == before


def test_what_old_writes_beside_is_taken_back(clone: Clone, tmp_path: Path) -> None:
    """An event trigger hears what is set aside for the merge: nothing is applied, and it is named."""
    pair = twins(clone)
    pair.everywhere(
        "create table code (id int primary key, code text unique)", "insert into code values (1, 'a'), (2, 'b')"
    )
    pair.everywhere("create table kept (id int primary key, code int references code on delete cascade)")
    pair.everywhere("create table heard (what text)", "insert into kept values (1, 1)")
    run_as(
        pair.old,
        SUPERUSER,
        "grant insert on public.heard to public;"
        "create function public.hear() returns event_trigger language plpgsql as "
        "$$ begin insert into public.heard values (tg_tag); end $$;"
        "create event trigger hear on ddl_command_end execute function public.hear()",
    )
    run(pair.new, "delete from kept", "delete from code", "insert into code values (1, 'b'), (2, 'a')")
    run(pair.new, "insert into kept values (1, 1)")
    before = exactly.contents(superuser(pair.old))
    pair.capture(tmp_path / "b")
    review.review(tmp_path / "b", Decide.ALL)
    with pytest.raises(errors.WroteElsewhere, match=r"public\.heard"):
        apply(pair.old.conninfo(), tmp_path / "b")
    assert exactly.contents(superuser(pair.old)) == before


def test_a_role_that_may_not_make_our_schema_is_told_and_takes_one_made_for_it(clone: Clone, tmp_path: Path) -> None:
    """The tables' owner need not own the database: an empty schema of our name is all that is asked for."""
    pair = made(clone, next(case for case in CASES if case.name.startswith("partitions")))
    owner = pair.old.owner
    run_as(pair.old, SUPERUSER, f"revoke create on database {pair.old.name} from {owner}")
    before = exactly.contents(superuser(pair.old))
    capture.capture(pair.old.conninfo(), pair.new.conninfo(), tmp_path / "b", capture.Request(cutover=pair.cutover))
    review.review(tmp_path / "b", Decide.ALL)
    with pytest.raises(errors.NoRoom, match=f'create schema switchback authorization "{owner}"'):
        apply(pair.old.conninfo(owner), tmp_path / "b")
    assert exactly.contents(superuser(pair.old)) == before
    run_as(pair.old, SUPERUSER, f"create schema switchback authorization {owner}")
    apply(pair.old.conninfo(owner), tmp_path / "b")
    assert exactly.contents(superuser(pair.old)) == exactly.contents(superuser(pair.new))
    undo.undo(pair.old.conninfo(owner), tmp_path / "b")
    assert exactly.contents(superuser(pair.old)) == before
    assert not apply(pair.old.conninfo(owner), tmp_path / "b").already
