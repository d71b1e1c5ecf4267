"""What waits on new is counted exactly, against a simple oracle and in the cases that fool a simple one."""

import random
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace

import pytest
from psycopg import sql

from infra.local import secrets
from switchback.domain.model import Side
from switchback.systems.postgres import errors, facts, waiting
from tests.fix_pipeline import Session
from tests.fix_postgres import LocalDatabase

TABLES = """
create type mood as enum ('good', 'bad');
create table keyed (id int primary key, v text);
create table pair (a "char", b mood, c numeric, v text, primary key (a, b, c));
create table uniq (code varchar(20) not null unique, other int unique, v text);
create table bare (v text);
create table parts (id int, day date, v text, primary key (id, day)) partition by range (day);
create table parts_1 partition of parts for values from ('2026-01-01') to ('2026-02-01');
create table parts_2 partition of parts for values from ('2026-02-01') to ('2026-03-01');
create table parent (id int primary key, v text);
create table child (primary key (id)) inherits (parent);
insert into keyed select n, 'v' || n from generate_series(1, 5000) n;
insert into pair select chr(64 + n)::"char", 'good', n * 1.50, 'v' from generate_series(1, 20) n;
insert into uniq select 'c' || n, n, 'v' from generate_series(1, 20) n;
insert into bare select 'v' || n % 5 from generate_series(1, 20) n;
insert into parts select n, date '2026-01-01' + n, 'v' from generate_series(1, 50) n;
insert into parent values (1, 'v'), (2, 'v'); insert into child values (1, 'v'), (3, 'v');
"""
WORK = (
    "update keyed set v = 'r' || %(n)s::int %% 3 where id = %(n)s",
    "update keyed set v = 'v' || id where id = %(n)s",
    "delete from keyed where id = %(n)s",
    "insert into keyed values (%(n)s, 'v' || %(n)s) on conflict do nothing",
    "insert into bare values ('v' || %(n)s::int %% 7)",
    "delete from bare where ctid = (select ctid from bare where v = 'v' || %(n)s::int %% 7 limit 1)",
    "update bare set v = 'v' || %(n)s::int %% 6 where ctid = (select ctid from bare limit 1)",
)


class Pair:
    """Both databases as the application writes them and as the pipeline sees them, and the cutover's record."""

    def __init__(self, old: LocalDatabase, new: LocalDatabase, pipeline: Session) -> None:
        self.databases = (old, new)
        self.sessions = (pipeline(old), pipeline(new))
        self.cut_over()

    def cut_over(self) -> None:
        """Records both sides, as while both are fenced."""
        self.at_old, self.at_new = map(facts.read, self.sessions)

    def write(self, side: Side, *statements: str) -> None:
        """As the application, each statement a transaction of its own."""
        with closing(self.databases[side is Side.NEW].connect(self.databases[0].owner)) as owner:
            for statement in statements:
                owner.execute(sql.SQL(statement))

    def on_new(self, *statements: str) -> None:
        """Users write on new."""
        self.write(Side.NEW, *statements)

    def on_old(self, *statements: str) -> None:
        """Users, or whoever brings rows home, write on old."""
        self.write(Side.OLD, *statements)

    def count(self) -> dict[str, tuple[int, int, int]]:
        """upserts, deletes and undecided of each table that has any."""
        found = waiting.waiting(*self.sessions, self.at_new, self.at_old)
        return {each.table: (each.upserts, each.deletes, each.undecided) for each in found}


@pytest.fixture
def pair(clone: Callable[..., LocalDatabase], pipeline: Session) -> Pair:
    """Two databases filled alike, cut over."""
    databases = clone(Side.OLD, empty=True), clone(Side.NEW, empty=True)
    for database in databases:
        with closing(database.connect()) as admin:
            admin.execute(sql.SQL("grant create on schema public to {}").format(sql.Identifier(database.owner)))
        with closing(database.connect(database.owner)) as owner:
            owner.execute(sql.SQL(TABLES))
    return Pair(*databases, pipeline)


def test_nothing_waits_when_nobody_wrote(pair: Pair) -> None:
    """Neither a vacuum that freezes, nor a row lock, nor a transaction that was rolled back is a write."""
    pair.on_new("vacuum (freeze) keyed", "vacuum full parts_1", "select * from keyed for update")
    pair.on_new("begin; update keyed set v = 'x'; rollback")
    assert pair.count() == {}


def test_every_kind_of_write_on_new_is_counted_in_its_table(pair: Pair) -> None:
    """Keys of one and several columns, a unique column for a key, no key, partitions by their root, inheritance."""
    pair.on_new(
        "update keyed set v = 'x' where id <= 3000",
        "delete from keyed where id > 4990; insert into keyed values (0, 'n')",
        "update pair set v = null where a = 'A'; delete from pair where c = 3; update pair set b = 'bad' where a = 'D'",
        "update uniq set v = 'x' where code = 'c7'; update uniq set code = 'c8b' where code = 'c8'",
        "update bare set v = 'v1' where ctid = (select min(ctid) from bare where v = 'v0')",
        "insert into bare values (null), ('v0')",
        "update parts set day = '2026-02-20' where id = 1; delete from parts where id = 50",
        "update only parent set v = 'x' where id = 1; delete from child where id = 3",
        "create table made_there as select generate_series(1, 7)",
    )
    assert pair.count() == {
        "keyed": (3001, 10, 0),
        "pair": (2, 2, 0),
        "uniq": (2, 1, 0),
        "bare": (2, 0, 0),
        "parts": (1, 2, 0),
        "parent": (1, 0, 0),
        "child": (0, 1, 0),
        "made_there": (7, 0, 0),
    }


def test_a_row_that_equals_olds_does_not_wait(pair: Pair) -> None:
    """Rewritten with the same values, changed and changed back, deleted and written again, brought home."""
    pair.on_new(
        "update keyed set v = v",
        "update pair set v = 'x'; update pair set v = 'v'",
        "delete from bare; insert into bare select 'v' || n % 5 from generate_series(1, 20) n",
        "insert into keyed values (9000, 'home'); delete from keyed where id = 1",
        "alter table uniq alter other type bigint",
    )
    pair.on_old("insert into keyed values (9000, 'home'); delete from keyed where id = 1")
    assert pair.count() == {}


def test_a_change_that_equality_does_not_see_waits(pair: Pair) -> None:
    """1.50 became 1.500: the same key, another row."""
    pair.on_new("update pair set c = 1.500 where a = 'A'")
    assert pair.count() == {"pair": (1, 0, 0)}


def test_what_users_do_on_old_afterwards_does_not_wait(pair: Pair) -> None:
    """Back on old they write on; what waits on new stays what it was."""
    pair.on_new(
        "update keyed set v = 'x' where id = 1", "delete from keyed where id = 2", "insert into bare values ('n')"
    )
    waits = pair.count()
    assert waits == {"keyed": (1, 1, 0), "bare": (1, 0, 0)}
    pair.on_old(
        "update keyed set v = 'y' where id between 100 and 200; delete from keyed where id between 300 and 400",
        "delete from bare where v = 'v3'",
        "drop table parts",
    )
    assert pair.count() == waits
    pair.on_old("insert into keyed values (7000, 'new here')", "insert into bare values ('new here')")
    assert pair.count() == {"keyed": (1, 1, 1), "bare": (1, 0, 1)}


def test_a_delete_on_new_of_a_row_changed_on_old_is_undecided(pair: Pair) -> None:
    """From the two databases alone it cannot be told from a row made on old: it is said, not dropped."""
    pair.on_new("delete from keyed where id = 1", "drop table uniq")
    pair.on_old("update keyed set v = 'y' where id = 1", "update uniq set v = 'y' where code = 'c1'")
    assert pair.count() == {"keyed": (0, 0, 1), "uniq": (0, 19, 1)}


def test_writes_in_subtransactions_are_found(pair: Pair) -> None:
    """Savepoints and exception blocks have transaction ids of their own."""
    pair.on_new(
        "begin; savepoint a; update keyed set v = 'x' where id = 1",
        "savepoint b; delete from keyed where id = 2; commit",
        "do $$ begin raise 'x'; exception when others then update keyed set v = 'x' where id = 3; end $$",
    )
    assert pair.count() == {"keyed": (2, 1, 0)}


def test_a_record_of_another_server_never_counts_zero(pair: Pair, caplog: pytest.LogCaptureFixture) -> None:
    """Restored, replaced, promoted, or from the future: everything is compared, and the log says why."""
    pair.on_new("update keyed set v = 'x' where id = 1", "delete from bare where v = 'v1'")
    exact = pair.count()
    assert exact == {"keyed": (1, 0, 0), "bare": (0, 4, 0)}
    recorded = pair.at_new
    for changed in ({"system_identifier": "7"}, {"timeline": 2}, {"snapshot": "4000000000:4000000000:"}):
        caplog.clear()
        pair.at_new = replace(recorded, **changed)
        assert pair.count() == exact
        assert "the record is of another server" in caplog.text
    pair.at_new = recorded


def test_without_olds_record_every_row_that_only_old_has_counts(pair: Pair) -> None:
    """Unknown is not zero."""
    pair.on_old("insert into keyed values (7000, '')", "insert into bare values ('')", "create table mine as select 1")
    found = waiting.waiting(*pair.sessions, pair.at_new)
    assert {each.table: each.deletes for each in found} == {"keyed": 1, "bare": 1, "mine": 1}


@pytest.mark.parametrize("side", list(Side))
def test_a_refusal_names_the_server_that_refused(pair: Pair, side: Side) -> None:
    """Both sides are read at once; the error is the refusing one's, and what a policy hides is never left out."""
    pair.on_new("update bare set v = 'x'")
    pair.write(side, "alter table bare enable row level security; alter table bare force row level security")
    host = pair.databases[0].layout.postgres(side).host
    with pytest.raises(errors.NotAllowed, match=rf"{host}:.*row-level security"):
        pair.count()


@pytest.mark.parametrize("seed", range(2))
def test_random_work_is_counted_exactly(pair: Pair, seed: int) -> None:
    """Two hundred random operations on new, some undone by later ones, against a row-by-row oracle."""
    chance = random.Random(seed)  # noqa: S311  # reproducible, not secret
    keyed, bare = {row[0]: row for row in contents(pair, "keyed")}, contents(pair, "bare")
    with closing(pair.databases[1].connect(pair.databases[1].owner)) as owner:
        for _ in range(200):
            owner.execute(chance.choice(WORK), {"n": chance.randrange(1, 60)})
    keyed_now, bare_now = {row[0]: row for row in contents(pair, "keyed")}, contents(pair, "bare")
    written = sum(keyed.get(key) != value for key, value in keyed_now.items())
    assert pair.count() == {
        "keyed": (written, len(keyed.keys() - keyed_now.keys()), 0),
        "bare": ((bare_now - bare).total(), (bare - bare_now).total(), 0),
    }


def contents(pair: Pair, table: str) -> Counter[tuple[object, ...]]:
    """The rows of a table on new, each as often as it is there."""
    with closing(pair.databases[1].connect(secrets.SUPERUSER)) as reader:
        return Counter(reader.execute(sql.SQL("select * from {}").format(sql.Identifier(table))).fetchall())
