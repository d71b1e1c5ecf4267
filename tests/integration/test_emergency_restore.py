"""Emergency restore on the running local site: old's cluster deleted for real, and brought back from Azurite."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import cast

import pytest

from infra.local import postgres
from switchback.backup import asides, certify, take
from switchback.backup.choose import NoBackup
from switchback.domain.model import Side
from switchback.drill import plant
from switchback.rollback import records
from switchback.rollback.attempt import PastReturn
from switchback.rollback.records import Option, Request, Way
from switchback.steps import backup, recovery
from switchback.steps.postgres import NewAnswers, RowsWaiting
from switchback.systems import depot
from switchback.systems import kubernetes as clusters
from switchback.systems.postgres.access import NoSuchDatabases
from switchback.ways import conduct, emergency_restore, moving
from tests.fix_backups import Backups
from tests.fix_ways import Ways

DATABASE, OTHER = "publisher_db", "story_generator_db"
NEWER = "insert into authors (handle, email) values ('since-' || gen_random_uuid(), 'since@example.test')"
DRAFT = """
insert into "Draft" ("generationId", "order", body, operation_id)
select min(id), 999, 'since the backup', gen_random_uuid() from generations
"""
DRAFTS = """select count(*) from "Draft" where body = 'since the backup'"""
NEXT = "select nextval(pg_get_serial_sequence('authors', 'id'))"
ASKED = "select count(*) from authors where handle like 'since-%'"


@pytest.fixture
def backed_up(ways: Ways) -> Ways:
    """Users are on new; a proven backup of old, as it was when they left."""
    kept = depot.open_depot(ways.environment, make=True)
    sealed = take.take(ways.environment, kept, Side.OLD, datetime.now(UTC))
    certify.certify(ways.environment, kept, sealed, Side.OLD)
    return ways


def replicas(ways: Ways, side: Side = Side.OLD) -> dict[str, int]:
    cluster = clusters.open_cluster(ways.environment, side)
    return cluster.wanted([service.selector for service in ways.environment.services])


def databases(ways: Ways) -> set[str]:
    rows = ways.run(Side.OLD, "postgres", "select datname from pg_database where datname like '%\\_db%'")
    return {str(name) for (name,) in rows}


def test_old_is_deleted_and_comes_back_with_all_that_was_written_since(backed_up: Ways) -> None:
    """Every step twice, as a resume does: bad backups refused by name, rows of new home, replicas as they were."""
    ways, before = backed_up, replicas(backed_up)
    kept = depot.open_depot(ways.environment)
    planted = plant.plant(kept, *plant.newest(kept, "local"), datetime.now(UTC))
    ways.run(Side.NEW, DATABASE, NEWER, "delete from price_tiers where code not in (select tier from stories)")
    ((on_new,),) = ways.run(Side.NEW, DATABASE, ASKED)
    postgres.destroy(ways.site.layout, Side.OLD)
    attempt = ways.begin(Way.EMERGENCY_RESTORE)
    shown = " ".join(moving.numbers(attempt))
    assert all(name in shown for name in planted)
    assert "minutes old" in shown
    assert "at least" in shown
    ways.go(attempt, upto=RowsWaiting.name)
    with pytest.raises(PastReturn):
        conduct.undo(attempt)
    ways.go(attempt)  # resumed with users on old: they stay there
    assert not ways.locked_out(attempt, Side.OLD)
    plant.uproot(kept, "local", planted)
    assert conduct.finish(attempt).waiting_on_new == 0
    assert ways.differences() == {}
    assert ways.run(Side.OLD, DATABASE, ASKED) == [(on_new,)]
    assert replicas(ways) == before
    assert databases(ways) == {service.database for service in ways.environment.services}


def test_one_database_of_new_is_lost_as_well(backed_up: Ways) -> None:
    """It is named, given up by whoever approves, and old leaves room in its sequences; the others lose nothing."""
    ways = backed_up
    ways.run(Side.NEW, DATABASE, NEWER)
    ways.run(Side.NEW, OTHER, DRAFT)
    asked = Request(way=Way.EMERGENCY_RESTORE, environment="local", incident="a test", requested_by="T")
    every = tuple(service.database for service in ways.environment.services)
    refusals = {(DATABASE,): NewAnswers, ("nothing_db",): NoSuchDatabases, every: emergency_restore.AllLost}
    for lost, met in refusals.items():
        with pytest.raises(met):
            conduct.rehearse(replace(asked, lost=lost))
    [(before,)] = ways.run(Side.OLD, DATABASE, NEXT)
    postgres.destroy(ways.site.layout, Side.OLD)
    with ways.gone(DATABASE):
        with pytest.raises(recovery.NewSilent, match="lost_databases"):
            conduct.rehearse(asked)
        attempt = ways.begin(Way.EMERGENCY_RESTORE, lost=(DATABASE,))
        with pytest.raises(conduct.OtherOption, match=f"{DATABASE} is lost"):
            conduct.begin(asked, key="", resume=attempt.run)
        shown = " ".join(moving.numbers(attempt))
        assert f"all that was written since in {DATABASE}" in shown
        assert "in the others: by new's row counts at least" in shown
        ways.go(attempt)
    loss = records.observed(conduct.told(attempt).records, backup.LossSigned.name)
    assert loss is not None
    assert cast("dict[str, object]", loss.data["seen"])["databases"] == [DATABASE]
    assert ways.run(Side.OLD, OTHER, DRAFTS) == [(1,)]
    [(after,)] = ways.run(Side.OLD, DATABASE, NEXT)
    assert int(str(after)) - int(str(before)) >= ways.environment.policy.unseen_sequence_gap
    ways.cut_over()
    assert ways.differences() == {}


def test_a_damaged_old_is_kept_aside_and_comes_back_by_undo(backed_up: Ways) -> None:
    """Old is there but its data is not good: the former databases keep their rows under another name, until undone.

    What users have written on new comes home from there by another way then.
    """
    ways, before = backed_up, replicas(backed_up)
    ways.run(Side.NEW, DATABASE, NEWER)
    ((on_new,),) = ways.run(Side.NEW, DATABASE, ASKED)
    ways.run(Side.OLD, DATABASE, "update authors set biography = 'damaged'")
    ((damaged,),) = ways.run(Side.OLD, DATABASE, "select count(*) from authors where biography = 'damaged'")
    attempt = ways.begin(Way.EMERGENCY_RESTORE)
    ways.go(attempt, upto=backup.BringHomeSince.name)
    former = asides.former(attempt.run, DATABASE)
    assert ways.run(Side.OLD, former, "select count(*) from authors where biography = 'damaged'") == [(damaged,)]
    assert ways.run(Side.OLD, DATABASE, "select count(*) from authors where biography = 'damaged'") == [(0,)]
    assert set(replicas(ways).values()) == {0}
    conduct.undo(attempt)
    assert ways.run(Side.OLD, DATABASE, "select count(*) from authors where biography = 'damaged'") == [(damaged,)]
    assert databases(ways) == {service.database for service in ways.environment.services}
    assert replicas(ways) == before
    ways.go(ways.begin(Way.DNS_SWITCHBACK))
    assert ways.run(Side.OLD, DATABASE, ASKED) == [(on_new,)]


def test_what_is_chosen_stays_chosen_until_the_attempt_ends(backed_up: Ways) -> None:
    """A newer backup does not change a plan that people are looking at."""
    ways = backed_up
    request = Request(way=Way.EMERGENCY_RESTORE, environment="local", incident="a test", requested_by="T")
    attempt = conduct.begin(request, key="f00dfeed")
    plan = conduct.plan(attempt)
    kept = depot.open_depot(ways.environment)
    good, proof = plant.newest(kept, "local")
    newer = Backups(environment=ways.environment, depot=kept, good=good, proof=proof)
    newest = newer.newer("newest")
    newer.put(newest)
    assert conduct.plan(attempt) == plan
    plant.uproot(kept, "local", [newest.backup])
    conduct.undo(attempt)


def test_without_a_backup_nothing_is_begun(ways: Ways) -> None:
    """Before the first backup there is nothing to restore: refused, and the environment is as it was."""
    request = Request(
        way=Way.EMERGENCY_RESTORE,
        environment="local",
        incident="a test",
        requested_by="T",
        before="2020-01-01T00:00:00Z",
    )
    before = replicas(ways)
    with pytest.raises(NoBackup, match="none before 2020-01-01"):
        conduct.rehearse(request)
    assert replicas(ways) == before


def test_a_loss_is_not_accepted_while_new_answers_and_is_signed_for_when_it_does_not(
    backed_up: Ways,
) -> None:
    """With new's server stopped: from which instant on, and who signed; then old serves and new is looked at later."""
    ways = backed_up
    request = Request(
        way=Way.EMERGENCY_RESTORE,
        environment="local",
        incident="a test",
        requested_by="T",
        option=Option.ACCEPT_LOSS,
    )
    with pytest.raises(NewAnswers):
        conduct.rehearse(request)
    with ways.down(Side.NEW):
        attempt = ways.begin(Way.EMERGENCY_RESTORE, Option.ACCEPT_LOSS)
        assert "nobody knows how much" in " ".join(moving.numbers(attempt))
        ways.go(attempt, upto=backup.LossSigned.name)
    with pytest.raises(NewAnswers):
        ways.go(attempt, after=backup.LossSigned.name)
    with ways.down(Side.NEW):
        ways.go(attempt)
        assert set(replicas(ways, Side.NEW).values()) == {0}
    observed = records.observed(conduct.told(attempt).records, backup.LossSigned.name)
    assert observed is not None
    loss = observed.data["seen"]
    assert isinstance(loss, dict)
    assert loss["signed_by"] == "Ada Example"
    assert datetime.fromisoformat(str(loss["since"])) < datetime.now(UTC)
    ways.cut_over()
    assert all(replicas(ways, Side.NEW).values())
