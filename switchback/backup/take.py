"""Taking a backup: each database dumped from one snapshot in which its rows are counted and hashed too.

The dumps go to a folder of ours, then stream to the depot in blocks; the manifest comes last and makes the backup
visible. Changes no database. Killed anywhere, what is left is half-uploaded, says so, and is never restored.
"""

import hashlib
import json
import secrets
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

from psycopg.rows import scalar_row

from switchback.backup import archive, contents, manifest, workshop
from switchback.backup.manifest import SUFFIX, Archive, Dump, Manifest, Part
from switchback.backup.summed import Summed
from switchback.domain.model import Side
from switchback.domain.together import together
from switchback.settings import Environment
from switchback.systems.depot import Depot
from switchback.systems.postgres import connection, pipeline, sqlfiles, tools

COMPRESSION = "1"  #: of each dump; the archive around them is stored
PIECE = 1 << 20


def take(environment: Environment, depot: Depot, side: Side, now: datetime) -> Manifest:
    """Back up the platform's databases on one site, and return what the backup says of itself.

    Raises NoTools, ToolFailed, DiskTooSmall and what connections and the depot raise.
    """
    backup = f"{now.astimezone(UTC):%Y%m%dT%H%M%SZ}-{side}-{secrets.token_hex(4)}"
    begun = {"backup": backup, "side": side.value, "begun_at": now.isoformat()}
    depot.write(manifest.place(environment.name, backup, Part.BEGUN), json.dumps(begun).encode())
    with workshop.folder(f"backup-{environment.name}") as place:
        names = environment.databases
        dumps = together(names, lambda name: _dump(environment, side, name, place))
        blob = manifest.place(environment.name, backup, Part.ARCHIVE)
        kept = _upload(depot, blob, [place / dump.file for dump in dumps])
    major = max(dump.contents.major for dump in dumps)
    sealed = Manifest(
        format=manifest.FORMAT,
        backup=backup,
        environment=environment.name,
        side=side,
        taken_at=min(dump.contents.taken_at for dump in dumps),
        tools=tools.of(environment, major).version(),
        archive=kept,
        dumps=tuple(dumps),
    ).sealed()
    depot.write(manifest.place(environment.name, backup, Part.MANIFEST), manifest.dump(sealed))
    return sealed


def _dump(environment: Environment, side: Side, database: str, place: Path) -> Dump:
    path = place / f"{database}{SUFFIX}"
    with (
        pipeline.session(environment, side, database) as session,
        connection.translated(session),
        connection.holding_still(session),
        ThreadPoolExecutor(1) as beside,
    ):
        archive.refuse_if_full(place, _size(session))
        exported = session.execute(sqlfiles.load("backup/export_snapshot")).fetchone()
        program = tools.of(environment, session.info.server_version // 10000)
        how = ["--format=custom", f"--compress={COMPRESSION}", "--no-password", "--lock-wait-timeout=60s"]
        arguments: list[str | Path] = [
            *how,
            f"--snapshot={exported and exported[0]}",
            tools.place(database),
            "--file",
            path,
        ]
        environ = tools.login(environment, side, database)
        dumping = beside.submit(program.run, "pg_dump", database, arguments, environ)
        found = contents.read(session)
        dumping.result()
    digest, size = _digest(path)
    return Dump(file=path.name, bytes=size, sha256=digest, contents=found)


def _size(session: connection.Connection) -> int:
    size = session.cursor(row_factory=scalar_row).execute(sqlfiles.load("backup/read_size")).fetchone()
    return int(size or 0)


def _upload(depot: Depot, blob: str, files: list[Path]) -> Archive:
    pieces = Summed(archive.pack(files))
    depot.upload(blob, pieces)
    return Archive(blob=blob, bytes=pieces.bytes, sha256=pieces.sha256)


def _digest(path: Path) -> tuple[str, int]:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest(), path.stat().st_size
