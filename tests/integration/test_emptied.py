"""Tables that new has lost most of, when users go back without a review: old keeps its rows until a person has said."""

import pytest

from switchback.domain.model import Side
from switchback.rollback.records import Way
from switchback.steps import recovery
from switchback.steps.recovery import emptied
from switchback.ways import conduct, reviewing
from tests.fix_ways import Ways

KEYED, KEYLESS = ("publisher_db", "story_contributors"), ("chain_db", "rate_snapshots")


def rows(ways: Ways, side: Side, place: tuple[str, str]) -> int:
    """How many rows a table has."""
    database, table = place
    [(count,)] = ways.run(side, database, f"select count(*) from {table}")  # noqa: S608
    return int(str(count))


def test_a_truncated_table_is_not_emptied_on_old_unseen(ways: Ways, monkeypatch: pytest.MonkeyPatch) -> None:
    """What users wrote comes home all the same; signed for, the next cutover fills new with what old kept."""
    ways.level()
    monkeypatch.setattr(emptied, "MANY", 1)
    had = {place: rows(ways, Side.OLD, place) for place in (KEYED, KEYLESS)}
    assert min(had.values()) > 1
    author = "insert into authors (handle, email) values ('kept apart', 'x')"
    ways.run(Side.NEW, KEYED[0], f"delete from {KEYED[1]}", author)  # noqa: S608
    ways.run(Side.NEW, KEYLESS[0], f"truncate {KEYLESS[1]}")
    attempt = ways.begin(Way.DNS_SWITCHBACK)
    ways.go(attempt)
    assert {place: rows(ways, Side.OLD, place) for place in had} == had
    assert ways.run(Side.OLD, KEYED[0], "select 1 from authors where handle = 'kept apart'") == [(1,)]
    left = recovery.left_by(conduct.told(attempt).records) or {}
    assert {table.table: table.deletes for tables in left.values() for table in tables} == {
        table: had[database, table] for database, table in had
    }
    assert conduct.finish(attempt).waiting_on_new == sum(had.values())
    assert reviewing.sign_left(attempt.run, "Dana Example", "a mistake on new") == sum(had.values())
    ways.cut_over()
    assert {place: rows(ways, Side.NEW, place) for place in had} == had


def test_a_few_deletes_come_home(ways: Ways, monkeypatch: pytest.MonkeyPatch) -> None:
    """As users meant them; and all of them where a cutover is undone, because old was the same a moment before."""
    ways.level()
    monkeypatch.setattr(emptied, "MANY", 1)
    database, table = KEYED
    had = rows(ways, Side.OLD, KEYED)
    ways.run(Side.NEW, database, f"delete from {table} where ctid = (select max(ctid) from {table})")  # noqa: S608
    ways.go(ways.begin(Way.DNS_SWITCHBACK))
    assert rows(ways, Side.OLD, KEYED) == had - 1
    cutover = ways.begin(Way.CUTOVER)
    ways.go(cutover, upto=f"name servers answer with {Side.NEW}")
    ways.run(Side.NEW, database, f"delete from {table}")  # noqa: S608
    conduct.undo(cutover)
    assert rows(ways, Side.OLD, KEYED) == 0
