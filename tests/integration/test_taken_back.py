"""What is begun and then undone loses nothing either: not a cutover with users on new already, not a way back."""

from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest

from switchback.domain.model import Side
from switchback.recovery.bundle import Conflict
from switchback.rollback.records import Way
from switchback.steps import recovery
from switchback.systems import journal
from switchback.ways import conduct, history, reviewing
from tests.fix_ways import Ways

DATABASE = "publisher_db"
SENT = "send users to"
AUTHOR = "insert into authors (handle, email) values ('{0}', '{0}@example.test')"
LABEL = "update price_tiers set label = '{}' where code = 'standard'"
EVENT = "insert into publication_events (operation_id, story_id, kind) values ('{}', 1, 'made')"
EVENTS = "select count(*) from publication_events where operation_id = '{}'"
READ_LABEL = "select label from price_tiers where code = 'standard'"


@pytest.fixture
def home(ways: Ways) -> Ways:
    """Users are on old; whatever an earlier test left on new is signed for."""
    ways.go_home()
    return ways


@pytest.fixture
def away(home: Ways) -> Ways:
    """Users are on new, and both sites hold the same."""
    home.cut_over()
    return home


def authors(ways: Ways, side: Side, *handles: str) -> int:
    """How many of them a site has."""
    every = [row[0] for row in ways.run(side, DATABASE, "select handle from authors")]
    return sum(every.count(handle) for handle in handles)


def test_a_cutover_with_users_on_new_is_taken_back_with_what_they_wrote(home: Ways) -> None:
    """Their rows are on old before old takes writes; users then change old, and the next cutover is not refused."""
    attempt = home.begin(Way.CUTOVER)
    home.go(attempt, upto=f"{SENT} new")
    home.run(Side.NEW, DATABASE, AUTHOR.format("met-on-new"), LABEL.format("as new has it"))
    assert authors(home, Side.OLD, "met-on-new") == 0
    conduct.undo(attempt)
    assert journal.open_store(home.environment).holder() is None
    assert authors(home, Side.OLD, "met-on-new") == 1
    assert home.run(Side.OLD, DATABASE, READ_LABEL) == [("as new has it",)]
    home.run(Side.OLD, DATABASE, AUTHOR.format("met-on-old"), LABEL.format("as old has it"))
    home.run(Side.OLD, DATABASE, "delete from authors where handle = 'met-on-new'")
    home.cut_over()
    assert authors(home, Side.NEW, "met-on-new", "met-on-old") == 1
    assert home.run(Side.NEW, DATABASE, READ_LABEL) == [("as old has it",)]


def test_a_cutover_taken_back_before_anybody_was_on_new_is_no_hindrance(home: Ways) -> None:
    """New holds a copy of what old held; that users have changed old since is no reason to keep it."""
    attempt = home.begin(Way.CUTOVER)
    home.go(attempt, upto="load new")
    conduct.undo(attempt)
    home.run(Side.OLD, DATABASE, LABEL.format("changed since"), AUTHOR.format("made since"))
    home.run(Side.OLD, DATABASE, "delete from publication_events where story_id = (select min(id) from stories)")
    home.cut_over()
    assert authors(home, Side.NEW, "made since") == 1


def test_a_way_back_taken_back_with_users_on_old_keeps_what_each_site_was_told(away: Ways) -> None:
    """What came home and what users then did on old stays; both come together the next time, each once."""
    event = str(uuid4())
    away.run(Side.NEW, DATABASE, AUTHOR.format("first"), AUTHOR.format("unwanted"), LABEL.format("new, before"))
    away.run(Side.NEW, DATABASE, EVENT.format(event))
    attempt = away.begin(Way.DNS_SWITCHBACK)
    away.go(attempt, upto=f"{SENT} old")
    away.run(Side.OLD, DATABASE, AUTHOR.format("only-on-old"), LABEL.format("old, meanwhile"))
    away.run(Side.OLD, DATABASE, "delete from authors where handle = 'unwanted'")
    conduct.undo(attempt)
    assert authors(away, Side.OLD, "only-on-old") == 1
    away.run(Side.NEW, DATABASE, AUTHOR.format("second"), LABEL.format("new, after"))

    again = away.begin(Way.DNS_SWITCHBACK)
    away.go(again)
    assert authors(away, Side.OLD, "first", "second", "only-on-old") == 3
    assert authors(away, Side.OLD, "unwanted") == 0
    assert away.run(Side.OLD, DATABASE, EVENTS.format(event)) == [(1,)]
    assert away.run(Side.OLD, DATABASE, READ_LABEL) == [("old, meanwhile",)]
    left = recovery.left_by(conduct.told(again).records) or {}
    assert [(table.table, table.upserts) for table in left[DATABASE]] == [("price_tiers", 1)]
    assert reviewing.sign_left(again.run, "Dana Example", "the label of old stands") == 1


def test_a_way_back_taken_back_behind_the_fences_leaves_old_as_it_was(away: Ways) -> None:
    """Although its sequences have moved on; and the same rows come home the next time, without a conflict."""
    away.run(Side.NEW, DATABASE, AUTHOR.format("comes home"), LABEL.format("new, once"))
    before = away.run(Side.OLD, DATABASE, READ_LABEL)
    attempt = away.begin(Way.DNS_SWITCHBACK)
    away.go(attempt, upto="advance the sequences of old")
    conduct.undo(attempt)
    assert authors(away, Side.OLD, "comes home") == 0
    assert away.run(Side.OLD, DATABASE, READ_LABEL) == before
    away.run(Side.NEW, DATABASE, LABEL.format("new, twice"))
    again = away.begin(Way.DNS_SWITCHBACK)
    away.go(again)
    assert conduct.finish(again).waiting_on_new == 0
    assert authors(away, Side.OLD, "comes home") == 1
    assert away.run(Side.OLD, DATABASE, READ_LABEL) == [("new, twice",)]


@pytest.mark.parametrize(
    ("then", "same"),
    [
        ({"timeline": 0}, True),
        ({"timeline": 0, "entry": "1"}, False),
        ({"timeline": 0, "entry": ""}, False),
        ({"timeline": 0, "snapshot": "999999999:999999999:"}, False),
        ({"timeline": 99}, False),
        ({"oid": 1}, False),
        ({"system_identifier": "1"}, False),
    ],
)
def test_a_standby_that_took_over_is_old_if_it_knows_of_the_fence(ways: Ways, then: Any, same: bool) -> None:  # noqa: ANN401, FBT001
    """Another one may lack what users wrote, or have been written to: nobody is asked to go back to it."""
    cutover = next(told for told in history.newest_first(journal.open_store(ways.environment)) if told.done)
    ground = recovery.ground(ways.environment, (), cutover.records)
    recorded = tuple(replace(one, **then) for one in ground.sites.old)
    check = recovery.OldIsTheSame(replace(ground, sites=replace(ground.sites, old=recorded)))
    if same:
        assert set(check.look().timelines) == set(ground.environment.databases)
    else:
        with pytest.raises(recovery.AnotherOld, match="another server"):
            check.look()


@pytest.mark.parametrize(
    ("then", "found", "taken_for"),
    [
        ({}, {}, Conflict.NONE),
        ({"timeline": 0}, {}, Conflict.NONE),
        ({"timeline": 0, "entry": "7"}, {}, Conflict.TABLE_EMPTIED),
        ({"timeline": 0, "entry": ""}, {}, Conflict.TABLE_EMPTIED),
        ({"timeline": 0, "entry": "7"}, {DATABASE: "7"}, Conflict.NONE),
        ({"timeline": 0}, {DATABASE: "7"}, Conflict.TABLE_EMPTIED),
    ],
)
def test_what_a_standby_of_new_lacks_is_not_deleted_unseen(
    ways: Ways,
    then: Any,  # noqa: ANN401
    found: dict[str, str],
    taken_for: Conflict,
) -> None:
    """Unless it knows that new was opened to users: then it has all that was loaded before."""
    cutover = next(told for told in history.newest_first(journal.open_store(ways.environment)) if told.done)
    ground = recovery.ground(ways.environment, (), cutover.records)
    recorded = tuple(replace(one, **then) for one in ground.sites.new)
    ground = replace(ground, sites=replace(ground.sites, new=recorded), found=found)
    assert ground.request(DATABASE).deletes.conflict is taken_for


@pytest.mark.parametrize("then", [{"system_identifier": "1"}, {"snapshot": "999999999:999999999:"}])
def test_rows_that_another_new_lacks_are_not_deleted_on_old(ways: Ways, then: dict[str, str]) -> None:
    """A new that was built again, or set back to before the cutover, has not what users wrote: refused."""
    store = journal.open_store(ways.environment)
    cutover = next(told for told in history.newest_first(store) if told.done)
    ground = recovery.ground(ways.environment, (), cutover.records)
    ground.request(DATABASE)
    recorded = tuple(replace(one, **then) for one in ground.sites.new)
    with pytest.raises(recovery.AnotherNew, match=DATABASE):
        replace(ground, sites=replace(ground.sites, new=recorded)).request(DATABASE)
