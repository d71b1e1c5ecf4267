"""Two databases are equal, or it is said exactly where they are not."""

from collections.abc import Callable
from contextlib import closing

import pytest
from psycopg import sql

from switchback.domain.model import Side
from switchback.systems.postgres import compare, errors
from tests.fix_pipeline import Session
from tests.fix_postgres import LocalDatabase

TABLES = """
create table bare (v text);
insert into bare values ('a'), ('a'), ('b'), (null);
create table "Odd {} %s" ("a;b" int, "ü" text);
create table parent (id int); create table child (extra int) inherits (parent);
insert into parent values (1); insert into child values (2, 3);
create table parts (id int, v text) partition by range (id);
create table parts_low partition of parts for values from (0) to (10);
create table parts_high partition of parts for values from (10) to (20);
insert into parts values (1, 'a'), (11, 'b');
create table made (a int, twice int generated always as (a * 2) stored); insert into made values (1);
"""
#: Pairs of values that differ, most of which Postgres calls equal.
VALUES = [
    ("numeric", "1.5", "1.50"),
    ("float8", "0.0", "-0.0"),
    ("float8", "0.1", "0.10000000000000002"),
    ("interval", "1 day", "24 hours"),
    ("jsonb", '{"a": 1}', '{"a": 1.0}'),
    ("json", '{"a": 1}', '{"a":1}'),
    ("text", "", None),
    ("text", "(1,2)", '"(1,2)"'),
    ("text[]", "{a,NULL}", '{a,"NULL"}'),
    ("bytea", "\\x00", "\\x"),
    ("point", "(1,2)", "(1,3)"),
    ("timestamptz", "2026-01-01 00:00Z", "2026-01-01 00:00:00.000001Z"),
]
Both = tuple[LocalDatabase, LocalDatabase]


@pytest.fixture
def both(clone: Callable[..., LocalDatabase]) -> Both:
    """Two databases filled alike."""
    pair = clone(Side.OLD, empty=True), clone(Side.NEW, empty=True)
    for database in pair:
        with closing(database.connect()) as admin:
            admin.execute(sql.SQL("grant create on schema public to {}").format(sql.Identifier(database.owner)))
        run(database, TABLES)
    return pair


def run(database: LocalDatabase, statement: str) -> None:
    """As the application."""
    with closing(database.connect(database.owner)) as owner:
        owner.execute(sql.SQL(statement))


def test_the_seeded_platform_is_equal_on_both_majors(clone: Callable[..., LocalDatabase], pipeline: Session) -> None:
    """All three databases: every table, sequence and definition."""
    for service in ("publisher", "chain", "story-generator"):
        old, new = clone(Side.OLD, service), clone(Side.NEW, service)
        found = compare.compare(pipeline(old), pipeline(new))
        assert found.equal, found.differences
        assert found.definitions == ()
        assert len(found.tables) > 7
        assert sum(table.rows_old or 0 for table in found.tables) > 5000


def test_values_that_postgres_calls_equal_are_told_apart(both: Both, pipeline: Session) -> None:
    """One table for each pair of values; beside each a table that holds the same on both sides."""
    for database, kept in zip(both, (1, 2), strict=True):
        with closing(database.connect(database.owner)) as owner:
            for number, each in enumerate(VALUES):
                for name, value in ((f"differs{number}", each[kept]), (f"same{number}", each[1])):
                    owner.execute(sql.SQL("create table {} (v {})").format(sql.Identifier(name), sql.SQL(each[0])))
                    owner.execute(sql.SQL("insert into {} values (%s)").format(sql.Identifier(name)), (value,))
    found = compare.compare(*map(pipeline, both))
    assert {each.table for each in found.tables if not each.equal} == {f"differs{n}" for n in range(len(VALUES))}


def test_each_difference_is_found_in_its_table_only(both: Both, pipeline: Session) -> None:
    """A row lost of two alike, one turned into another, rows moved between parent and child, changed in a partition."""
    run(both[0], "create table renamed (a int); create table swapped (id int, v text); create table gone ()")
    run(both[1], "create table renamed (b int); create table swapped (id int, v text); create table extra ()")
    run(both[0], "insert into swapped values (1, 'a'), (2, 'b')")
    run(both[1], "insert into swapped values (1, 'b'), (2, 'a')")
    run(both[1], "update bare set v = 'b' where ctid = (select min(ctid) from bare where v = 'a')")
    run(both[1], "insert into \"Odd {} %s\" values (1, 'x')")
    run(both[1], "delete from only parent; insert into child values (1, null)")
    run(both[1], "update parts_high set v = 'c'")
    found = compare.compare(*map(pipeline, both))
    assert {each.table: (each.rows_old, each.rows_new) for each in found.tables if not each.equal} == {
        "Odd {} %s": (0, 1),
        "bare": (4, 4),
        "child": (1, 2),
        "extra": (None, 0),
        "gone": (0, None),
        "parent": (1, 0),
        "parts": (2, 2),
        "renamed": (0, 0),
        "swapped": (2, 2),
    }
    assert "public.bare (4 rows on old, 4 rows on new)" in found.differences


def test_the_order_of_rows_and_columns_does_not_matter(both: Both, pipeline: Session) -> None:
    """The same rows written the other way round, in a table whose columns are declared the other way round."""
    for database, columns in zip(both, ("a int, b text", "b text, a int"), strict=True):
        run(database, f"create table turned ({columns})")
    run(both[0], "insert into turned (a, b) values (1, 'x'), (2, 'y')")
    run(both[1], "insert into turned (a, b) values (2, 'y'), (1, 'x')")
    found = compare.compare(*map(pipeline, both))
    assert found.equal, found.differences


def test_the_sessions_own_settings_do_not_matter(both: Both, pipeline: Session) -> None:
    """A database that prints its values otherwise by default is still equal."""
    with closing(both[1].connect()) as admin:
        for setting in (
            "datestyle = 'German'",
            "intervalstyle = 'iso_8601'",
            "bytea_output = 'escape'",
            "extra_float_digits = -5",
        ):
            admin.execute(sql.SQL("alter database {} set ").format(sql.Identifier(both[1].name)) + sql.SQL(setting))
    for database in both:
        run(
            database,
            "create table times (at timestamptz, f float8); insert into times values ('2026-01-02 03:04Z', 0.1 + 0.2)",
        )
    found = compare.compare(*map(pipeline, both))
    assert found.equal, found.differences


def test_sequences_and_definitions_are_compared(both: Both, pipeline: Session) -> None:
    """A position is a difference; an index, a default or an enum's label is said for people to judge."""
    for database in both:
        run(database, "create sequence s; create type mood as enum ('good')")
    run(both[1], "select nextval('s'); create index fast on bare (v); alter table bare alter v set default 'z'")
    run(both[1], "alter type mood add value 'bad'")
    found = compare.compare(*map(pipeline, both))
    assert found.differences == ("sequence public.s (next 1 on old, 2 on new)",)
    assert found.definitions == (
        "column public.bare.v: text on old, text default 'z'::text on new",
        "enum public.mood: good on old, good, bad on new",
        "index public.bare.public.fast: only on new",
    )


def test_what_is_not_compared_is_named(both: Both, pipeline: Session) -> None:
    """A view that stores its rows, and large objects."""
    run(both[0], "create materialized view kept as select 1")
    run(both[0], "select lo_create(0)")
    found = compare.compare(*map(pipeline, both))
    assert found.left_out == ("1 large objects", "materialized view public.kept")


def test_rows_hidden_by_a_policy_are_an_error(both: Both, pipeline: Session) -> None:
    """Row security would make the pipeline see fewer rows than there are: refused, never counted."""
    run(both[1], "alter table bare enable row level security; alter table bare force row level security")
    with pytest.raises(errors.NotAllowed, match="row-level security"):
        compare.compare(*map(pipeline, both))
