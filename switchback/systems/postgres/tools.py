"""Postgres's own client programs, of the major version of the server that they work on.

A dump is made and read by its server's own version: 16's pg_dump refuses a server of 18 and leaves an empty file,
18's pg_restore fails on a server of 16. Passwords go by the environment, never by the command line.
"""

import os
import re
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import certifi
from psycopg.conninfo import make_conninfo

from switchback.domain.errors import HalfDone, Refused
from switchback.domain.model import Side
from switchback.settings import Environment
from switchback.systems import keyvault
from switchback.systems.postgres import connection

SHOWN = 400  #: characters of a program's first complaint that an error shows
QUICK = "-c synchronous_commit=off -c maintenance_work_mem=256MB -c statement_timeout=0 -c lock_timeout=0"


@dataclass(eq=False)
class NoTools(Refused):
    """The descriptor names no client programs of that version, or they are not there."""

    problem: ClassVar[str] = "There is no {program} of Postgres {major} here: {why}."
    remedy: ClassVar[str] = "Install that version's client programs and name their folder in the descriptor's [backup]."
    program: str
    major: int
    why: str


@dataclass(eq=False)
class ToolFailed(HalfDone):
    """pg_dump or pg_restore did not come to its end; what it made is not used."""

    problem: ClassVar[str] = "{program} of {database} ended with {code}: {words}"
    remedy: ClassVar[str] = "Correct the cause, then run again: it starts this database over."
    program: str
    database: str
    code: int
    words: str


@dataclass(frozen=True, kw_only=True)
class Tools:
    """The programs of one major version."""

    major: int
    folder: Path

    def path(self, program: str) -> str:
        """Where a program is; raises NoTools."""
        found = self.folder / program
        if not found.is_file():
            raise NoTools(program, self.major, f"{self.folder} does not hold it")
        return str(found)

    def version(self) -> str:
        """What pg_dump says of itself, for example "pg_dump (PostgreSQL) 16.14"."""
        said = subprocess.run([self.path("pg_dump"), "--version"], capture_output=True, text=True, check=True)
        return said.stdout.strip()

    def run(self, program: str, database: str, arguments: Sequence[str | Path], environ: dict[str, str]) -> str:
        """Run a program to its end; what it printed. Raises NoTools or ToolFailed."""
        done = subprocess.run(
            [self.path(program), *arguments],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            env=environ,
        )
        if done.returncode:
            raise ToolFailed(program, database, done.returncode, complaint(done.stderr))
        return done.stdout


def of(environment: Environment, major: int) -> Tools:
    """The programs of that version, as the descriptor names them; raises NoTools."""
    for one in environment.backup.tools:
        if one.major == major:
            return Tools(major=major, folder=Path(one.folder))
    raise NoTools("pg_dump", major, f"{environment.name}'s descriptor names no folder for that version")


def login(environment: Environment, side: Side, database: str) -> dict[str, str]:
    """The environment variables by which a program logs in as the pipeline's role: for a child's memory only."""
    site, postgres = environment.site(side), environment.postgres
    own = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    return own | {
        "PGHOST": site.postgres_host,
        "PGPORT": str(site.postgres_port),
        "PGDATABASE": database,
        "PGUSER": postgres.role,
        "PGPASSWORD": keyvault.secret(environment, side, postgres.secret),
        "PGSSLMODE": postgres.sslmode,
        "PGSSLROOTCERT": certifi.where(),
        "PGGSSENCMODE": "disable",
        "PGCONNECT_TIMEOUT": "10",
        "PGAPPNAME": "switchback",
        "PGOPTIONS": QUICK,
        "PGTZ": "UTC",
        "TZ": "UTC",
        "LC_MESSAGES": "C",
    }


def place(database: str) -> str:
    """`--dbname` for a program: a server that is gone is noticed within half a minute, however long it may take."""
    return f"--dbname={make_conninfo(dbname=database, **connection.KEEPALIVE)}"


def complaint(said: str) -> str:
    """A program's first error; row values that it quotes (COPY, DETAIL), and passwords, left out."""
    lines = [line for line in said.splitlines() if line.strip()]
    errors = [line for line in lines if re.search(r"\b(error|fatal|ERROR|FATAL)\b", line)]
    first = (errors or lines or ["it said nothing"])[0]
    without_rows = re.sub(r"(DETAIL|CONTEXT):.*", "", first)
    return re.sub(r"//[^/@\s]*@|(?i:password\s*=\s*\S+)", "...", without_rows)[:SHOWN]
