"""Prefect's part of the local site: closed to strangers, with our flows, a worker, and a watch over dead runners."""

import base64
from collections.abc import Iterator

import httpx
import pytest
import yaml

from infra.local import prefect, site
from infra.local.layout import Layout
from infra.local.parts import Group
from tests import vanishing
from tests.network import network


@pytest.fixture(scope="module")
def layout() -> Iterator[Layout]:
    """Prefect alone, up."""
    with vanishing.folder() as folder:
        layout = Layout(network=network(66), var=folder)
        with site.running(layout, {Group.PREFECT}):
            yield layout


@pytest.fixture
def api(layout: Layout) -> Iterator[httpx.Client]:
    """A client that knows the login."""
    login = base64.b64encode(prefect.login(layout).encode()).decode()
    with httpx.Client(base_url=f"http://{layout.prefect}/api", headers={"Authorization": f"Basic {login}"}) as client:
        yield client


def test_the_flows_of_the_local_environment_are_registered(api: httpx.Client) -> None:
    """One deployment each, by module, run by the pool that our worker serves."""
    found = api.post("/deployments/filter", json={}).raise_for_status().json()
    wanted = yaml.safe_load(prefect.DEPLOYMENTS.read_text("utf-8"))["deployments"]
    assert {(each["name"], each["entrypoint"], each["work_pool_name"]) for each in found} == {
        ("local", each["entrypoint"], prefect.POOL) for each in wanted if each["name"] == "local"
    }


def test_a_stranger_is_refused(layout: Layout) -> None:
    """Whoever may start a way back, or answer its form, knows the login."""
    answer = httpx.post(f"http://{layout.prefect}/api/deployments/filter", json={})
    assert answer.status_code == httpx.codes.UNAUTHORIZED


def test_one_automation_watches_for_dead_runners(layout: Layout, api: httpx.Client) -> None:
    """Preparing again makes no second one; a run that waits for approval is not taken for dead."""
    prefect.prepare(layout)
    (automation,) = api.post("/automations/filter", json={}).raise_for_status().json()
    assert automation["enabled"]
    assert {"prefect.flow-run.heartbeat", "prefect.flow-run.Suspended"} <= set(automation["trigger"]["expect"])


def test_the_server_keeps_its_state_in_the_folder_of_the_site(layout: Layout, api: httpx.Client) -> None:
    """Leases are on disk, so that a slot of a dead holder is freed after a restart; nothing is reported anywhere."""
    settings = api.get("/admin/settings").raise_for_status().json()["server"]
    assert settings["concurrency"]["lease_storage"].endswith("filesystem")
    assert settings["analytics_enabled"] is False
    assert str(layout.var) in settings["memo_store_path"]
