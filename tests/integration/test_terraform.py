"""The Terraform adapter on real Terraform: saved plans, exactly applied; locks, stale plans, failures and deaths."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from infra.local.layout import ROOT
from switchback import settings
from switchback.systems import terraform
from switchback.systems.terraform import (
    NoStack,
    PartlyDestroyed,
    PlanStale,
    Stack,
    StateLocked,
    TerraformFailed,
    TerraformMissing,
    TerraformTooOld,
    binary,
    output,
)

CONFIGURATION = """
terraform {
  backend "local" {}
}
variable "folder" {
  type = string
}
resource "terraform_data" "quick" {
  input = { id = "/subscriptions/s/resourceGroups/g" }
}
resource "terraform_data" "slow" {
  input      = { id = "", folder = var.folder }
  depends_on = [terraform_data.quick]
  provisioner "local-exec" {
    when    = destroy
    command = "cd ${self.input.folder} && test ! -e broken && touch begun && sleep $(cat seconds)"
  }
}
"""
#: What a runner does, in a process that can be killed.
RUNNER = """
import sys
from pathlib import Path
from tests.integration.test_terraform import open_in
stack = open_in(Path(sys.argv[1]))
path = stack.work / "plan"
stack.apply(path, stack.read(path))
"""

Make = Callable[[], Stack]


def open_in(folder: Path) -> Stack:
    """The stack whose configuration and state are in that folder."""
    table = settings.Terraform(
        folder=str(folder / "stack"),
        work=str(folder / "work"),
        expected=2,
        backend=(f"path={folder}/terraform.tfstate",),
        variables=(f"folder={folder}",),
        lock_patience_s=0.5,
    )
    return terraform.open_stack(replace(settings.load("dev"), terraform=table))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A configuration, not applied."""
    (tmp_path / "stack").mkdir()
    (tmp_path / "stack" / "main.tf").write_text(CONFIGURATION, encoding="utf-8")
    (tmp_path / "seconds").write_text("0")
    return tmp_path


@pytest.fixture
def stack(folder: Path) -> Iterator[Stack]:
    """The configuration, applied: two resources."""
    made = open_in(folder)
    made.state()
    command = [made.program, "apply", "-auto-approve"]
    subprocess.run(
        command, cwd=made.folder, env=made.variables, check=True, stdin=subprocess.DEVNULL, capture_output=True
    )
    yield made
    made.wait_for_another()


def _wait_for(path: Path) -> None:
    deadline = time.monotonic() + 20
    while not path.exists():
        assert time.monotonic() < deadline, f"{path.name} did not appear"
        time.sleep(0.02)


def test_exactly_the_saved_plan_is_applied(stack: Stack) -> None:
    """It names each resource with Azure's id, is readable by its owner only, and leaves an empty state."""
    path = stack.work / "plan"
    saved = stack.plan_destroy(path)
    assert [(each.address, each.id, each.actions) for each in saved.doomed] == [
        ("terraform_data.quick", "/subscriptions/s/resourceGroups/g", ("delete",)),
        ("terraform_data.slow", "", ("delete",)),
    ]
    assert path.stat().st_mode & 0o777 == 0o600
    assert stack.read(path) == saved
    assert stack.state().resources == 2
    stack.apply(path, saved)
    assert stack.state().resources == 0
    assert stack.plan_destroy(path).digest == ""


def test_a_plan_that_the_state_has_overtaken_is_refused(stack: Stack) -> None:
    """Applied twice, or after somebody else changed the state: nothing is destroyed that was not seen."""
    path = stack.work / "plan"
    saved = stack.plan_destroy(path)
    taint = [stack.program, "taint", "terraform_data.quick"]
    subprocess.run(taint, cwd=stack.folder, env=stack.variables, check=True, capture_output=True)
    with pytest.raises(PlanStale, match=saved.digest[:12]):
        stack.apply(path, saved)
    assert stack.state().resources == 2


def test_a_failure_on_the_way_says_what_is_left_and_the_rest_can_be_destroyed(stack: Stack, folder: Path) -> None:
    """The provider's own words, and the state is true."""
    path = stack.work / "plan"
    (folder / "broken").touch()
    with pytest.raises(PartlyDestroyed, match=r"0 of 2 .* 2 are left: local-exec provisioner error") as stop:
        stack.apply(path, stack.plan_destroy(path))
    assert stop.value.left == stack.state().resources == 2
    (folder / "broken").unlink()
    stack.apply(path, stack.plan_destroy(path))
    assert stack.state().resources == 0


def test_a_locked_state_says_by_whom_and_since_when(stack: Stack, folder: Path) -> None:
    """The lock of a process that lives is never forced."""
    path = stack.work / "plan"
    stack.plan_destroy(path)
    (folder / "seconds").write_text("2")
    command = [stack.program, "destroy", "-auto-approve"]
    other = subprocess.Popen(command, cwd=stack.folder, env=stack.variables, stdout=subprocess.DEVNULL)
    _wait_for(folder / "begun")
    with pytest.raises(StateLocked, match=r"locked by \S+@\S+ since 20\d\d-\S+") as stop:
        stack.plan_destroy(path)
    assert "OperationTypeApply" in stop.value.operation
    assert other.wait() == 0


def test_a_runner_that_is_killed_costs_neither_the_state_nor_the_destroy(stack: Stack, folder: Path) -> None:
    """Terraform outlives it and saves its state; the next runner waits for that instead of working beside it."""
    stack.plan_destroy(stack.work / "plan")
    (folder / "seconds").write_text("2")
    runner = subprocess.Popen([sys.executable, "-c", RUNNER, str(folder)], cwd=ROOT)
    _wait_for(folder / "begun")
    runner.send_signal(signal.SIGKILL)
    runner.wait()
    assert stack.state().resources > 0
    stack.wait_for_another()
    assert stack.state().resources == 0


def test_terraform_itself_killed_leaves_a_true_state(stack: Stack, folder: Path) -> None:
    """What it was destroying is still in it, and is destroyed by the next apply."""
    path = stack.work / "plan"
    stack.plan_destroy(path)
    (folder / "seconds").write_text("1")
    runner = subprocess.Popen([sys.executable, "-c", RUNNER, str(folder)], cwd=ROOT, stderr=subprocess.PIPE, text=True)
    _wait_for(folder / "begun")
    (child,) = _children(runner.pid)
    os.kill(child, signal.SIGKILL)
    assert "PartlyDestroyed: 0 of 2 resources are destroyed, 2 are left: it was stopped" in runner.communicate()[1]
    (folder / "seconds").write_text("0")
    stack.apply(path, stack.plan_destroy(path))
    assert stack.state().resources == 0


def test_a_configuration_that_is_none_names_terraforms_own_error(folder: Path) -> None:
    """Nothing was changed."""
    (folder / "stack" / "main.tf").write_text("resource {", encoding="utf-8")
    with pytest.raises(TerraformFailed, match=r"Unclosed configuration block|Missing name|Invalid block"):
        open_in(folder).state()


def test_an_environment_without_a_stack_is_refused() -> None:
    """By name, and with what to set."""
    with pytest.raises(NoStack, match=r"dev: .*no \[terraform\] table"):
        terraform.open_stack(replace(settings.load("dev"), terraform=None))


def test_no_terraform_at_all_is_refused(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither on PATH nor carried by a package."""
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)
    with pytest.raises(TerraformMissing, match="no terraform on PATH"):
        open_in(folder)


@pytest.mark.parametrize(
    ("says", "words"), [('{"terraform_version":"1.5.7"}', "1.5.7"), ("oops", "an unknown version")]
)
def test_a_terraform_that_is_too_old_is_refused(
    folder: Path, monkeypatch: pytest.MonkeyPatch, says: str, words: str
) -> None:
    """And so is a program that only has its name."""
    program = folder / "terraform"
    program.write_text(f"#!/bin/sh\necho '{says}'\n", encoding="utf-8")
    program.chmod(0o700)
    monkeypatch.setenv("PATH", str(folder))
    with pytest.raises(TerraformTooOld, match=re.escape(words)):
        open_in(folder)


def test_without_one_on_the_path_the_carried_one_is_used(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The package's library, through a program of our own."""
    monkeypatch.setenv("PATH", "/nowhere")
    stack = open_in(folder)
    assert stack.program == str(stack.work / "terraform")
    assert binary._version(stack.program) is not None
    assert stack.state().resources == 0


def test_errors_are_read_in_both_forms() -> None:
    """JSON lines, words with their frame, and a torn line."""
    told = {
        "type": "diagnostic",
        "diagnostic": {"severity": "error", "summary": "Bad", "detail": "why", "address": "a.b"},
    }
    text = f"{json.dumps(told)}\n│ Error: Worse\n│ \n│ because\n" + '{"torn": '
    assert str(output.errors(text)[0]) == "Bad (a.b): why"
    assert [each.summary for each in output.errors(text)] == ["Bad", "Worse"]


def _children(pid: int) -> tuple[int, ...]:
    text = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii")
    return tuple(map(int, text.split()))
