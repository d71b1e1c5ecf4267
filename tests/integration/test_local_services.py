"""The services of a site: they really write, say how they are, and fail as they are told."""

import json
import time
import uuid

import psycopg
import pytest

from infra.local import faults
from infra.local.databases import DATABASES
from infra.local.faults import Fault
from infra.local.services import COLLECTIONS, OPERATION
from infra.local.services.ingress import access_log
from switchback.domain.model import Side
from tests.fix_services import Platform

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
