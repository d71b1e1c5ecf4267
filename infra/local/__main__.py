"""`python -m infra.local up|down|status|drill|incident|outage|relief|destroy-old|env`: the local site by hand.

Each may be repeated.
"""

import argparse
import os
import shlex
import subprocess
import sys
import time
from pathlib import Path

from infra.local import environ, faults, postgres, site, table
from infra.local.databases import DATABASES
from infra.local.layout import Layout
from infra.local.parts import Group
from switchback.domain.errors import SwitchbackError
from switchback.domain.model import Side

#: What is drilled when nothing is said.
DRILLS = ("switchback", "evaluated")
#: What a drill does to new.
INCIDENT = faults.Fault(failing=0.5, latency_s=0.2)


def main() -> int:
    """Do what the command line says; 0, or the exit code of the error that is printed."""
    asked = _arguments().parse_args()
    layout = Layout()
    do = {"up": _up, "down": _down, "status": _status, "incident": _incident, "relief": _relief, "env": _env}
    do |= {"outage": _outage, "destroy-old": _destroy_old}
    try:
        if asked.command == "drill":
            return _drill(layout, asked)
        do[asked.command](layout, asked)
    except SwitchbackError as error:
        sys.stderr.write(f"{error}\n")
        return error.exit_code
    return 0


def _arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m infra.local", description="The local site.")
    commands = parser.add_subparsers(dest="command", required=True)
    up = commands.add_parser("up", help="start what does not run, wait until it is ready, print what runs where")
    up.add_argument("--without", action="append", default=[], type=Group, choices=list(Group), help="leave this out")
    commands.add_parser("down", help="end every process of the site, also after a crash")
    commands.add_parser("status", help="print what runs where")
    drill = commands.add_parser("drill", help="up, drills one after the other, and down again if it did not run before")
    drill.add_argument("which", nargs="*", default=DRILLS, help="switchback, evaluated, outage, emergency or destroy")
    drill.add_argument("--keep", action="store_true", help="leave the site running")
    commands.add_parser("incident", help="break new: every second request fails, the others are slow")
    commands.add_parser("outage", help="stop new's database server")
    commands.add_parser("relief", help="end the incident or the outage")
    commands.add_parser("destroy-old", help="delete old's Postgres cluster for real; an empty one takes its place")
    commands.add_parser("env", help="print the exports that a shell needs to work on the site")
    return parser


def _up(layout: Layout, asked: argparse.Namespace) -> None:
    began = time.monotonic()
    found = site.up(layout, site.EVERYTHING - set(asked.without))
    table.show(layout, found, title=f"The local site is up ({time.monotonic() - began:.1f} s)")


def _down(layout: Layout, _asked: argparse.Namespace) -> None:
    stopped = site.down(layout)
    sys.stdout.write(f"The local site is down; {stopped} processes were stopped.\n")


def _drill(layout: Layout, asked: argparse.Namespace) -> int:
    """The exit code of the first drill that fails; those after it are not begun."""
    ran_before = bool(site.status(layout))
    asked.without = []
    _up(layout, asked)
    try:
        for which in asked.which:
            command = [str(Path(sys.executable).with_name("switchback")), "drill", which, "local"]
            if code := subprocess.run(command, env=os.environ | environ.variables(layout), check=False).returncode:
                return code
        return 0
    finally:
        if not (ran_before or asked.keep):
            _down(layout, asked)


def _status(layout: Layout, _asked: argparse.Namespace) -> None:
    table.show(layout, site.status(layout), title="The local site")


def _incident(layout: Layout, _asked: argparse.Namespace) -> None:
    for database in DATABASES:
        faults.inflict(layout, Side.NEW, database.service, INCIDENT)
    sys.stdout.write("New is broken: every second request fails, the others are slow.\n")


def _outage(layout: Layout, _asked: argparse.Namespace) -> None:
    postgres.stop(layout, Side.NEW)
    sys.stdout.write("New's database server is down.\n")


def _relief(layout: Layout, _asked: argparse.Namespace) -> None:
    faults.clear(layout, Side.NEW)
    postgres.start(layout, Side.NEW)
    sys.stdout.write("New behaves again.\n")


def _destroy_old(layout: Layout, _asked: argparse.Namespace) -> None:
    postgres.destroy(layout, Side.OLD)
    sys.stdout.write("Old's cluster is deleted; an empty server with the same roles stands in its place.\n")


def _env(layout: Layout, _asked: argparse.Namespace) -> None:
    for name, value in environ.variables(layout).items():
        sys.stdout.write(f"export {name}={shlex.quote(value)}\n")


if __name__ == "__main__":
    sys.exit(main())
