"""What every test shares: fixtures by subject, and a process that knows nothing of the person's own site."""

import os

from infra.local.layout import ROOT
from tests.network import PROCESS

pytest_plugins = [
    "tests.fix_azure",
    "tests.fix_postgres",
    "tests.fix_pipeline",
    "tests.fix_recovery",
    "tests.fix_services",
    "tests.fix_site",
    "tests.fix_backups",
    "tests.fix_ways",
]

for _name in [name for name in os.environ if name.startswith("PREFECT_") or name == "SWITCHBACK_ENVIRONMENTS"]:
    del os.environ[_name]
_home = ROOT / "var" / "tests" / f"prefect-{PROCESS}"
_home.mkdir(parents=True, exist_ok=True)
os.environ["PREFECT_HOME"] = str(_home)
os.environ["NO_PROXY"] = os.environ["no_proxy"] = "*"  # everything that tests talk to is on loopback
