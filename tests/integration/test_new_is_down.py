"""New's databases die with users on new: users go back without them, and what was written there comes home later."""

import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import pytest

from infra.local import postgres
from infra.local.azure.faults import Fault, Faults
from infra.local.secrets import ADMIN
from switchback.domain.approval import NotApproved, NotASteward
from switchback.domain.errors import Unreachable
from switchback.domain.model import Side
from switchback.rollback.attempt import Ended
from switchback.rollback.records import Request, Way
from switchback.steps import kubernetes as kubernetes_steps
from switchback.steps import recovery
from switchback.steps.postgres import LoadNew, NewAnswers, RowsWait, access
from switchback.steps.postgres.sites import WrittenSince
from switchback.systems import journal, kubernetes
from switchback.ways import backing_up, ballot, conduct, dns_switchback, giving_up, history, moving, reviewing, timeline
from switchback.ways.giving_up import GivenUp
from tests.fix_ways import VOTE, Ways

DATABASE, OTHER = "publisher_db", "chain_db"
AUTHOR = "insert into authors (handle, email) values ('{0}', '{0}@example.test')"
LABEL = "update price_tiers set label = '{}' where code = 'standard'"
DRAFT = """
insert into "Draft" ("generationId", "order", body, operation_id)
select min(id), 999, 'made on old', gen_random_uuid() from generations
"""
EVENT = "insert into publication_events (operation_id, story_id, kind) values ('{}', 1, 'made')"
READ_LABEL = "select label from price_tiers where code = 'standard'"
FENCE = "fence new"
USERS_ARE_BACK = "name servers answer with old"


@pytest.fixture
def dead(ways: Ways, request: pytest.FixtureRequest) -> Iterator[Ways]:
    """Both sites held the same, users have written on new, and new's server is down. A standby has become old."""
    ways.level()
    postgres.fail_over(ways.site.layout, Side.OLD)
    on_new = [AUTHOR.format(f"{request.node.name}-{which}") for which in ("new", "twice")]
    ways.run(Side.NEW, DATABASE, *on_new, LABEL.format("as new has it"))
    with ways.down(Side.NEW):
        yield ways


def known(ways: Ways, side: Side, name: str) -> list[str]:
    """Which of a test's authors a site has."""
    rows = ways.run(side, DATABASE, f"select handle from authors where handle like '{name}-%' order by id")  # noqa: S608
    return sorted(str(handle).rpartition("-")[2] for (handle,) in rows)


def refuse_unseen(ways: Ways) -> None:
    """What was given up is there again: a cutover says how much would go, and nobody is sent if it is other by then."""
    for more, write in ((1, AUTHOR), (0, "update authors set email = '{}' where handle like 'unheard-of-%'")):
        attempt = ways.begin(Way.CUTOVER)
        [told] = {change.before for change in conduct.plan(attempt).changes if change.subject == f"{DATABASE} on new"}
        rows = int(re.match(r"(\d+) rows that old has not so: given up", told)[1])  # type: ignore[index] # else it fails
        assert rows > 0
        ways.run(Side.NEW, DATABASE, write.format(f"unheard-of-{attempt.run}"))
        with pytest.raises(WrittenSince, match=f"{rows + more} rows"):
            ways.go(attempt)
        assert known(ways, Side.NEW, "unheard-of")
        with suppress(Ended):
            conduct.undo(attempt)
    undo_to_the_end(ways, attempt)


def last_author(ways: Ways) -> int:
    """The greatest key that old has."""
    [(found,)] = ways.run(Side.OLD, DATABASE, "select max(id) from authors")
    return int(str(found))


def pods(ways: Ways) -> int:
    """How many pods new's applications want."""
    selectors = tuple(service.selector for service in ways.environment.services)
    return sum(kubernetes.open_cluster(ways.environment, Side.NEW).wanted(selectors).values())


def on_ground(ways: Ways) -> recovery.Ground:
    """What a way back from the last cutover stands on."""
    cutover = next(told for told in history.newest_first(journal.open_store(ways.environment)) if told.done)
    return recovery.ground(ways.environment, (), cutover.records)


def give_up(run: str, *databases: str) -> GivenUp:
    """As the data steward."""
    return giving_up.give_up_new(run, "Dana Example", "the disk is gone", databases)


def undo_to_the_end(ways: Ways, attempt: conduct.Attempt) -> None:
    """New answers again; and the next cutover loads it anew."""
    with suppress(Ended):
        conduct.undo(attempt)
    ways.cut_over()
    assert ways.differences() == {}


def test_users_go_back_and_what_they_wrote_follows(dead: Ways, request: pytest.FixtureRequest) -> None:
    """Nothing is lost, what both sides changed is a conflict for a person, and the next cutover goes as ever."""
    with pytest.raises(recovery.NewSilent, match="new_is_down"):
        conduct.rehearse(Request(way=Way.DNS_SWITCHBACK, environment="local", incident="errors", requested_by="Grace"))
    attempt = dead.begin(Way.DNS_SWITCHBACK, new_is_down=True)
    assert "does not answer" not in moving.numbers(attempt)[-1]
    dead.go(attempt, upto=USERS_ARE_BACK)
    assert pods(dead) == 0
    before = last_author(dead)
    dead.run(Side.OLD, DATABASE, AUTHOR.format(f"{request.node.name}-old"), LABEL.format("as old has it"))
    dead.run(Side.OLD, "story_generator_db", DRAFT)  # new never had it, say the keys of the cutover
    assert last_author(dead) - before > dead.environment.policy.unseen_sequence_gap
    with pytest.raises(Unreachable):
        conduct.carry_out(attempt, FENCE)
    assert moving.why_new_is_silent(attempt)

    postgres.start(dead.site.layout, Side.NEW)
    assert not moving.why_new_is_silent(attempt)
    dead.go(attempt, upto="export what was written on new")
    dead.run(Side.OLD, DATABASE, AUTHOR.format(f"{request.node.name}-twice"))  # what was exported does not fit any more
    dead.go(attempt)
    assert known(dead, Side.OLD, request.node.name) == ["new", "old", "twice"]
    assert dead.run(Side.OLD, DATABASE, READ_LABEL) == [("as old has it",)]
    left = recovery.left_by(conduct.told(attempt).records) or {}
    assert {table.table: table.upserts for table in left[DATABASE]} == {"authors": 1, "price_tiers": 1}
    assert reviewing.sign_left(attempt.run, "Dana Example", "what old has stands") == 2

    dead.cut_over()
    assert pods(dead) > 0
    assert known(dead, Side.NEW, request.node.name) == ["new", "old", "twice"]


def test_taken_back_it_loses_nothing(dead: Ways, request: pytest.FixtureRequest) -> None:
    """Old is fenced again with what users wrote there, new's applications run again."""
    attempt = dead.begin(Way.DNS_SWITCHBACK, new_is_down=True)
    dead.go(attempt, upto=USERS_ARE_BACK)
    dead.run(Side.OLD, DATABASE, AUTHOR.format(f"{request.node.name}-between"))
    postgres.start(dead.site.layout, Side.NEW)
    conduct.undo(attempt)
    assert pods(dead) > 0
    dead.run(Side.NEW, DATABASE, AUTHOR.format(f"{request.node.name}-afterwards"))
    dead.go(dead.begin(Way.DNS_SWITCHBACK))
    assert known(dead, Side.OLD, request.node.name) == ["afterwards", "between", "new", "twice"]


def test_a_new_that_is_lost_is_signed_for(dead: Ways, request: pytest.FixtureRequest) -> None:
    """Once users are on old, and only while none of its databases can be read; then new may be filled again."""
    attempt = dead.begin(Way.DNS_SWITCHBACK, new_is_down=True)
    with pytest.raises(giving_up.UsersStillOnNew):
        give_up(attempt.run)
    dead.go(attempt, upto=USERS_ARE_BACK)
    with pytest.raises(NotASteward, match="Mallory"):
        giving_up.give_up_new(attempt.run, "Mallory", "nobody asked")
    postgres.start(dead.site.layout, Side.NEW)
    with pytest.raises(giving_up.NotLost, match=DATABASE):
        give_up(attempt.run)

    with dead.gone(*(service.database for service in dead.environment.services)):
        assert moving.why_new_is_silent(attempt)
        assert give_up(attempt.run) is GivenUp.ALL
        assert give_up(attempt.run) is GivenUp.ALL
        assert not moving.why_new_is_silent(attempt)
        assert "Dana Example signs for all of new" in timeline.timeline(conduct.told(attempt).records)
        assert conduct.finish(attempt).outcome == "done"
    refuse_unseen(dead)
    dead.cut_over()
    assert known(dead, Side.NEW, request.node.name) == []


def test_one_database_of_new_is_lost(dead: Ways, request: pytest.FixtureRequest) -> None:
    """It is signed for by name; what the others hold comes home; one that is made again is fenced, and another one."""
    postgres.start(dead.site.layout, Side.NEW)
    dead.run(Side.NEW, OTHER, "insert into networks values ('beside a lost one', 'x', 0)")
    with dead.gone(DATABASE):
        for way in (Way.DNS_SWITCHBACK, Way.EVALUATED_ROLLBACK):
            with pytest.raises(recovery.NewSilent, match=DATABASE):
                conduct.rehearse(Request(way=way, environment="local", incident="errors", requested_by="Grace"))
        attempt = dead.begin(Way.DNS_SWITCHBACK, new_is_down=True)
        dead.go(attempt, upto=USERS_ARE_BACK)
        for names in ((), (OTHER,), (DATABASE, OTHER)):
            with pytest.raises(giving_up.NotLost, match=OTHER):
                give_up(attempt.run, *names)
        with pytest.raises(giving_up.NoSuchDatabase, match="waits for"):
            give_up(attempt.run, "nobodys")
        assert DATABASE in moving.why_new_is_silent(attempt)
        assert give_up(attempt.run, DATABASE) is GivenUp.SOME
        assert give_up(attempt.run, DATABASE) is GivenUp.SOME
        assert not moving.why_new_is_silent(attempt)
        assert f"all that was written in {DATABASE} on new" in timeline.timeline(conduct.told(attempt).records)
        seen = access.FenceWhenItAnswers(dead.environment, Side.NEW, [DATABASE]).look()
        assert OTHER in {one.database for one in seen.state.databases}
        dead.run(Side.NEW, "postgres", f"create database {DATABASE} owner {ADMIN} template {DATABASE}_gone")
        assert "another server or database" in recovery.unreadable(on_ground(dead)).databases[DATABASE]
        dead.go(attempt, after=USERS_ARE_BACK)
        assert access.look(dead.environment, Side.NEW).shut
        assert conduct.finish(attempt).waiting_on_new == 0
        with pytest.raises(giving_up.NoSuchDatabase, match="none"):
            give_up(attempt.run, OTHER)
    assert dead.run(Side.OLD, OTHER, "select count(*) from networks where code = 'beside a lost one'") == [(1,)]
    assert known(dead, Side.OLD, request.node.name) == []
    dead.cut_over()
    assert known(dead, Side.NEW, request.node.name) == []


@pytest.mark.parametrize(
    ("way", "last"),
    [
        (Way.DNS_SWITCHBACK, FENCE),
        (Way.DNS_SWITCHBACK, "advance the sequences of old"),
        (Way.EVALUATED_ROLLBACK, "export what was written on new"),
    ],
)
def test_new_dies_behind_the_fences(ways: Ways, way: Way, last: str, request: pytest.FixtureRequest) -> None:
    """Nobody is served then: the same attempt goes on without new, voted on anew, and brings its rows home later.

    Also where somebody has tried to undo it, which does not come to its end without new, or has denied to go on.
    """
    ways.level()
    logins = access.look(ways.environment, Side.NEW).state.logins
    ways.run(Side.NEW, DATABASE, AUTHOR.format(f"{request.node.name}-new"))
    attempt = ways.begin(way)
    ways.go(attempt, upto=last)
    asked = Request(way=Way.DNS_SWITCHBACK, environment="local", incident="", requested_by="Grace", new_is_down=True)
    with pytest.raises(NewAnswers):
        conduct.begin(asked, key="", resume=attempt.run)
    assert conduct.request(attempt).way is way
    with ways.down(Side.NEW):
        with pytest.raises(Unreachable):
            ways.go(attempt)
        with pytest.raises(Unreachable):
            conduct.undo(attempt)
        conduct.begin(asked, key="", resume=attempt.run)
        plan = conduct.plan(attempt)
        assert "new is down" in plan.title
        assert not ballot.stands(attempt, plan)
        ballot.ask(attempt, plan, "denied")
        with pytest.raises(NotApproved):
            ballot.cast(attempt, plan, "denied", VOTE | {"decision": "deny"})
        assert journal.open_store(ways.environment).holder() is not None, "the fences stand: it is not over"
        ways.vote(attempt, plan)
        ways.go(attempt, upto=USERS_ARE_BACK)
        assert backing_up.side_in_use(ways.environment) is Side.OLD
        ways.run(Side.OLD, DATABASE, AUTHOR.format(f"{request.node.name}-old"))
    ways.go(attempt, after=USERS_ARE_BACK)
    assert known(ways, Side.OLD, request.node.name) == ["new", "old"]
    assert conduct.finish(attempt).waiting_on_new == 0
    ways.cut_over()
    assert known(ways, Side.NEW, request.node.name) == ["new", "old"]
    assert access.look(ways.environment, Side.NEW).state.logins == logins


def test_new_dies_once_what_was_reviewed_is_on_old(ways: Ways, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    """People have edited a value: that is what came home, and users on old are not held up by another decision."""
    ways.level()
    name = request.node.name
    ways.run(Side.NEW, DATABASE, AUTHOR.format(f"{name}-new"))
    attempt = ways.begin(Way.EVALUATED_ROLLBACK)
    ways.go(attempt, upto="export what was written on new")
    reviewing.fetch_bundles(attempt.run, tmp_path / "b")
    [file] = (tmp_path / "b" / DATABASE).glob("*public.authors.csv")
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace(f"{name}-new@example.test", "edited@example.test"), encoding="utf-8")
    reviewing.return_bundles(attempt.run, tmp_path / "b")
    assert ways.answer(attempt)
    ways.go(attempt, after="export what was written on new", upto=recovery.Apply.name)
    asked = Request(way=Way.DNS_SWITCHBACK, environment="local", incident="", requested_by="Grace", new_is_down=True)
    with ways.down(Side.NEW):
        with pytest.raises(Unreachable):
            ways.go(attempt, after=recovery.Apply.name)
        conduct.begin(asked, key="", resume=attempt.run)
        ways.vote(attempt, conduct.plan(attempt))
        ways.go(attempt, upto=USERS_ARE_BACK)
        ways.run(Side.OLD, DATABASE, AUTHOR.format(f"{name}-old"))
    ways.go(attempt, after=USERS_ARE_BACK)
    assert known(ways, Side.OLD, name) == ["new", "old"]
    read = f"select email from authors where handle = '{name}-new'"  # noqa: S608
    assert ways.run(Side.OLD, DATABASE, read) == [("edited@example.test",)]
    assert conduct.finish(attempt).waiting_on_new == 0
    ways.cut_over()


def test_new_dies_while_it_is_loaded(ways: Ways) -> None:
    """Nobody was ever there: users are let onto old again without it, and the next cutover loads it anew."""
    ways.go_home()
    attempt = ways.begin(Way.CUTOVER)
    ways.go(attempt, upto=LoadNew.name)
    with ways.down(Side.NEW):
        with suppress(Unreachable):
            conduct.undo(attempt)
        assert access.look(ways.environment, Side.OLD).state.logins
        with pytest.raises(recovery.NotRecorded):
            give_up(attempt.run)
    undo_to_the_end(ways, attempt)


def test_new_dies_just_after_it_was_opened(ways: Ways) -> None:
    """Nobody knows what was written there: users are let onto old again once that is signed for."""
    ways.go_home()
    attempt = ways.begin(Way.CUTOVER)
    ways.go(attempt, upto=f"unfence {Side.NEW}")
    with pytest.raises(giving_up.NotLost):
        give_up(attempt.run)
    with ways.down(Side.NEW):
        with pytest.raises(Unreachable):
            conduct.undo(attempt)
        with pytest.raises(giving_up.NoSuchDatabase, match="all of new"):
            give_up(attempt.run, OTHER)
        assert give_up(attempt.run) is give_up(attempt.run) is GivenUp.OPENED
        with suppress(Unreachable):
            conduct.undo(attempt)
        assert access.look(ways.environment, Side.OLD).state.logins
    with suppress(Ended):
        conduct.undo(attempt)
    ways.run(Side.NEW, DATABASE, AUTHOR.format(f"after-{attempt.run}"))
    refuse_unseen(ways)


def test_old_dies_before_anybody_is_there(ways: Ways, request: pytest.FixtureRequest) -> None:
    """Users are let onto new again without it; what came home before stays on old, and is no conflict the next time."""
    ways.level()
    ways.run(Side.NEW, DATABASE, AUTHOR.format(f"{request.node.name}-new"))
    attempt = ways.begin(Way.DNS_SWITCHBACK)
    ways.go(attempt, upto="advance the sequences of old")
    with ways.down(Side.OLD):
        conduct.undo(attempt)
        ways.run(Side.NEW, DATABASE, AUTHOR.format(f"{request.node.name}-since"))
    again = ways.begin(Way.DNS_SWITCHBACK)
    ways.go(again)
    assert conduct.finish(again).waiting_on_new == 0
    assert known(ways, Side.OLD, request.node.name) == ["new", "since"]


def test_what_users_delete_on_new_after_it_came_home_is_asked_about(ways: Ways, request: pytest.FixtureRequest) -> None:
    """Old died with their rows on it, users deleted them on new since: they are not brought back unasked."""
    ways.level()
    event, name = str(uuid4()), request.node.name
    ways.run(Side.NEW, DATABASE, AUTHOR.format(f"{name}-gone"), AUTHOR.format(f"{name}-stays"), EVENT.format(event))
    attempt = ways.begin(Way.DNS_SWITCHBACK)
    ways.go(attempt, upto="advance the sequences of old")
    with ways.down(Side.OLD):
        conduct.undo(attempt)
    gone = f"delete from authors where handle = '{name}-gone'"  # noqa: S608
    ways.run(Side.NEW, DATABASE, gone, f"delete from publication_events where operation_id = '{event}'")  # noqa: S608
    again = ways.begin(Way.DNS_SWITCHBACK)
    ways.go(again)
    assert conduct.finish(again).waiting_on_new == 2
    left = recovery.left_by(conduct.told(again).records) or {}
    deletes = sorted((table.table, table.deletes) for table in left[DATABASE])
    assert deletes == [("authors", 1), ("publication_events", 1)]
    assert known(ways, Side.OLD, name) == ["gone", "stays"]
    with pytest.raises(RowsWait):
        conduct.rehearse(Request(way=Way.CUTOVER, environment="local", incident="again", requested_by="Me"))
    assert reviewing.sign_left(again.run, "Dana Example", "they may stay") == 2
    ways.cut_over()


def test_another_new_is_down_too(ways: Ways) -> None:
    """It answers, and has not what users wrote: nobody waits for rows that it cannot give."""
    ground = on_ground(ways)
    assert not recovery.unreadable(ground).databases
    rebuilt = tuple(replace(one, system_identifier="1") for one in ground.sites.new)
    another = replace(ground, sites=replace(ground.sites, new=rebuilt))
    assert "another server" in recovery.NewIsDown(another).look().databases[DATABASE]


def test_a_new_that_was_deleted_is_down(ways: Ways) -> None:
    """Azure knows no such cluster; the server takes no password that a vault has, or the vault knows none."""
    environment = ways.environment
    gone = replace(environment, new=replace(environment.new, cluster="deleted"))
    assert kubernetes_steps.StopWhatAnswers(gone, Side.NEW).look().replicas == {}
    assert kubernetes_steps.UsersHaveLeft(gone, Side.NEW).look().stragglers == ()
    ground = replace(on_ground(ways), environment=gone)
    assert "cannot be stopped" in dns_switchback.numbers(ground)[-1]
    other = environment.postgres.model_copy(update={"secret": "nobody-has-it"})
    without = replace(ground, environment=replace(gone, postgres=other))
    assert set(recovery.NewIsDown(without).look().databases) == set(ground.environment.databases)


def test_a_descriptor_that_names_other_databases_is_refused(ways: Ways) -> None:
    """One that it does not name would be opened on old, and neither be fenced on new nor come home."""
    cutover = next(told for told in history.newest_first(journal.open_store(ways.environment)) if told.done)
    with pytest.raises(recovery.OtherDatabases, match=DATABASE):
        recovery.ground(ways.environment.without({DATABASE}), (), cutover.records)


def test_a_cluster_that_is_down_as_well_is_told_of_and_left(ways: Ways) -> None:
    """Nobody can stop its applications: whoever votes is told so, and users do not wait for it."""
    ground, faults = on_ground(ways), Faults.of(ways.site.layout)
    stop = kubernetes_steps.StopWhatAnswers(ways.environment, Side.NEW)
    wanted = stop.look().replicas
    assert wanted
    assert "are stopped before users move" in dns_switchback.numbers(ground)[-1]
    faults.add(Fault.DROP, path=f"/{ways.environment.new.cluster}/", times=None)
    try:
        assert stop.look().replicas == {}
        assert "cannot be stopped" in dns_switchback.numbers(ground)[-1]
    finally:
        faults.clear()
