"""`python -m infra.local.stack`: deploy new on the local site by Terraform, as on Azure; see infra/local/terraform."""

import json
import subprocess
import sys
from dataclasses import dataclass
from typing import ClassVar

from infra.local import atomic
from infra.local.azure import clusters, seed, vaults
from infra.local.layout import Layout
from switchback import settings
from switchback.domain.errors import HalfDone, SwitchbackError
from switchback.systems import terraform

SHOWN = 600  #: characters of Terraform's last words


@dataclass(eq=False)
class NotDeployed(HalfDone):
    """Terraform could not make new."""

    problem: ClassVar[str] = "Terraform could not make new: {words}"
    remedy: ClassVar[str] = "Deploy again: it goes on where it stopped."
    words: str


def deploy(layout: Layout) -> None:
    """Make new where it is not; what is there already is left alone. Raises NotDeployed, or what Terraform refuses."""
    local = settings.read(layout.environments / "local.toml")
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


def _made_of(layout: Layout, local: settings.Environment) -> dict[str, object]:
    new = local.new
    return {
        "python": sys.executable,
        "network": layout.network,
        "subscription": local.azure.subscription,
        "groups": {"core": new.resource_group} | dict(zip(("nodes",), new.groups[1:], strict=True)),
        "resources": {new.cluster: clusters.KIND, new.vault: vaults.KIND, new.postgres: seed.SERVER_KIND},
    }


def main() -> int:
    """Deploy; 0, or the exit code of the error that is printed."""
    try:
        deploy(Layout())
    except SwitchbackError as error:
        sys.stderr.write(f"{error}\n")
        return error.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main())
