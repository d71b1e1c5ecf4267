"""New, on the local site: made and destroyed by Terraform, as on Azure.

`python -m infra.local.stack deploy` applies infra/local/terraform. That calls `make` and `delete` for each group, which
ask the control plane stand-in; with the first group new's databases go too, and the fences on its roles. Nothing but
Terraform calls those two.
"""

import argparse
import json
import subprocess
import sys
from contextlib import closing, suppress
from dataclasses import dataclass
from typing import ClassVar

import psycopg
from psycopg import sql

from infra.local import atomic, postgres, secrets
from infra.local.azure import clusters, seed, vaults
from infra.local.azure.faults import Faults
from infra.local.databases import DATABASES, make
from infra.local.layout import Layout
from switchback import settings
from switchback.domain.errors import HalfDone, SwitchbackError
from switchback.domain.model import Side
from switchback.systems import credentials, terraform

SHOWN = 600  #: characters of Terraform's last words


@dataclass(eq=False)
class NotDeployed(HalfDone):
    """Terraform could not make new."""

    problem: ClassVar[str] = "Terraform could not make new: {words}"
    remedy: ClassVar[str] = "Deploy again: it goes on where it stopped."
    words: str


def deploy(layout: Layout) -> None:
    """Make new where it is not; what is there already is left alone. Raises NotDeployed, or what Terraform refuses."""
    local = _environment(layout)
    stack = terraform.open_stack(local)
    atomic.write(stack.work / "new.json", json.dumps(_made_of(layout, local), indent=1).encode())
    stack.state()  # initialises it
    command = [stack.program, "apply", "-auto-approve", "-no-color", "-lock-timeout=30s"]
    done = subprocess.run(
        command,
        cwd=stack.folder,
        env=stack.variables,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise NotDeployed((done.stderr or done.stdout).strip()[-SHOWN:])


def make_group(layout: Layout, name: str) -> None:
    """Make one of new's groups in the control plane, and with the first its databases; what is there stays."""
    Faults.of(layout).deploy(name)
    if name == _environment(layout).new.resource_group and postgres.running(layout, Side.NEW):
        make.make(layout, Side.NEW)


def delete_group(layout: Layout, name: str) -> None:
    """Delete one of new's groups and wait until it is gone; with the first, its databases go. Raises AzureError."""
    from azure.core.exceptions import ResourceNotFoundError
    from azure.mgmt.resource.resources import ResourceManagementClient

    local = _environment(layout)
    client = ResourceManagementClient(
        credentials.credential(local),
        local.azure.subscription,
        base_url=local.azure.management,
        credential_scopes=[credentials.management_scope(local)],
        **credentials.client_options(local),
    )
    with suppress(ResourceNotFoundError):  # an earlier call that was killed got so far
        client.resource_groups.begin_delete(name).result()
    if name == local.new.resource_group and postgres.running(layout, Side.NEW):
        _drop_databases(layout)


def _drop_databases(layout: Layout) -> None:
    """A new server has no data and no fence."""
    place = postgres.conninfo(layout, Side.NEW, role=secrets.SUPERUSER)
    with closing(psycopg.connect(place, autocommit=True)) as link:
        for database in DATABASES:
            link.execute(sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(database.name)))
            for role in database.secrets:
                link.execute(sql.SQL("alter role {} login").format(sql.Identifier(role)))


def _made_of(layout: Layout, local: settings.Environment) -> dict[str, object]:
    new = local.new
    return {
        "python": sys.executable,
        "network": layout.network,
        "subscription": local.azure.subscription,
        "groups": {"core": new.resource_group} | dict(zip(("nodes",), new.groups[1:], strict=True)),
        "resources": {new.cluster: clusters.KIND, new.vault: vaults.KIND, new.postgres: seed.SERVER_KIND},
    }


def _environment(layout: Layout) -> settings.Environment:
    return settings.read(layout.environments / "local.toml")


def main() -> int:
    """Do what the command line says; 0, or the exit code of the error that is printed."""
    parser = argparse.ArgumentParser(prog="python -m infra.local.stack", description="New, on the local site.")
    parser.add_argument("command", choices=("deploy", "make", "delete"))
    parser.add_argument("group", nargs="?", default="")
    asked, layout = parser.parse_args(), Layout()
    try:
        if asked.command == "deploy":
            deploy(layout)
        else:
            {"make": make_group, "delete": delete_group}[asked.command](layout, asked.group)
    except SwitchbackError as error:
        sys.stderr.write(f"{error}\n")
        return error.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main())
