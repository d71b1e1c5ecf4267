"""One dump restored into a database aside, by a role that is no superuser, and compared with its manifest.

An aside has a name that nobody else uses and is closed to everybody but the pipeline. When it is proven it is marked so
in its comment, which goes with it when it is renamed: that is how a later run knows it. Drops only asides.
"""

import json
import re
import secrets
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import ClassVar

from psycopg.rows import class_row, scalar_row
from psycopg.sql import SQL, Composed, Identifier, Literal

from switchback.backup import asides, contents
from switchback.backup.manifest import Dump
from switchback.backup.notes import Contents, Maker
from switchback.domain.errors import Refused
from switchback.domain.model import Side
from switchback.settings import Environment
from switchback.systems.postgres import connection, pipeline, sqlfiles, tools
from switchback.systems.postgres.connection import Connection

_SCHEMA = re.compile(r"\d+; \d+ \d+ SCHEMA - (?!public )")


@dataclass(eq=False)
class CannotHold(Refused):
    """The server lacks something that the backup needs."""

    problem: ClassVar[str] = "Postgres at {place} cannot hold {database}: {lacks}."
    remedy: ClassVar[str] = "Make that on the server (terraform, or its administrator) first; nothing was restored."
    place: str
    database: str
    lacks: str


@dataclass(frozen=True, kw_only=True)
class Mark:
    """What an aside is, written in its comment once it is proven."""

    run: str  #: the attempt that restored it, or what else it was restored for
    database: str  #: whose place it is for
    backup: str
    manifest: str  #: its digest


@dataclass(frozen=True, kw_only=True)
class Marked:
    """A database that carries a mark."""

    name: str
    mark: Mark


@dataclass(frozen=True, kw_only=True)
class _Commented:
    name: str
    comment: str


def refuse_unless_fits(session: Connection, wanted: Sequence[Contents]) -> None:
    """Raise CannotHold where the server is older than a dump, or lacks a role or an extension that one needs.

    `session` is on the maintenance database; memberships are looked at too, since the pipeline hands over ownership.
    """
    place = connection.place_of(session)
    with connection.translated(session):
        for one in wanted:
            values = {
                "version": one.server_version // 10000 * 10000,
                "roles": [*one.roles, one.owner],
                "extensions": [each.name for each in one.extensions],
            }
            lacking = session.cursor(row_factory=scalar_row).execute(sqlfiles.load("backup/list_lacking"), values)
            if lacks := lacking.fetchall():
                raise CannotHold(place, one.database, ", ".join(lacks))


def marked(session: Connection) -> tuple[Marked, ...]:
    """The proven databases of this server, aside or already in their place."""
    found = session.cursor(row_factory=class_row(_Commented)).execute(sqlfiles.load("backup/list_marked")).fetchall()
    return tuple(Marked(name=each.name, mark=Mark(**json.loads(each.comment))) for each in found)


def aside(environment: Environment, side: Side, dump: Dump, file: Path, mark: Mark) -> Contents:
    """Restore a dump aside, prove it and mark it; what the restored database holds.

    Killed anywhere, the next call begins a new aside; `sweep` removes the old one. Raises ToolFailed, NoTools,
    NotAsBackedUp and what connections raise.
    """
    wanted, name = dump.contents, f"{asides.prefix(mark.run, mark.database)}{secrets.token_hex(3)}"
    with pipeline.session(environment, side) as session, connection.translated(session):
        create(session, name, wanted)
    fill(environment, side, name, file, wanted)
    found = read(environment, side, name)
    contents.refuse_if_different(mark.backup, wanted, found)
    with pipeline.session(environment, side, name) as session, connection.translated(session):
        session.execute(sqlfiles.load("backup/analyze"))
        comment = Literal(json.dumps(asdict(mark)))
        session.execute(sqlfiles.load("backup/mark_database").format(database=Identifier(name), comment=comment))
    return found


def sweep(environment: Environment, side: Side, run: str, database: str, *, proven: bool = False) -> None:
    """Drop the asides of this attempt's database that are not proven, or all of them; ends whoever is in them."""
    with pipeline.session(environment, side) as session, connection.translated(session):
        kept = {each.name for each in marked(session)} if not proven else set()
        values = {"prefix": asides.prefix(run, database)}
        names = session.cursor(row_factory=scalar_row).execute(sqlfiles.load("backup/list_asides"), values).fetchall()
        for name in set(names) - kept:
            session.execute(sqlfiles.load("backup/end_sessions"), {"database": name})
            session.execute(sqlfiles.load("backup/drop_database").format(database=Identifier(name)))


def read(environment: Environment, side: Side, name: str) -> Contents:
    """What a database holds now, in one snapshot."""
    with (
        pipeline.session(environment, side, name) as session,
        connection.translated(session),
        connection.holding_still(session),
    ):
        return contents.read(session)


def fill(environment: Environment, side: Side, name: str, file: Path, wanted: Contents) -> None:
    """Run pg_restore into an empty database: schemas first, so that their owners may be given what is made in them."""
    with pipeline.session(environment, side, name) as session, connection.translated(session):
        program = tools.of(environment, session.info.server_version // 10000)
        environ = tools.login(environment, side, name)
        listed = program.run("pg_restore", wanted.database, ["--list", file], environ).splitlines()
        schemas = [line for line in listed if _SCHEMA.match(line)]
        if schemas:
            _restore(program, wanted.database, file, schemas, environ, jobs=1)
        lent = _lend(session, wanted)
        rest = [line for line in listed if not _SCHEMA.match(line)]
        _restore(program, wanted.database, file, rest, environ, jobs=_jobs(environment))
        for maker in lent:
            session.execute(_about(maker, "take_back"))


def _restore(  # noqa: PLR0913 - one keyword more than five things that differ
    program: tools.Tools, database: str, file: Path, lines: list[str], environ: dict[str, str], *, jobs: int
) -> None:
    with tempfile.NamedTemporaryFile("w", prefix="switchback-toc-", suffix=".list", encoding="utf-8") as wanted:
        wanted.write("\n".join(lines) + "\n")
        wanted.flush()
        how = ["--exit-on-error", "--no-publications", "--no-subscriptions", "--no-password", f"--jobs={jobs}"]
        arguments: list[str | Path] = [*how, f"--use-list={wanted.name}", tools.place(environ["PGDATABASE"]), file]
        program.run("pg_restore", database, arguments, environ)


def _jobs(environment: Environment) -> int:
    names = {service.database for service in environment.services}
    return max(1, round(environment.backup.jobs / len(names)))


def create(session: Connection, name: str, wanted: Contents) -> None:
    """Make an empty database like the one that was backed up, closed to everybody but its owner."""
    names = {"database": Identifier(name), "owner": Identifier(wanted.owner)}
    how = {"encoding": Literal(wanted.encoding), "collate": Literal(wanted.collate), "ctype": Literal(wanted.ctype)}
    session.execute(sqlfiles.load("backup/create_database").format(**names, **how))
    session.execute(sqlfiles.load("backup/close_database").format(**names))
    for right in wanted.rights:
        grantee = Identifier(right.grantee) if right.grantee else SQL("public")
        privilege = sqlfiles.load(f"backup/grant_{right.privilege.lower()}")
        session.execute(privilege.format(grantee=grantee, **names))


def _lend(session: Connection, wanted: Contents) -> list[Maker]:
    """Let every role make things in every schema while it is filled: in a dump rights come last.

    Returns what must be taken back, because the backup's database does not grant it.
    """
    asked = {"roles": list(wanted.roles)}
    lacking = session.cursor(row_factory=class_row(Maker)).execute(sqlfiles.load("backup/list_cannot_create"), asked)
    lent = lacking.fetchall()
    for maker in lent:
        session.execute(_about(maker, "lend"))
    return [maker for maker in lent if maker not in wanted.makers]


def _about(maker: Maker, statement: str) -> Composed:
    names = {"schema": Identifier(maker.schema), "role": Identifier(maker.role)}
    return sqlfiles.load(f"backup/{statement}").format(**names)
