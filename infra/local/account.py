"""Run a program as an account that may be unprivileged: Postgres refuses to run as root.

Started as root, programs run as the account named by SWITCHBACK_LOCAL_USER (nobody when it is not
set); started as anyone else, they just run.
"""

import os
import pwd
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path


def name() -> str:
    """The account that programs run as."""
    if os.geteuid() != 0:
        return pwd.getpwuid(os.geteuid()).pw_name
    return os.environ.get("SWITCHBACK_LOCAL_USER", "nobody")


def run(
    command: Sequence[str | Path], *, folder: Path, stdin: str = "", variables: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run to its end in `folder`, `variables` added to the environment; the caller judges code and output."""
    drops = os.geteuid() == 0
    account = pwd.getpwnam(name())
    return subprocess.run(
        command,
        user=account.pw_uid if drops else None,
        group=account.pw_gid if drops else None,
        extra_groups=() if drops else None,
        cwd=folder,
        env={**os.environ, **(variables or {})},
        input=stdin,
        capture_output=True,
        text=True,
        check=False,
    )


def own(path: Path) -> None:
    """Hand an existing file or folder to the account."""
    if os.geteuid() == 0:
        account = pwd.getpwnam(name())
        os.chown(path, account.pw_uid, account.pw_gid)
