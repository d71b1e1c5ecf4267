"""A drill on a whole local site of its own, as `make drill` runs it."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from infra.local.layout import ROOT
from tests import vanishing

NETWORK = "127.65"
TIMEOUT_S = 1800


@contextmanager
def drilled(which: str) -> Iterator[Path]:
    """The folder of a site in which that drill has run; the site is down again."""
    known = {name: value for name, value in os.environ.items() if not name.startswith("PREFECT_")}
    command = [sys.executable, "-m", "infra.local", "drill", which]
    with vanishing.folder() as folder:
        moved = {"SWITCHBACK_LOCAL_NETWORK": NETWORK, "SWITCHBACK_LOCAL_VAR": str(folder)}
        try:
            done = subprocess.run(
                command, cwd=ROOT, env=known | moved, capture_output=True, text=True, check=False, timeout=TIMEOUT_S
            )
            assert done.returncode == 0, done.stdout + done.stderr
            yield folder
        finally:
            subprocess.run([sys.executable, "-m", "infra.local", "down"], cwd=ROOT, env=known | moved, check=False)
