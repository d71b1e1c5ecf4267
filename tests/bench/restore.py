"""Backup and restore of three databases against the procedure's own commands, in one run, on one machine.

The procedure: pg_dump one after the other and tar; download, tar, pg_restore one after the other; it compares nothing.
Ours: dumps side by side with every row hashed; ranges unpacked as they arrive, databases side by side, every row
compared. Prints nothing and judges nothing.
"""

import statistics
import subprocess
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

from psycopg.sql import SQL, Identifier

from infra.local import site
from infra.local.databases import DATABASES
from infra.local.descriptor import ENVIRONMENT
from infra.local.layout import Layout
from infra.local.parts import Group
from switchback import settings
from switchback.backup import contents, fetch, restore, take, workshop
from switchback.backup.manifest import Dump, Manifest
from switchback.domain.model import Side
from switchback.domain.together import together
from switchback.systems import depot
from switchback.systems.postgres import connection, pipeline, sqlfiles, tools
from tests import vanishing

NETWORK = "127.67"
ROUNDS = 3
T = TypeVar("T")
THEIRS = "procedure.tar.gz"
FILL = """
create table public.bench as
select i as id, i %% 5000 as tenant, 'user-' || i || '@example.org' as email, (i %% 1000000) / 100.0 as amount,
  jsonb_build_object('kind', 'k' || i %% 7, 'number', i) as payload, now() + i * interval '1 millisecond' as made_at,
  repeat(md5(i::text), 2) as note
from generate_series(1, %(rows)s::bigint) as i
"""
INDEXES = (
    "alter table public.bench add primary key (id)",
    "create index on public.bench (tenant, made_at)",
    "create index on public.bench (email)",
)


@dataclass(frozen=True, kw_only=True)
class Ratio:
    """Our seconds to theirs, for one thing done."""

    what: str
    ours_s: float
    theirs_s: float
    most: float | None  #: what it should be at most, where that was agreed
    note: str  #: what limits it

    @property
    def ratio(self) -> float:
        """Ours by theirs: below 1 we are faster."""
        return self.ours_s / self.theirs_s


class Stage:
    """A site's Postgres, vault and storage, with three filled databases, and a folder to work in."""

    def __init__(self, environment: settings.Environment, folder: Path) -> None:
        self.environment, self.folder = environment, folder
        self.depot = depot.open_depot(environment, make=True)
        self.names = environment.databases
        self.tools = tools.of(environment, 16)

    def fill(self, rows: int) -> None:
        """Add a table of so many rows, over all databases."""
        for kind in DATABASES:
            with pipeline.session(self.environment, Side.OLD, kind.name) as link:
                link.execute("set statement_timeout = 0")
                link.execute(SQL("set role {}").format(Identifier(kind.owner)))
                link.execute(FILL, {"rows": rows // len(DATABASES)})
                for statement in INDEXES:
                    link.execute(statement.encode())

    def empty(self, suffix: str, sealed: Manifest) -> None:
        """Empty databases to restore into; those of before are dropped."""
        with pipeline.session(self.environment, Side.OLD) as link:
            for name in self.names:
                place = f"{name}_{suffix}"
                link.execute(sqlfiles.load("backup/drop_database").format(database=Identifier(place)))
                restore.create(link, place, sealed.of(name).contents)
        for name in self.names:
            with pipeline.session(self.environment, Side.OLD, f"{name}_{suffix}") as link:
                link.execute("grant create on schema public to public")  # or the procedure's pg_restore fails

    def tool(self, program: str, database: str, *arguments: str | Path) -> None:
        """One of Postgres's programs with the procedure's arguments, whatever it complains of."""
        login = tools.login(self.environment, Side.OLD, database) | {"PGOPTIONS": ""}
        subprocess.run([self.tools.path(program), *arguments], env=login, check=True, capture_output=True)


def run(rows: int) -> tuple[Ratio, ...]:
    """Medians of both ways, done by turns, on a site of its own that is gone afterwards."""
    seconds: dict[str, list[float]] = defaultdict(list)
    with _stage() as stage:
        stage.fill(rows)
        for _ in range(ROUNDS):
            sealed = _round(stage, seconds)
    median_s = {what: statistics.median(measured) for what, measured in seconds.items()}
    disk = f"temporary disk: the dumps, {sealed.unpacked >> 20} MiB, the archive is never written"
    return (
        Ratio(
            what="backup / pg_dump one by one, tar, upload",
            ours_s=median_s["taken"],
            theirs_s=median_s["dumped"],
            most=None,
            note="every row is read twice, once for the dump and once for its hash; two cores share it",
        ),
        Ratio(
            what="restore / download, tar, pg_restore one by one",
            ours_s=median_s["ours"],
            theirs_s=median_s["theirs"],
            most=0.7,
            note=f"the server's COPY and index builds on two cores; {disk}",
        ),
        Ratio(
            what="restore, compared and analyzed / the same, which compares nothing",
            ours_s=median_s["ours"] + median_s["proof"],
            theirs_s=median_s["theirs"],
            most=None,
            note="hashing the text of every row",
        ),
    )


@contextmanager
def _stage() -> Iterator[Stage]:
    with vanishing.folder() as folder:
        layout = Layout(network=NETWORK, var=folder / "var")
        (folder / "var").mkdir(mode=0o755)
        with site.running(layout, {Group.POSTGRES, Group.AZURE, Group.BLOB}):
            yield Stage(settings.read(layout.environments / f"{ENVIRONMENT}.toml"), folder)


def _round(stage: Stage, seconds: dict[str, list[float]]) -> Manifest:
    def timed(what: str, act: Callable[[], T]) -> T:
        began = time.monotonic()
        done = act()
        seconds[what].append(time.monotonic() - began)
        return done

    timed("dumped", lambda: _their_backup(stage))
    sealed = timed("taken", lambda: take.take(stage.environment, stage.depot, Side.OLD, datetime.now(UTC)))
    stage.empty("theirs", sealed)
    timed("theirs", lambda: _their_restore(stage))
    stage.empty("ours", sealed)
    timed("ours", lambda: _our_restore(stage, sealed))
    timed("proof", lambda: _our_proof(stage, sealed))
    return sealed


def _their_backup(stage: Stage) -> None:
    files = [stage.folder / f"{name}.backup" for name in stage.names]
    for name, file in zip(stage.names, files, strict=True):
        stage.tool("pg_dump", name, "-Fc", "-f", file)
    archive = stage.folder / THEIRS
    subprocess.run(["tar", "-czf", archive, *(file.name for file in files)], cwd=stage.folder, check=True)  # noqa: S607
    with archive.open("rb") as content:
        stage.depot.upload(THEIRS, iter(lambda: content.read(1 << 20), b""))
    for path in (archive, *files):
        path.unlink()


def _their_restore(stage: Stage) -> None:
    archive = stage.folder / THEIRS
    with archive.open("wb") as out:
        stage.depot._container.download_blob(THEIRS).readinto(out)  # the SDK's own way, as `az` does it
    subprocess.run(["tar", "-xzf", archive], cwd=stage.folder, check=True)  # noqa: S607
    for name in stage.names:
        stage.tool("pg_restore", name, "-d", f"{name}_theirs", "-v", stage.folder / f"{name}.backup")


def _our_restore(stage: Stage, sealed: Manifest) -> None:
    with workshop.folder("bench") as folder:
        files = fetch.fetch(stage.depot, sealed, folder)
        together(stage.names, lambda name: _fill(stage, sealed.of(name), files[name]))


def _fill(stage: Stage, dump: Dump, file: Path) -> None:
    place = f"{dump.contents.database}_ours"
    restore.fill(stage.environment, Side.OLD, place, file, dump.contents)


def _our_proof(stage: Stage, sealed: Manifest) -> None:
    def prove(name: str) -> None:
        place, wanted = f"{name}_ours", sealed.of(name).contents
        found = restore.read(stage.environment, Side.OLD, place)
        contents.refuse_if_different(sealed.backup, replace(wanted, definitions={}), replace(found, definitions={}))
        with pipeline.session(stage.environment, Side.OLD, place) as link, connection.translated(link):
            link.execute("set statement_timeout = 0")
            link.execute(sqlfiles.load("backup/analyze"))

    together(stage.names, prove)
