"""Run a program as an account that may be unprivileged: Postgres refuses to run as root.

Started as root, programs run as the account named by SWITCHBACK_LOCAL_USER (nobody when it is not
set); started as anyone else, they just run.
"""

import os
import pwd
import stat
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
    return subprocess.run(
        [*_becoming(Path(command[0]), folder), *command],
        cwd=folder,
        env={**os.environ, **(variables or {})},
        input=stdin,
        capture_output=True,
        text=True,
        check=False,
    )


def _becoming(program: Path, folder: Path) -> list[str]:
    """What makes root the account. In a checkout below /root it takes one capability along: to get to its files."""
    if os.geteuid() != 0:
        return []
    account = pwd.getpwnam(name())
    becoming = ["setpriv", f"--reuid={account.pw_uid}", f"--regid={account.pw_gid}", "--clear-groups"]
    if all(parent.stat().st_mode & stat.S_IXOTH for path in (program, folder) for parent in path.parents):
        return becoming
    keeping = ["--inh-caps=+dac_override", "--ambient-caps=+dac_override", "--securebits=+no_setuid_fixup"]
    return [*becoming, *keeping]


def own(path: Path) -> None:
    """Hand an existing file or folder to the account."""
    if os.geteuid() == 0:
        account = pwd.getpwnam(name())
        os.chown(path, account.pw_uid, account.pw_gid)
