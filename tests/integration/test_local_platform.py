"""The local platform in use: users that find the sites by name, their ledger, and the data's way forward."""

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import psycopg
import pytest

from infra.local import load_new, postgres
from infra.local.audit import audit
from infra.local.databases import DATABASES
from infra.local.layout import ROOT
from infra.local.traffic import ledger
from infra.local.traffic.ledger import Fate
from switchback.domain.model import Side
from switchback.drill import outcomes
from tests.fix_services import Platform, make_traffic

SERVICES = [database.service for database in DATABASES]


def test_every_acknowledged_write_is_found_on_old(healthy: Platform, tmp_path: Path) -> None:
    """Users write to old; the ledger, the outcomes and the databases agree."""
    plan = healthy.plan(tmp_path)
    totals = make_traffic(plan, 2)
    result = audit(plan.ledger, healthy.conninfo)
    assert totals.acknowledged == result.acknowledged == result.on_old
    assert totals.acknowledged > 30
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
from switchback.drill import outcomes
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
    """Killed when a draft is made and when one is filled, then run to its end: no draft stays, new's fence is kept."""
    moved = {"SWITCHBACK_LOCAL_NETWORK": healthy.layout.network, "SWITCHBACK_LOCAL_VAR": str(healthy.layout.var)}
    command = [sys.executable, "-m", "infra.local.load_new"]
    drafts = "select count(*) from pg_database where datname ~ '_(loading|replaced)$'"
    filling = "select count(*) from pg_stat_activity where datname ~ '_loading$'"
    with healthy.fenced(Side.NEW), psycopg.connect(healthy.conninfo(Side.NEW, "postgres"), autocommit=True) as admin:
        admin.execute("revoke connect on database chain_db from chain_app")
        for seen in (drafts, filling):
            loading = subprocess.Popen(command, cwd=ROOT, env=os.environ | moved)
            while admin.execute(seen).fetchone() == (0,) and loading.poll() is None:
                time.sleep(0.005)
            loading.kill()
            assert loading.wait() == -signal.SIGKILL
            assert admin.execute(drafts).fetchone() != (0,)
        assert subprocess.run(command, cwd=ROOT, env=os.environ | moved, check=False).returncode == 0
        assert admin.execute(drafts).fetchone() == (0,)
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
