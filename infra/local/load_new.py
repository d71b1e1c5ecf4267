"""`python -m infra.local.load_new`: fill new's databases from old, as the local migration's own tooling.

Each database is dumped by old's tools straight into a draft database on new by new's tools; when all drafts
are whole they take the places of the databases, in one transaction. Who may connect stays as it was. It
compares nothing: that is the cutover's business. Run again after a kill, it starts over.
"""

import subprocess
import sys
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from typing import ClassVar

import psycopg
from psycopg import sql

from infra.local import databases, postgres
from infra.local.databases import Database, make
from infra.local.layout import Layout
from switchback import settings
from switchback.domain.errors import HalfDone, Refused, SwitchbackError, Unreachable
from switchback.domain.model import Side

APPLICATION = "switchback-load-new"
LEFTOVERS = (
    "select pg_terminate_backend(pid) from pg_stat_activity where application_name = %s and pid <> pg_backend_pid()"
)
OTHERS = """
select count(*), coalesce(string_agg(distinct usename, ', '), '')
from pg_stat_activity
where datname = %s and backend_type in ('client backend', 'walsender') and pid <> pg_backend_pid()
"""
SLOTS = "select pg_drop_replication_slot(slot_name) from pg_replication_slots where database = %s"
RIGHTS = """
select format(
    'grant %%s on database %%I to %%s', privilege_type, %s::text,
    case grantee when 0 then 'public' else quote_ident(pg_get_userbyid(grantee)) end
)
from pg_database, aclexplode(coalesce(datacl, acldefault('d', datdba)))
where datname = %s
"""
RENAME = sql.SQL("alter database {} rename to {}")
NO_RIGHTS = "revoke all on database {draft} from public, {owner}, {jobs}"


@dataclass(eq=False)
class InUse(Refused):
    """Replacing the database would take it from under somebody."""

    problem: ClassVar[str] = "{database} on new is in use: {sessions} session(s) of {roles}."
    remedy: ClassVar[str] = "Fence new, then run this again; no database was replaced."
    database: str
    sessions: int
    roles: str


@dataclass(eq=False)
class NoServer(Unreachable):
    """One of the servers does not answer, or not to the pipeline's role."""

    problem: ClassVar[str] = "Postgres {side} at {address} does not answer."
    remedy: ClassVar[str] = "Start it, then run this again."
    side: str
    address: str


@dataclass(eq=False)
class LoadFailed(HalfDone):
    """A dump or a restore ended early; new's databases are as they were."""

    problem: ClassVar[str] = "{database}: {program} failed: {line}"
    remedy: ClassVar[str] = "Mend it, then run this again: it starts over."
    database: str
    program: str
    line: str


def load(layout: Layout, wanted: Sequence[Database]) -> None:
    """Replace each of new's databases by what old has; old must be fenced, or later writes stay behind.

    Raises InUse before anything is replaced, LoadFailed, NoServer.
    """
    with closing(_connect(layout, Side.OLD)) as old:
        old.execute(LEFTOVERS, [APPLICATION])
    with closing(_connect(layout, Side.NEW)) as new:
        new.execute(LEFTOVERS, [APPLICATION])
        _refuse_in_use(new, wanted)
        with ThreadPoolExecutor() as pool:
            list(pool.map(lambda database: _load_draft(layout, database), wanted))
        _replace(new, wanted)


def _load_draft(layout: Layout, database: Database) -> None:
    with closing(_connect(layout, Side.NEW)) as new:
        _drop(new, _draft(database))
        _drop(new, _replaced(database))
        make.create(new, _draft(database), database)
    with closing(_connect(layout, Side.NEW, _draft(database))) as new:
        make.open_schema(new, database)
        _copy(layout, database)
        new.execute("analyze")


def _copy(layout: Layout, database: Database) -> None:
    dump = [str(postgres.tools(Side.OLD) / "pg_dump"), "--format=custom", "--compress=0"]
    restore = [str(postgres.tools(Side.NEW) / "pg_restore"), "--exit-on-error", "--dbname", _draft(database)]
    skipped = ["--no-publications", "--no-subscriptions"]
    environments = (
        postgres.environment(postgres.conninfo(layout, Side.OLD, database=database.name)),
        postgres.environment(postgres.conninfo(layout, Side.NEW, database=_draft(database))),
    )
    reader, writer = ({**environment, "PGAPPNAME": APPLICATION} for environment in environments)
    with tempfile.TemporaryFile("w+") as dump_said, tempfile.TemporaryFile("w+") as restore_said:
        dumping = subprocess.Popen([*dump, *skipped], env=reader, stdout=subprocess.PIPE, stderr=dump_said)
        restoring = subprocess.Popen([*restore, *skipped], env=writer, stdin=dumping.stdout, stderr=restore_said)
        dumping.stdout.close()  # type: ignore[union-attr]  # it is a pipe; only the restore reads it from here on
        codes = {"pg_restore": restoring.wait(), "pg_dump": dumping.wait()}
        for program, said in (("pg_dump", dump_said), ("pg_restore", restore_said)):
            said.seek(0)
            if codes[program] != 0:
                raise LoadFailed(database.name, program, (said.read().strip().splitlines() or ["killed"])[0])


def _replace(new: psycopg.Connection, wanted: Sequence[Database]) -> None:
    try:
        with new.transaction():
            for database in wanted:
                _swap(new, database)
    except psycopg.errors.ObjectInUse:
        _refuse_in_use(new, wanted)
        raise
    for database in wanted:
        _drop(new, _replaced(database))


def _swap(new: psycopg.Connection, database: Database) -> None:
    draft = sql.Identifier(_draft(database))
    rights = new.execute(RIGHTS, [_draft(database), database.name]).fetchall()
    if rights:
        names = {"draft": draft, "owner": sql.Identifier(database.owner), "jobs": sql.Identifier(database.jobs)}
        new.execute(sql.SQL(NO_RIGHTS).format(**names))
        for (grant,) in rights:
            new.execute(grant)
        new.execute(RENAME.format(sql.Identifier(database.name), sql.Identifier(_replaced(database))))
    new.execute(RENAME.format(draft, sql.Identifier(database.name)))


def _drop(new: psycopg.Connection, name: str) -> None:
    new.execute(SLOTS, [name])  # what they would stream goes with the database
    new.execute(sql.SQL("drop database if exists {}").format(sql.Identifier(name)))


def _refuse_in_use(new: psycopg.Connection, wanted: Sequence[Database]) -> None:
    for database in wanted:
        sessions, roles = new.execute(OTHERS, [database.name]).fetchone() or (0, "")
        if sessions:
            raise InUse(database.name, sessions, roles)


def _draft(database: Database) -> str:
    return f"{database.name}_loading"


def _replaced(database: Database) -> str:
    return f"{database.name}_replaced"


def _connect(layout: Layout, side: Side, database: str = "postgres") -> psycopg.Connection:
    conninfo = postgres.conninfo(layout, side, database=database)
    try:
        return psycopg.connect(conninfo, autocommit=True, application_name=APPLICATION)
    except psycopg.OperationalError as error:
        raise NoServer(side.value, str(layout.postgres(side))) from error


def main() -> int:
    """Load every database that the local descriptor names; one line and the error's exit code on failure."""
    layout = Layout()
    try:
        environment = settings.read(layout.environments / "local.toml")
        load(layout, [databases.of(service.name) for service in environment.services])
    except SwitchbackError as error:
        return _fail(error)
    except psycopg.Error as error:
        said = error.diag.message_primary or type(error).__name__
        return _fail(LoadFailed("new", "a statement", said))
    return 0


def _fail(error: SwitchbackError) -> int:
    sys.stderr.write(f"{error}\n")
    return error.exit_code


if __name__ == "__main__":
    sys.exit(main())
