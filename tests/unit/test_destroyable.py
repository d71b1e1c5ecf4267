"""When new may be destroyed at all, by what the journals say; whatever the request says."""

from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import cast

import pytest

from switchback import settings
from switchback.domain.journal import Json, Kind, head, next_record
from switchback.domain.model import Side
from switchback.rollback.records import Outcome, Request, Way
from switchback.steps.postgres import LoadNew
from switchback.systems.journal import Store
from switchback.systems.journal.file import FileStore
from switchback.ways import runbooks
from switchback.ways.history import KeptFor, UsersWereOnNew, destroyable

DEV = settings.load("dev")
NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
WEEK = timedelta(seconds=DEV.policy.keep_new_s)


def asked(way: Way) -> Request:
    return Request(way=way, environment="dev", incident="a test", requested_by="The Tester")


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """No attempt was ever made."""
    return FileStore(tmp_path)


def tell(store: Store, way: Way, outcome: Outcome | None, at: datetime, *begun: str) -> str:
    """An attempt that was opened, began these steps and, with an outcome, was closed; returns its id."""
    run = f"{way}-dev-{len(store.runs())}"
    stamp = at.isoformat(timespec="milliseconds")
    lines: list[tuple[Kind, str, dict[str, Json]]] = [(Kind.OPENED, "", cast("dict[str, Json]", asdict(asked(way))))]
    lines += [(Kind.INTENT, step, {}) for step in begun]
    lines += [(Kind.CLOSED, "", {"outcome": outcome.value})] if outcome else []
    told = []
    with store.turn(run) as turn:
        for kind, step, data in lines:
            record = next_record(told, at=stamp, kind=kind, step=step, data=data)
            told.append(record)
            turn.append(record.line(), head(told))
    return run


def follows(store: Store) -> str:
    return destroyable(DEV, store, asked(Way.PRE_CUTOVER_DESTROY), NOW).follows


def test_before_any_cutover_nothing_stands_in_the_way(store: Store) -> None:
    """And nothing tells of rows on new."""
    assert follows(store) == ""


@pytest.mark.parametrize("outcome", [Outcome.DONE, None])
def test_after_a_cutover_it_is_refused(store: Store, outcome: Outcome | None) -> None:
    """Finished or under way: users may be there."""
    run = tell(store, Way.CUTOVER, outcome, NOW - 52 * WEEK)
    with pytest.raises(UsersWereOnNew, match=run):
        follows(store)


def test_an_unfinished_way_back_changes_nothing(store: Store) -> None:
    """Users are on new until it is done."""
    tell(store, Way.CUTOVER, Outcome.DONE, NOW - 52 * WEEK)
    tell(store, Way.DNS_SWITCHBACK, None, NOW - 51 * WEEK)
    tell(store, Way.DNS_SWITCHBACK, Outcome.UNDONE, NOW - 51 * WEEK)
    with pytest.raises(UsersWereOnNew):
        follows(store)


@pytest.mark.parametrize("way", [Way.DNS_SWITCHBACK, Way.EVALUATED_ROLLBACK])
def test_after_a_rollback_new_is_kept_for_as_long_as_was_agreed(store: Store, way: Way) -> None:
    """Half-open: at its very end it may go, and the rollback tells what may be on it."""
    tell(store, Way.CUTOVER, Outcome.DONE, NOW - 3 * WEEK)
    run = tell(store, way, Outcome.DONE, NOW - WEEK + timedelta(seconds=1))
    with pytest.raises(KeptFor, match=r"until 2026-03-10 12:00:01 UTC"):
        follows(store)
    assert destroyable(DEV, store, asked(Way.PRE_CUTOVER_DESTROY), NOW + timedelta(seconds=1)).follows == run


def test_an_undone_cutover_tells_what_may_be_on_new(store: Store) -> None:
    """Users may have been there for a while: rows count from what it recorded."""
    assert follows(store) == ""
    run = tell(store, Way.CUTOVER, Outcome.UNDONE, NOW - timedelta(minutes=5), LoadNew.name)
    tell(store, Way.PRE_CUTOVER_DESTROY, Outcome.UNDONE, NOW - timedelta(minutes=4))
    assert follows(store) == run


def test_a_cutover_that_was_refused_says_nothing_of_new(store: Store) -> None:
    """What the rollback before it left there is kept for as long as was agreed, and counted from that."""
    run = tell(store, Way.DNS_SWITCHBACK, Outcome.DONE, NOW - timedelta(hours=1))
    tell(store, Way.CUTOVER, Outcome.UNDONE, NOW - timedelta(minutes=5))
    tell(store, Way.CUTOVER, Outcome.UNDONE, NOW - timedelta(minutes=4), f"fence {Side.NEW}")
    with pytest.raises(KeptFor, match=run):
        follows(store)
    assert destroyable(DEV, store, asked(Way.PRE_CUTOVER_DESTROY), NOW + WEEK).follows == run


def test_what_was_before_a_destroy_says_nothing_of_the_new_that_came_after(store: Store) -> None:
    """Deployed again, new is empty."""
    tell(store, Way.CUTOVER, Outcome.UNDONE, NOW - WEEK, LoadNew.name)
    tell(store, Way.PRE_CUTOVER_DESTROY, Outcome.DONE, NOW - timedelta(minutes=4))
    assert follows(store) == ""


def test_the_agreed_time_is_the_descriptors(store: Store) -> None:
    """Each environment may agree on another."""
    run = tell(store, Way.DNS_SWITCHBACK, Outcome.DONE, NOW - timedelta(hours=2))
    brief = replace(DEV, policy=DEV.policy.model_copy(update={"keep_new_s": 3600.0}))
    assert destroyable(brief, store, asked(Way.PRE_CUTOVER_DESTROY), NOW).follows == run


def test_a_cutover_after_a_destroy_asks_for_nothing_that_was_before(store: Store) -> None:
    """The destroy followed nothing."""
    run = tell(store, Way.PRE_CUTOVER_DESTROY, Outcome.DONE, NOW)
    runbook = runbooks.of_request(DEV, store, replace(asked(Way.CUTOVER), follows=run))
    load = runbook.named(LoadNew.name)
    assert isinstance(load, LoadNew)
    assert load.given_up() == {}
