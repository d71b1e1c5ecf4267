"""infra/azure and the drill's stack: formatted, and named by the same convention as the descriptors."""

import json
import os
import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from infra.local.layout import ROOT
from switchback import settings
from switchback.systems.terraform import binary

AZURE = ROOT / "infra" / "azure"
NAMES = ("cluster", "vault", "postgres", "storage", "network", "private_zone")


Run = Callable[..., str]


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Runs Terraform in a folder; fails the test when it ends with an error."""
    work = tmp_path_factory.mktemp("terraform")
    program = binary.find(work)
    variables = os.environ | {"CHECKPOINT_DISABLE": "1", "TF_INPUT": "0", "TF_DATA_DIR": str(work / "data")}

    def _run(folder: Path, *words: str) -> str:
        command = [program, *words]
        done = subprocess.run(command, cwd=folder, env=variables, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    _run(AZURE / "modules" / "names", "init")
    return _run


@pytest.mark.parametrize("folder", [AZURE, ROOT / "infra" / "local" / "terraform"], ids=str)
def test_every_configuration_is_formatted(run: Run, folder: Path) -> None:
    """Which also means that it can be parsed."""
    assert run(folder, "fmt", "-check", "-recursive") == ""


@pytest.mark.parametrize("name", ["dev", "staging", "prod"])
def test_an_environment_is_a_root_of_its_own(run: Run, name: str) -> None:
    """Terraform can read it, with what all share; the place of the state and the values of its site are its own."""
    root = AZURE / "environments" / name
    run(root, "get")
    assert {file.name for file in root.glob("*.tf")} == {"main.tf", "azure.tf"}
    assert (root / "azure.tf").resolve() == AZURE / "environments" / "azure.tf"


@pytest.mark.parametrize("name", ["dev", "staging", "prod"])
def test_new_is_named_as_its_descriptor_says(run: Run, name: str, tmp_path: Path) -> None:
    """Otherwise Switchback would refuse to destroy what Terraform made, or not know that it is new's."""
    main = (AZURE / "environments" / name / "main.tf").read_text(encoding="utf-8")
    given = dict(re.findall(r'^ +(organisation|environment|short) += "(\w+)"$', main, flags=re.MULTILINE))
    words = ["-auto-approve", "-json", f"-state={tmp_path / 'state'}", *(f"-var={k}={v}" for k, v in given.items())]
    lines = [json.loads(line) for line in run(AZURE / "modules" / "names", "apply", *words).splitlines()]
    (told,) = (line["outputs"] for line in lines if line["type"] == "outputs" and "value" in line["outputs"]["vault"])
    new = settings.load(name).new
    assert (told["resource_group"]["value"], told["nodes_group"]["value"]) == new.groups
    assert {told[key]["value"] for key in NAMES} == set(new.names)


@pytest.mark.parametrize("name", ["dev", "staging", "prod"])
def test_a_destroy_expects_what_the_module_makes(name: str) -> None:
    """One resource more in the state than this, and the destroy is refused."""
    environment = settings.load(name)
    text = (AZURE / "modules" / "site" / "main.tf").read_text(encoding="utf-8")
    blocks = re.findall(r"^resource .*\n(  for_each)?", text, flags=re.MULTILINE)
    databases = {service.database for service in environment.services}
    made = sum(len(databases) if each else 1 for each in blocks)
    assert environment.terraform is not None
    assert environment.terraform.expected == made
    root = (AZURE / "environments" / name / "main.tf").read_text(encoding="utf-8")
    assert set(re.findall(r'"(\w+_db)"', root)) == databases


@pytest.mark.parametrize("name", ["dev", "staging", "prod"])
def test_the_state_is_kept_beside_the_backups_and_manages_neither(name: str) -> None:
    """The zone is looked up; the storage of state, journals and backups is nobody's resource here."""
    environment = settings.load(name)
    root = (AZURE / "environments" / name / "main.tf").read_text(encoding="utf-8")
    assert f'storage_account_name = "{environment.journal.account}"' in root
    assert f'name = "{environment.dns.zone}"' in root
    module = (AZURE / "modules" / "site" / "main.tf").read_text(encoding="utf-8")
    assert 'data "azurerm_dns_zone"' in module
    assert 'resource "azurerm_dns' not in module
