"""The local platform: services that really write, users that find them by name, and the data's way forward."""

import json
import os
import subprocess
import sys
import time
import uuid
from collections import Counter
from pathlib import Path

import psycopg
import pytest

from infra.local import faults, load_new, postgres
from infra.local.audit import audit
from infra.local.databases import DATABASES
from infra.local.faults import Fault
from infra.local.layout import ROOT
from infra.local.services import COLLECTIONS, OPERATION
from infra.local.services.ingress import access_log
from infra.local.traffic import ledger, outcomes
from infra.local.traffic.ledger import Fate
from switchback.domain.model import Side
from tests.fix_services import Platform, make_traffic

SERVICES = [database.service for database in DATABASES]


def _headers() -> dict[str, str]:
    return {OPERATION: str(uuid.uuid4())}


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_says_who_it_is_and_that_its_database_takes_writes(healthy: Platform, service: str) -> None:
    """Health names service, site, build and database, and every answer carries the site."""
    response = healthy.ask(Side.OLD, service)
    assert response.status_code == 200
    assert response.headers["X-Site"] == "old"
    assert response.json() == {
        "service": service,
        "site": "old",
        "build": "2.1.7",
        "database": {"answers": True, "accepts_writes": True},
    }


def test_a_health_check_leaves_nothing_behind(healthy: Platform) -> None:
    """Its write is real and rolled back."""
    healthy.ask(Side.OLD, "publisher")
    with psycopg.connect(healthy.conninfo(Side.OLD, "publisher_db")) as connection:
        assert connection.execute("select probed_at from service_state").fetchall() == [(None,)]


def test_a_database_that_takes_no_write_is_not_healthy(healthy: Platform) -> None:
    """It answers, but may not be written to: the service says so, with 503."""
    with psycopg.connect(healthy.conninfo(Side.OLD, "chain_db"), autocommit=True) as owner:
        owner.execute("set role chain_app")
        owner.execute("revoke update on service_state from chain_app")
        response = healthy.ask(Side.OLD, "chain")
        owner.execute("grant update on service_state to chain_app")
    assert response.status_code == 503
    assert response.json()["database"] == {"answers": True, "accepts_writes": False}


@pytest.mark.parametrize("service", SERVICES)
def test_a_thing_is_created_changed_read_and_removed(healthy: Platform, service: str) -> None:
    """Each write is committed when it is answered, in the entity's table and under it."""
    collection = f"/{COLLECTIONS[service]}"
    reference, changed = str(uuid.uuid4()), _headers()
    body = {"reference": reference, "text": "one"}
    made = healthy.ask(Side.OLD, service, "POST", collection, headers=_headers(), json=body)
    assert made.status_code == 201
    member = f"{collection}/{made.json()['id']}"
    assert healthy.ask(Side.OLD, service, "PATCH", member, headers=changed, json={"text": "two"}).status_code == 200
    seen = healthy.ask(Side.OLD, service, path=member).json()
    assert (seen["reference"], seen["operation_id"], "two" in seen.values()) == (reference, changed[OPERATION], True)
    assert healthy.ask(Side.OLD, service, "DELETE", member, headers=_headers()).status_code == 200
    for method, rest in (("GET", {}), ("DELETE", {"headers": _headers()})):
        assert healthy.ask(Side.OLD, service, method, member, **rest).status_code == 404


def test_what_a_service_does_not_understand_is_the_clients_mistake(healthy: Platform) -> None:
    """A write without an operation or without its fields is 400, a second one with the same reference 409."""
    body = {"reference": str(uuid.uuid4()), "text": "one"}
    statuses = [
        healthy.ask(Side.OLD, "chain", "POST", "/assets", headers=headers, json=content).status_code
        for headers, content in (({}, body), (_headers(), {"text": "one"}), (_headers(), body), (_headers(), body))
    ]
    assert statuses == [400, 400, 201, 409]


def test_a_service_without_its_database_says_so_soon_and_comes_back_by_itself(healthy: Platform) -> None:
    """Closed logins and ended sessions mean 503 within two seconds; opened again, the next request works."""
    with healthy.fenced(Side.OLD):
        began = time.monotonic()
        response = healthy.ask(Side.OLD, "publisher")
        assert time.monotonic() - began < 2
        assert (response.status_code, response.headers["Connection"]) == (503, "close")
        assert response.json()["database"] == {"answers": False, "accepts_writes": False}
        assert healthy.ask(Side.OLD, "chain", path="/assets/1").status_code == 503
    assert healthy.ask(Side.OLD, "publisher").status_code == 200
    assert healthy.ask(Side.OLD, "chain", path="/assets/1").status_code == 200


def test_a_service_fails_as_it_is_told_and_the_others_do_not(healthy: Platform) -> None:
    """5xx share, latency and a lost database, each until it is cleared."""
    layout = healthy.layout
    faults.inflict(layout, Side.OLD, "publisher", Fault(failing=1))
    faults.inflict(layout, Side.OLD, "chain", Fault(latency_s=0.3))
    assert healthy.ask(Side.OLD, "publisher").status_code == 500
    assert healthy.ask(Side.OLD, "chain").elapsed.total_seconds() > 0.3
    assert healthy.ask(Side.OLD, "story-generator").status_code == 200
    faults.inflict(layout, Side.OLD, "publisher", Fault(database_lost=True))
    assert healthy.ask(Side.OLD, "publisher").status_code == 503
    faults.clear(layout, Side.OLD, "publisher")
    assert healthy.ask(Side.OLD, "publisher").status_code == 200


def test_the_access_log_names_who_asked_what(healthy: Platform) -> None:
    """One JSON object a line, also for a host that nobody serves."""
    healthy.ask(Side.OLD, "chain", path="/health", headers={"User-Agent": "switchback-probe"})
    line = json.loads(access_log(healthy.layout, Side.OLD).read_text(encoding="utf-8").splitlines()[-1])
    assert line.pop("time").endswith("+00:00")
    assert line.pop("client").startswith("127.")
    assert line == {
        "host": healthy.hosts["chain"],
        "method": "GET",
        "path": "/health",
        "status": 200,
        "agent": "switchback-probe",
    }


def test_every_acknowledged_write_is_found_on_old(healthy: Platform, tmp_path: Path) -> None:
    """Users write to old; the ledger, the outcomes and the databases agree."""
    plan = healthy.plan(tmp_path)
    totals = make_traffic(plan, 3)
    result = audit(plan.ledger, healthy.conninfo)
    assert totals.acknowledged == result.acknowledged == result.on_old
    assert totals.acknowledged > 60
    assert (totals.unknown, result.lost, result.duplicated, result.waiting_on_new) == (0, 0, 0, 0)
    assert {(each.site, each.outcome) for each in outcomes.read(plan.outcomes)} == {("old", "ok")}


def test_users_follow_the_name_and_what_they_write_on_new_waits_there(healthy: Platform, tmp_path: Path) -> None:
    """Cut over and back by hand: the data moves forward, users follow nothing is lost."""
    plan = healthy.plan(tmp_path)
    make_traffic(plan, 1.5)
    with healthy.fenced(Side.OLD), healthy.fenced(Side.NEW):
        load_new.load(healthy.layout, DATABASES)
    assert audit(plan.ledger, healthy.conninfo).on_old > 0
    healthy.signpost.side = Side.NEW
    assert make_traffic(plan, 2).acknowledged > 40
    with healthy.fenced(Side.NEW):
        make_traffic(plan, 1)
        healthy.signpost.side = Side.OLD
        assert make_traffic(plan, 1.5).acknowledged > 20
    result = audit(plan.ledger, healthy.conninfo)
    assert (result.lost, result.duplicated, result.refused_but_there) == (0, 0, 0)
    assert result.waiting_on_new > 40
    assert result.on_old + result.waiting_on_new == result.acknowledged
    assert {"publisher_db.stories", "chain_db.chain_events", "story_generator_db.Draft"} <= result.waiting_rows.keys()
    answered = Counter(each.site for each in outcomes.read(plan.outcomes) if each.outcome == "ok")
    assert answered["old"] > 50
    assert answered["new"] > 50


def test_writes_during_a_restart_of_the_database_are_acknowledged_or_unknown_never_lost(
    healthy: Platform, tmp_path: Path
) -> None:
    """Sessions die in the middle of statements; what was acknowledged is there all the same."""
    plan = healthy.plan(tmp_path, rate=80)
    restart = f"""
import time
from infra.local import postgres
from infra.local.layout import Layout
from pathlib import Path
from switchback.domain.model import Side
layout = Layout(network={healthy.layout.network!r}, var=Path({str(healthy.layout.var)!r}))
time.sleep(1)
postgres.stop(layout, Side.OLD)
postgres.start(layout, Side.OLD)
"""
    restarting = subprocess.Popen([sys.executable, "-c", restart], cwd=ROOT)
    totals = make_traffic(plan, 4)
    assert restarting.wait(20) == 0
    result = audit(plan.ledger, healthy.conninfo)
    assert (result.lost, result.duplicated, result.refused_but_there) == (0, 0, 0)
    assert totals.acknowledged > 80


def test_new_is_not_replaced_under_its_users(healthy: Platform) -> None:
    """A session of somebody else on new stops the load before anything is touched."""
    before = healthy.ask(Side.NEW, "chain").status_code
    with (
        psycopg.connect(postgres.conninfo(healthy.layout, Side.NEW, database="chain_db", role="chain_jobs")),
        pytest.raises(load_new.InUse, match=r"chain_db on new is in use: \d+ session\(s\) of .*chain_jobs"),
    ):
        load_new.load(healthy.layout, DATABASES)
    assert healthy.ask(Side.NEW, "chain").status_code == before


def test_a_killed_load_leaves_new_as_it_was_and_the_next_one_starts_over(healthy: Platform) -> None:
    """Killed at several instants, then run to its end: no draft stays, and a fence on new is kept."""
    moved = {"SWITCHBACK_LOCAL_NETWORK": healthy.layout.network, "SWITCHBACK_LOCAL_VAR": str(healthy.layout.var)}
    command = [sys.executable, "-m", "infra.local.load_new"]
    names = "select array_agg(datname order by datname) from pg_database where datname like '%\\_db%'"
    with healthy.fenced(Side.NEW), psycopg.connect(healthy.conninfo(Side.NEW, "postgres"), autocommit=True) as admin:
        admin.execute("revoke connect on database chain_db from chain_app")
        for seconds in (0.8, 1.3):
            with pytest.raises(subprocess.TimeoutExpired):
                subprocess.run(command, cwd=ROOT, env=os.environ | moved, timeout=seconds, check=False)
        assert subprocess.run(command, cwd=ROOT, env=os.environ | moved, check=False).returncode == 0
        left = [name for name in admin.execute(names).fetchone()[0] if not name.startswith("template_")]  # type: ignore[index] # an aggregate has a row
        assert left == ["chain_db", "publisher_db", "story_generator_db"]
        may = "select has_database_privilege(%s, 'chain_db', 'connect')"
        assert [admin.execute(may, [role]).fetchone() for role in ("chain_app", "chain_jobs")] == [(False,), (True,)]
        admin.execute("grant connect on database chain_db to chain_app")
    assert healthy.ask(Side.NEW, "chain").status_code == 200


def test_traffic_from_the_command_line_ends_cleanly(healthy: Platform, tmp_path: Path) -> None:
    """SIGTERM ends it with code 0 and the totals; each write in the ledger has a known fate."""
    moved = {"SWITCHBACK_LOCAL_NETWORK": healthy.layout.network, "SWITCHBACK_LOCAL_VAR": str(healthy.layout.var)}
    command = [sys.executable, "-m", "infra.local.traffic", "--rate", "20", "--ledger", str(tmp_path / "ledger"),
               "--outcomes", str(tmp_path / "outcomes"), "--resolver", str(healthy.layout.authority)]  # fmt: skip
    process = subprocess.Popen(command, cwd=ROOT, env=os.environ | moved, stdout=subprocess.PIPE, text=True)
    time.sleep(3)
    process.terminate()
    said, _ = process.communicate(timeout=10)
    assert process.returncode == 0
    writes = ledger.read(tmp_path / "ledger")
    assert {write.fate for write in writes} == {Fate.ACKNOWLEDGED}
    assert said == f"acknowledged writes: {len(writes)}, refused: 0, fate unknown: 0\n"
