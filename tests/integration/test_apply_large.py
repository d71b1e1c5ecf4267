"""A large file comes home with a second session's help: the same rows, and nothing of it stays.

Files of a few lines count as large here, and are read a few bytes at a time, so that they are cut everywhere.
"""

from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from switchback.recovery import review, session, undo
from switchback.recovery.ahead import ahead
from switchback.recovery.apply import apply, arriving, errors, filling
from switchback.recovery.reviewed import Decide
from tests import exactly
from tests.fix_postgres import LocalDatabase
from tests.integration.test_apply_interrupted import Died, dying_at
from tests.twins import Twins, run, twins

Clone = Callable[..., LocalDatabase]
OURS = "select relname, relkind::text from pg_class where relnamespace = to_regnamespace('switchback') order by 1"
SETUP = """
create type mood as enum ('sad', 'o''k', ''); create domain short as varchar(5) check (value <> 'bad');
create table kind (id int primary key, name text not null);
create table v (id bigint generated always as identity primary key, "Odd ""name"" x" text, _op varchar(9), n numeric,
  f float8, j jsonb, tz timestamptz, mo mood, sh short, arr int[][], iv interval, c char(3),
  twice numeric generated always as (n * 2) stored, kind int references kind);
create table part (id int, at date, primary key (id, at)) partition by range (at);
create table part_a partition of part for values from ('2020-01-01') to ('2021-01-01');
create table part_b partition of part default;
create table wide (id int primary key, kept text);
alter table wide alter column kept set storage external;
insert into kind values (1, 'one');
insert into v (n) select i from generate_series(1, 5) i;
"""
CHANGES = """
insert into kind values (2, 'two');
insert into v ("Odd ""name"" x", _op, n, f, j, tz, mo, sh, arr, iv, c, kind)
  select case i % 5 when 0 then 'line' || chr(10) || 'insert,' || i || ',' when 1 then 'quo"te, comma'
      when 2 then '' when 3 then 'x' || chr(13) end, 'op' || i, i / 7.0, i * 0.1, jsonb_build_object('k', i),
    '2021-02-03T04:05:06.789Z', 'o''k', 's' || i, array[[i], [null]]::int[], '1 day', 'a', 1 + i % 2
  from generate_series(1, 60) i;
insert into part select i, date '2020-11-01' + i * 10 from generate_series(1, 20) i;
insert into wide select i, repeat('compressible ', 2000) from generate_series(1, 3) i;
"""
TABLES, DEATHS = 4, 8


@pytest.fixture(autouse=True)
def large(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Every file is large and cut everywhere; the rows of each one that came by two sessions."""
    monkeypatch.setattr(arriving, "LARGE", 1)
    monkeypatch.setattr(filling, "CHUNK", 97)
    came, real = [], arriving.bring

    def bring(link: session.Connection, stage: arriving.Stage, pieces: Iterator[bytes]) -> int:
        came.append(real(link, stage, pieces))
        return came[-1]

    monkeypatch.setattr(arriving, "bring", bring)
    return came


def grown(clone: Clone, place: Path, changes: str = CHANGES) -> Twins:
    """Twins of which new has gained rows, and the reviewed bundle of them in `place`."""
    pair = twins(clone)
    for database in (pair.old, pair.new):
        with database.connect("postgres") as link:
            link.execute(sql.SQL("grant all on schema public to {}").format(sql.Identifier(database.owner)))
        with database.connect(database.owner) as link:
            link.execute(SETUP.encode())
    pair.everywhere()
    run(pair.new, changes)
    pair.capture(place)
    review.review(place, Decide.ALL)
    return pair


def ours(database: LocalDatabase) -> list[tuple[str, str]]:
    """What our schema holds."""
    with database.connect("postgres") as link:
        return link.execute(OURS).fetchall()


def contents(pair: Twins) -> tuple[object, object]:
    """What both databases hold."""
    return exactly.contents(pair.old.conninfo("postgres")), exactly.contents(pair.new.conninfo("postgres"))


def tables(pair: Twins) -> dict[str, object]:
    """What old holds, but for tables of ours."""
    held = exactly.contents(pair.old.conninfo("postgres"))
    return {name: rows for name, rows in held.items() if not name.startswith("switchback.")}


@pytest.mark.parametrize("role", ["psqladmin", "postgres"])
def test_the_same_rows_arrive_and_nothing_else_stays(clone: Clone, tmp_path: Path, large: list[int], role: str) -> None:
    """Rows, generated columns, partitions, a column's own storage; the record is all that our schema holds."""
    pair = grown(clone, tmp_path / "b")
    before, made_so = contents(pair)[0], exactly.making(pair.old.conninfo("postgres"))
    apply(pair.old.conninfo(role), tmp_path / "b")
    assert sorted(large) == ([1, 3, 20] if role == "postgres" else [1, 3, 20, 60])
    old, new = contents(pair)
    assert old == new
    assert exactly.making(pair.old.conninfo("postgres")) == made_so
    assert [kind for _, kind in ours(pair.old)] == ["m"]
    with pair.old.connect("postgres") as link:
        assert link.execute("select count(pg_column_compression(kept)) from wide").fetchone() == (0,)
    assert apply(pair.old.conninfo(role), tmp_path / "b").already
    undo.undo(pair.old.conninfo(role), tmp_path / "b")
    assert contents(pair)[0] == before
    assert ours(pair.old) == []


@pytest.mark.parametrize(
    ("changes", "came"),
    [
        ("insert into wide values (1, E'a\\ninsert,apply,,1,b,c\\n'), (2, 'b')", 1),
        ("insert into wide values (1, E'a\\ninsert,apply,,2,2,b' || repeat('x', 300)), (2, 'b')", 0),
        ("insert into wide values (1, 'a'), (2, E'b\\ninsert,apply,,3,3,' || repeat('x', 300))", 0),
        ("insert into wide values (1, '=1+1'), (2, '\\N'), (3, '\\.'), (4, null)", 0),
        ("insert into wide values (1, E'\\\\.\\n'), (2, E'a\\n\\\\.\\nb'), (3, '')", 0),
        ("insert into wide values (1, E'a\\n\\\\.\\nb'), (2, E'\"\\n\"'), (3, '')", 0),
    ],
)
def test_text_that_looks_like_a_line_of_ours_or_is_escaped_arrives_all_the_same(
    clone: Clone, tmp_path: Path, large: list[int], changes: str, came: int
) -> None:
    """What cannot be cut safely, or means something else than it says, goes by its stage."""
    pair = grown(clone, tmp_path / "b", changes)
    apply(pair.old.conninfo(), tmp_path / "b")
    old, new = contents(pair)
    assert (old == new, len(large)) == (True, came)
    assert [kind for _, kind in ours(pair.old)] == ["m"]


def test_rows_are_added_in_the_order_of_the_index_that_they_would_meet_all_over(
    clone: Clone, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By a column that says little about where rows lie, not by the one in whose order they came."""
    monkeypatch.setattr(filling, "CHUNK", 1 << 20)
    scattered = "insert into spread select i, i * 79 % 1000, 0 from generate_series({}, {}) i"
    pair = twins(clone)
    made = ["create table spread (id int primary key, tenant int, flat int)", "create index on spread (tenant)"]
    for database in (pair.old, pair.new):
        run(database, *made, scattered.format(1, 400), "create index on spread (flat)", "analyze spread")
    pair.everywhere()
    run(pair.new, scattered.format(401, 500))
    pair.capture(tmp_path / "b")
    review.review(tmp_path / "b", Decide.ALL)
    apply(pair.old.conninfo(), tmp_path / "b")
    old, new = contents(pair)
    assert old == new
    with pair.old.connect("postgres") as link:
        tenants = [tenant for (tenant,) in link.execute("select tenant from spread where id > 400 order by ctid")]
    assert tenants == sorted(tenants)


def test_an_escaped_cell_sends_only_its_own_file_by_the_stage(clone: Clone, tmp_path: Path, large: list[int]) -> None:
    """One formula in one table is no reason to take all tables the slow way."""
    pair = grown(clone, tmp_path / "b", CHANGES.replace("repeat(", "'=' || repeat("))
    apply(pair.old.conninfo(), tmp_path / "b")
    old, new = contents(pair)
    assert (old == new, sorted(large)) == (True, [1, 20, 60])


def test_rows_that_do_not_fit_are_named_and_leave_nothing(clone: Clone, tmp_path: Path) -> None:
    """A refusal is the stage's, and our schema is gone again."""
    pair = grown(clone, tmp_path / "b")
    run(pair.old, "alter table wide add check (id <> 2)")
    before = contents(pair)[0]
    with pytest.raises(errors.RowsDoNotFit, match="wide_id_check"):
        apply(pair.old.conninfo(), tmp_path / "b")
    assert contents(pair)[0] == before
    with pair.old.connect("postgres") as link:
        assert link.execute("select to_regnamespace('switchback')").fetchone() == (None,)


def test_what_a_killed_run_left_is_dropped_by_the_next_one_and_by_undo(clone: Clone, tmp_path: Path) -> None:
    """Nobody has to know that it was there; what is not ours stays."""
    pair = grown(clone, tmp_path / "b")
    left = ["create schema switchback", "comment on schema switchback is 'Switchback: test'"]
    left += ["create unlogged table switchback.arrived_1 (id int)", "create table switchback.arrived_2 (id int)"]
    run(pair.old, *left)
    assert undo.undo(pair.old.conninfo(), tmp_path / "b").already
    assert ours(pair.old) == [("arrived_2", "r")]
    run(pair.old, "drop table switchback.arrived_2", "create unlogged table switchback.arrived_9 (id int)")
    apply(pair.old.conninfo(), tmp_path / "b")
    old, new = contents(pair)
    assert old == new
    assert [kind for _, kind in ours(pair.old)] == ["m"]


def test_a_server_that_has_no_room_for_a_second_session_takes_the_rows_by_one(
    clone: Clone, tmp_path: Path, large: list[int]
) -> None:
    """A limit on the role's sessions is no reason to refuse."""
    pair = grown(clone, tmp_path / "b")
    owner = sql.Identifier(pair.old.owner)
    with pair.old.connect("postgres") as link:
        link.execute(sql.SQL("alter role {} connection limit 1").format(owner))
        link.execute(sql.SQL("grant create on database {} to {}").format(sql.Identifier(pair.old.name), owner))
        try:
            apply(pair.old.conninfo(pair.old.owner), tmp_path / "b")
        finally:
            link.execute(sql.SQL("alter role {} connection limit -1").format(owner))
    old, new = contents(pair)
    assert (old == new, large) == (True, [])


def test_an_application_that_watches_tables_being_made_sees_none_of_these(
    clone: Clone, tmp_path: Path, large: list[int]
) -> None:
    """What it notes down would stay, were the rows refused afterwards."""
    pair = grown(clone, tmp_path / "b")
    run(pair.old, "alter table wide add check (id <> 2)")
    watch = "create function watch() returns event_trigger language plpgsql as 'begin insert into seen values (1); end'"
    with pair.old.connect("postgres") as link:
        link.execute("create table seen (n int)")
        link.execute(watch)
        link.execute("create event trigger watch on ddl_command_end execute function watch()")
    before = tables(pair)
    with pytest.raises(errors.RowsDoNotFit):
        apply(pair.old.conninfo("postgres"), tmp_path / "b")
    assert (tables(pair), large) == (before, [])


def test_a_schema_that_was_made_for_us_stays(clone: Clone, tmp_path: Path, large: list[int]) -> None:
    """The tables' owner need not own the database."""
    pair = grown(clone, tmp_path / "b")
    owner = sql.Identifier(pair.old.owner)
    with pair.old.connect("postgres") as link:
        link.execute(sql.SQL("revoke create on database {} from {}").format(sql.Identifier(pair.old.name), owner))
        link.execute(sql.SQL("create schema switchback authorization {}").format(owner))
    apply(pair.old.conninfo(pair.old.owner), tmp_path / "b")
    assert len(large) == TABLES
    undo.undo(pair.old.conninfo(pair.old.owner), tmp_path / "b")
    with pair.old.connect("postgres") as link:
        assert link.execute("select to_regnamespace('switchback') is not null").fetchone() == (True,)
    assert ours(pair.old) == []


def test_a_death_in_either_session_leaves_all_or_nothing(
    clone: Clone, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At statements all over it, as many in every run; the next run ends it."""
    monkeypatch.setattr(arriving, "gathered", lambda items: ([item] for item in ahead(items)))
    pair = grown(clone, tmp_path / "b")
    before, wanted = tables(pair), exactly.contents(pair.new.conninfo("postgres"))
    with dying_at(-1) as sent:
        apply(pair.old.conninfo(), tmp_path / "b")
    undo.undo(pair.old.conninfo(), tmp_path / "b")
    for statement in range(0, sent[0], sent[0] // DEATHS):
        with pytest.raises((Died, psycopg.OperationalError)), dying_at(statement):
            apply(pair.old.conninfo(), tmp_path / "b")
        assert tables(pair) in (before, wanted)
        apply(pair.old.conninfo(), tmp_path / "b")
        assert tables(pair) == wanted
        undo.undo(pair.old.conninfo(), tmp_path / "b")
        assert (tables(pair), ours(pair.old)) == (before, [])
