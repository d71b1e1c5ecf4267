"""The recovery killed at its statements, run again, old compared with new.

Two clusters of its own, all of tests/recovery_cases in one database, large objects too; as a superuser's session
and as a role that owns nothing. Prints a table; a trial fails when its end differs from new by a byte.
"""

import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import psycopg
from psycopg import sql
from rich.console import Console
from rich.table import Table

from infra.local import databases, postgres, secrets
from infra.local.databases import make
from infra.local.layout import ROOT, Layout
from switchback.domain.model import Side
from tests import exactly, vanishing
from tests.proof.held import Held
from tests.recovery_cases import CASES

NETWORK = "127.67"
KILLS = 40
ROLES = (secrets.ADMIN, "postgres")
KIND = databases.of("publisher")
OBJECTS = "select lo_from_bytea(0, convert_to(repeat(i::text, 5000), 'utf8')) from generate_series(1, 3) i"


@dataclass(frozen=True, kw_only=True)
class Ended:
    """One recovery that was killed, or was not, and how it stood after the next one."""

    boundary: str
    role: str
    first: int
    then: int
    equal: bool
    seconds: float
    words: str

    @property
    def good(self) -> bool:
        """Whether running again ended it, exactly."""
        return self.then == 0 and self.equal


class Pair:
    """Old and new with everything in them, as templates to clone from."""

    def __init__(self, layout: Layout) -> None:
        self.layout = layout
        cases = [case for case in CASES if "security" not in case.name and ", on delete" not in case.name]
        for side in Side:
            self._admin(side, sql.SQL("drop database if exists pattern"))
            with closing(psycopg.connect(self.dsn(side, "postgres"), autocommit=True)) as admin:
                make.create(admin, "pattern", KIND)
            self._script(side, "postgres", f"grant all on schema public to {KIND.owner}")
            for case in cases:
                self._script(side, KIND.owner, case.setup)
            self._script(side, KIND.owner, OBJECTS)
        self.cutover = datetime.now(UTC).isoformat()
        for case in cases:
            self._script(Side.NEW, KIND.owner, case.changes)
        self._script(Side.NEW, KIND.owner, OBJECTS)
        self.wanted = exactly.contents(self.dsn(Side.NEW, "pattern", "postgres"))
        self.made_so = exactly.making(self.dsn(Side.OLD, "pattern", "postgres"))

    def dsn(self, side: Side, database: str, role: str = secrets.ADMIN) -> str:
        """How to connect."""
        return postgres.conninfo(self.layout, side, database=database, role=role)

    def trial(self, role: str, boundary: str, folder: Path) -> tuple[Ended, int]:
        """A fresh old, a recovery that dies at the boundary, another that ends it; and how many statements it sent."""
        self._admin(Side.OLD, sql.SQL("drop database if exists trial with (force)"))
        self._admin(Side.OLD, sql.SQL("create database trial template pattern"))
        started = time.monotonic()
        first = self._run(role, boundary, folder)
        then = self._run(role, "never", folder) if boundary != "never" else first
        shutil.rmtree(folder, ignore_errors=True)
        held = exactly.contents(self.dsn(Side.OLD, "trial", "postgres"))
        equal = held == self.wanted and exactly.making(self.dsn(Side.OLD, "trial", "postgres")) == self.made_so
        ended = Ended(
            boundary=boundary,
            role=role,
            first=first.returncode,
            then=then.returncode,
            equal=equal,
            seconds=time.monotonic() - started,
            words=then.stderr[-300:],
        )
        return ended, int(then.stdout.split()[-1])

    def _run(self, role: str, boundary: str, folder: Path) -> subprocess.CompletedProcess[str]:
        old, new = self.dsn(Side.OLD, "trial", role), self.dsn(Side.NEW, "pattern", role)
        words = ["run", "--old", old, "--new", new, "--cutover", self.cutover, "--bundle", str(folder)]
        command = [sys.executable, "-m", "tests.proof.dying_recovery", boundary, *words, "--decide", "all"]
        return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)

    def _script(self, side: Side, role: str, script: str) -> None:
        with closing(psycopg.connect(self.dsn(side, "pattern", role), autocommit=True)) as link:
            link.execute(script.encode())

    def _admin(self, side: Side, statement: sql.SQL) -> None:
        with closing(psycopg.connect(self.dsn(side, "postgres"), autocommit=True)) as link:
            link.execute(statement)


def trials(pair: Pair, kills: int, folder: Path) -> Iterator[Ended]:
    """One recovery that lives and `kills` that do not, by role, spread over all its statements."""
    for role in ROLES:
        lived, sent = pair.trial(role, "never", folder / "bundle")
        yield lived
        for number in range(kills // len(ROLES)):
            count = number * sent * len(ROLES) // kills
            yield pair.trial(role, f"{count}-{('before', 'after')[number % 2]}", folder / "bundle")[0]


def prove(console: Console, kills: int = KILLS) -> Held:
    """Run every trial; each has to end exactly as new."""
    table = Table("killed at statement", "role", "first", "then", "old is new", "seconds")
    bad = 0
    with vanishing.clusters(NETWORK) as layout, tempfile.TemporaryDirectory() as folder:
        for ended in trials(Pair(layout), kills, Path(folder)):
            bad += not ended.good
            cells = (ended.boundary, ended.role, str(ended.first), str(ended.then), str(ended.equal))
            table.add_row(*cells, f"{ended.seconds:.1f}")
            if not ended.good:
                console.print(ended.words, markup=False)
    console.print(table)
    return Held(trials=table.row_count, failed=bad)
