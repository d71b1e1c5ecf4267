"""Tables that new has lost most of, when users go back without a review: old keeps its rows until a person has said."""

from collections.abc import Callable, Iterator

import pytest

from infra.local import databases, postgres
from infra.local.layout import Layout
from switchback.domain.model import Side
from switchback.rollback.records import Way
from switchback.steps import recovery
from switchback.steps.recovery import emptied
from switchback.ways import conduct, reviewing
from tests.fix_ways import Ways

KEYED, KEYLESS = ("publisher_db", "story_contributors"), ("chain_db", "rate_snapshots")
ELSEWHERE = ("story_generator_db", "scenes")


def rows(ways: Ways, side: Side, place: tuple[str, str]) -> int:
    """How many rows a table has."""
    database, table = place
    [(count,)] = ways.run(side, database, f"select count(*) from {table}")  # noqa: S608
    return int(str(count))


@pytest.fixture
def unlogged(ways: Ways) -> Iterator[Ways]:
    """Users are on old, which has a small unlogged table."""
    ways.go_home()
    owned = f"alter table held owner to {databases.of('publisher').owner}"
    ways.run(Side.OLD, KEYED[0], "create unlogged table held (id int primary key, v text)", owned)
    ways.run(Side.OLD, KEYED[0], "insert into held select i, 'before' from generate_series(1, 4) i")
    yield ways
    for side in Side:
        ways.run(side, KEYED[0], "drop table if exists held")


def lose_unlogged(ways: Ways, how: Callable[[Layout, Side], None]) -> None:
    """New crashes, or a standby takes over; users write on when it is there again."""
    how(ways.site.layout, Side.NEW)
    assert rows(ways, Side.NEW, (KEYED[0], "held")) == 0
    ways.run(Side.NEW, KEYED[0], "insert into held values (1, 'again'), (9, 'after')")


def test_what_a_crash_of_new_has_emptied_stays_on_old(unlogged: Ways) -> None:
    """Postgres empties unlogged tables then; what users put there afterwards comes home, also where nobody is asked."""
    cutover = unlogged.begin(Way.CUTOVER)
    unlogged.go(cutover, upto=f"name servers answer with {Side.NEW}", again=False)
    lose_unlogged(unlogged, postgres.crash)
    conduct.undo(cutover)
    kept = [(1, "again"), (2, "before"), (3, "before"), (4, "before"), (9, "after")]
    assert unlogged.run(Side.OLD, KEYED[0], "select id, v from held order by id") == kept

    unlogged.run(Side.OLD, KEYED[0], "delete from held where id = 9")
    unlogged.cut_over()
    lose_unlogged(unlogged, postgres.fail_over)
    elsewhere = rows(unlogged, Side.OLD, ELSEWHERE)
    unlogged.run(Side.NEW, ELSEWHERE[0], "delete from scenes where ctid = (select max(ctid) from scenes)")
    attempt = unlogged.begin(Way.DNS_SWITCHBACK)
    unlogged.go(attempt)
    assert unlogged.run(Side.OLD, KEYED[0], "select id, v from held order by id") == kept
    assert rows(unlogged, Side.OLD, ELSEWHERE) == elsewhere - 1
    assert conduct.finish(attempt).waiting_on_new == 3
    reviewing.sign_left(attempt.run, "Dana Example", "a crash")


def test_a_truncated_table_is_not_emptied_on_old_unseen(ways: Ways, monkeypatch: pytest.MonkeyPatch) -> None:
    """All else comes home, also a few deletes elsewhere. Undoing a cutover takes all: old was the same before."""
    monkeypatch.setattr(emptied, "MANY", 1)
    ways.level()
    had = {place: rows(ways, Side.OLD, place) for place in (KEYED, KEYLESS)}
    elsewhere = rows(ways, Side.OLD, ELSEWHERE)
    assert min(*had.values(), elsewhere) > 2
    author = "insert into authors (handle, email) values ('kept apart', 'x')"
    ways.run(Side.NEW, KEYED[0], f"delete from {KEYED[1]}", author)  # noqa: S608
    ways.run(Side.NEW, KEYLESS[0], f"truncate {KEYLESS[1]}")
    ways.run(Side.NEW, ELSEWHERE[0], "delete from scenes where ctid = (select max(ctid) from scenes)")
    attempt = ways.begin(Way.DNS_SWITCHBACK)
    ways.go(attempt)
    assert {place: rows(ways, Side.OLD, place) for place in had} == had
    assert rows(ways, Side.OLD, ELSEWHERE) == elsewhere - 1
    assert ways.run(Side.OLD, KEYED[0], "select 1 from authors where handle = 'kept apart'") == [(1,)]
    left = recovery.left_by(conduct.told(attempt).records) or {}
    assert {table.table: table.deletes for tables in left.values() for table in tables} == {
        table: had[database, table] for database, table in had
    }
    assert conduct.finish(attempt).waiting_on_new == sum(had.values())
    assert reviewing.sign_left(attempt.run, "Dana Example", "a mistake on new") == sum(had.values())

    cutover = ways.begin(Way.CUTOVER)
    ways.go(cutover, upto=f"name servers answer with {Side.NEW}")
    assert {place: rows(ways, Side.NEW, place) for place in had} == had
    ways.run(Side.NEW, KEYED[0], f"delete from {KEYED[1]}")  # noqa: S608
    conduct.undo(cutover)
    assert rows(ways, Side.OLD, KEYED) == 0
