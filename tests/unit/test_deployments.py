"""deployments/prefect.yaml: every flow, in every environment, by module, and scheduled only where a drill may run."""

import importlib
import re
from typing import Any

import pytest
import yaml
from prefect import Flow
from prefect.utilities.callables import parameter_schema

from infra.local import descriptor, prefect
from switchback import settings

FILE = yaml.safe_load(prefect.DEPLOYMENTS.read_text(encoding="utf-8"))
DEPLOYMENTS: list[dict[str, Any]] = FILE["deployments"]
ENTRYPOINTS = sorted({deployment["entrypoint"] for deployment in DEPLOYMENTS})
ENVIRONMENTS = sorted([*(path.stem for path in settings.SHIPPED.glob("*.toml")), descriptor.ENVIRONMENT])


@pytest.mark.parametrize("entrypoint", ENTRYPOINTS)
def test_an_entrypoint_is_a_module(entrypoint: str) -> None:
    """A path entrypoint loads a second copy of every class, which is not the class that tasks were given."""
    assert re.fullmatch(r"flows\.([a-z_]+)\.\1", entrypoint)


@pytest.mark.parametrize("entrypoint", ENTRYPOINTS)
def test_an_entrypoint_is_a_flow_that_takes_an_environment(entrypoint: str) -> None:
    """A worker would find out too late."""
    flow = _flow(entrypoint)
    assert flow.name == entrypoint.rsplit(".", 1)[1].replace("_", "-")
    assert "environment" in flow.parameters.properties


@pytest.mark.parametrize("entrypoint", ENTRYPOINTS)
def test_every_field_of_a_form_says_what_it_wants(entrypoint: str) -> None:
    """Prefect takes a field's text from the docstring of the flow, and from nowhere else."""
    fields = parameter_schema(_flow(entrypoint)).properties
    assert [name for name, field in fields.items() if not field.get("description")] == []


@pytest.mark.parametrize("entrypoint", ENTRYPOINTS)
def test_a_flow_is_deployed_to_every_environment(entrypoint: str) -> None:
    """Once each, named after the environment that it gets as its parameter, and run by our pool; no drill of prod."""
    of_flow = [deployment for deployment in DEPLOYMENTS if deployment["entrypoint"] == entrypoint]
    never = {"prod"} if entrypoint.startswith("flows.drill") else set()
    assert sorted(deployment["name"] for deployment in of_flow) == sorted({*ENVIRONMENTS} - never)
    for deployment in of_flow:
        assert deployment["parameters"] == {"environment": deployment["name"]}
        assert deployment["work_pool"]["name"] == prefect.POOL


def test_a_run_is_one_process_in_the_workers_own_folder() -> None:
    """An incident does not wait for two processes that import Prefect one after the other."""
    for deployment in DEPLOYMENTS:
        assert deployment["work_pool"]["job_variables"] == {"command": "python -m prefect.engine", "working_dir": "."}


def test_only_backups_and_the_drills_of_dev_and_staging_run_by_themselves() -> None:
    """A way back is never taken by a clock."""
    scheduled = {(each["entrypoint"], each["name"]) for each in DEPLOYMENTS if each.get("schedules")}
    flows = ("flows.drill.drill", "flows.drill_evaluated.drill_evaluated")
    drills = {(flow, environment) for flow in flows for environment in ("dev", "staging")}
    assert scheduled == drills | {("flows.backup.backup", name) for name in ("dev", "staging", "prod")}


def test_nothing_is_pulled_before_a_run() -> None:
    """The code that runs is the code that is installed where the worker runs."""
    assert FILE["pull"] == []


def _flow(entrypoint: str) -> Flow[..., Any]:
    module, name = entrypoint.rsplit(".", 1)
    flow = getattr(importlib.import_module(module), name)
    assert isinstance(flow, Flow)
    return flow
