"""An archive that somebody else made becomes a backup of ours: unpacked, restored aside, counted, and so certified.

The archive is not changed; a manifest and a certificate are written for it. When it was made is told by the dumps
themselves, never by the blob's time-stamps.
"""

import re
import time
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import ClassVar

from switchback.backup import archive, asides, certify, contents, manifest, restore, workshop
from switchback.backup.archive import Unpacked
from switchback.backup.manifest import SUFFIX, Archive, Dump, Manifest, Part
from switchback.backup.notes import Contents, Extension
from switchback.backup.summed import Summed
from switchback.domain.errors import Refused
from switchback.domain.model import Side
from switchback.domain.together import together
from switchback.settings import Environment
from switchback.systems.depot import Depot
from switchback.systems.postgres import connection, pipeline, tools

_MADE = re.compile(r"^; Archive created at (\d{4}-\d\d-\d\d \d\d:\d\d:\d\d) ", re.MULTILINE)
_OWNED = re.compile(r"^\d+; \d+ \d+ .* (\S+)$", re.MULTILINE)
_EXTENSION = re.compile(r"^\d+; \d+ \d+ EXTENSION - (\S+)", re.MULTILINE)


@dataclass(eq=False)
class NotAdopted(Refused):
    """An archive is not a backup of this environment."""

    problem: ClassVar[str] = "{archive} is no backup of {environment}: {why}."
    remedy: ClassVar[str] = "Nothing was kept. Name another archive of the container."
    archive: str
    environment: str
    why: str


def adopt(environment: Environment, depot: Depot, blob: str, side: Side) -> Manifest:
    """Prove another's archive by restoring it aside on that site's server, and keep what it holds as its manifest.

    Raises NotAdopted, UnsafeArchive, BrokenArchive, DiskTooSmall, CannotHold, ToolFailed.
    """
    began, size = time.monotonic(), depot.size(blob)
    if size is None:
        raise NotAdopted(blob, environment.name, "there is no such blob")
    with workshop.folder(f"adopt-{environment.name}") as folder:
        pieces = Summed(depot.stream(blob, size))
        files = archive.unpack(blob, pieces, size, folder)
        by_name = {one.path.name.removesuffix(SUFFIX): one for one in files}
        names = environment.databases
        if missing := sorted(set(names) - by_name.keys()):
            raise NotAdopted(blob, environment.name, f"it lacks {', '.join(missing)}")
        dumps = together(names, lambda name: _prove(environment, side, name, by_name[name], pieces.sha256))
    taken_at = min(dump.contents.taken_at for dump in dumps)
    sealed = Manifest(
        format=manifest.FORMAT,
        backup=f"{taken_at:%Y%m%dT%H%M%SZ}-{side}-{pieces.sha256[:8]}",
        environment=environment.name,
        side=side,
        taken_at=taken_at,
        tools="adopted",
        archive=Archive(blob=blob, bytes=size, sha256=pieces.sha256),
        dumps=tuple(dumps),
    ).sealed()
    depot.write(manifest.place(environment.name, sealed.backup, Part.MANIFEST), manifest.dump(sealed))
    rows = sum(dump.contents.rows for dump in dumps)
    with pipeline.session(environment, side) as session:
        certify.keep(depot, sealed, session.info.server_version, time.monotonic() - began, rows)
    return sealed


def _prove(environment: Environment, side: Side, name: str, file: Unpacked, sha256: str) -> Dump:
    run = f"adopt-{sha256}"
    listing = _listing(environment, side, name, file.path)
    made = _MADE.search(listing)
    if made is None:
        raise NotAdopted(file.path.name, environment.name, "pg_restore does not tell when it was made")
    with pipeline.session(environment, side) as session, connection.translated(session):
        wanted = _provisional(environment, session, name, listing)
        restore.refuse_unless_fits(session, [wanted])
        aside = f"{asides.prefix(run, name)}adopted"
        restore.sweep(environment, side, run, name, proven=True)
        restore.create(session, aside, wanted)
    try:
        restore.fill(environment, side, aside, file.path, wanted)
        found = restore.read(environment, side, aside)
    finally:
        restore.sweep(environment, side, run, name, proven=True)
    taken_at = datetime.fromisoformat(made[1]).replace(tzinfo=UTC)
    return Dump(
        file=file.path.name,
        bytes=file.bytes,
        sha256=file.sha256,
        contents=replace(found, database=name, taken_at=taken_at),
    )


def _listing(environment: Environment, side: Side, name: str, path: Path) -> str:
    """What pg_restore tells of a dump, after it was read to its end: a cut one still lists (measured)."""
    with pipeline.session(environment, side) as session:
        program = tools.of(environment, session.info.server_version // 10000)
    environ = tools.login(environment, side, name)
    program.run("pg_restore", name, ["--file=/dev/null", path], environ)
    return program.run("pg_restore", name, ["--list", path], environ)


def _provisional(environment: Environment, session: connection.Connection, name: str, listing: str) -> Contents:
    """What is known of a foreign dump before it is restored: who owns things in it, which extensions it needs."""
    with connection.holding_still(session):
        known = contents.read(session)
    return replace(
        known,
        database=name,
        owner=environment.postgres.role,
        tables=(),
        sequences=(),
        extensions=tuple(Extension(name=each, version="") for each in _EXTENSION.findall(listing)),
        roles=tuple(sorted({each for each in _OWNED.findall(listing) if not each.startswith("pg_")})),
        rights=(),
        makers=(),
        definitions={},
    )
