"""Make the databases on a running cluster, as the pipeline's role; never touches one that exists.

Old's are seeded; new's stay empty until users are about to move, as in a real migration.
"""

from contextlib import closing

import psycopg
from psycopg import sql

from infra.local import postgres
from infra.local.databases import DATABASES, FOLDER, Database
from infra.local.layout import Layout
from switchback.domain.model import Side

CONNECT = """
revoke connect, temporary on database {name} from public;
grant connect, temporary on database {name} to {owner}, {jobs};
grant create on database {name} to {owner};
"""
SCHEMA_RIGHTS = """
grant usage, create on schema public to {owner};
grant usage on schema public to {jobs};
"""
JOBS_RIGHTS = """
grant usage on schema {schema} to {jobs};
grant select, insert, update, delete on all tables in schema {schema} to {jobs};
grant usage, select, update on all sequences in schema {schema} to {jobs};
"""


def make(layout: Layout, side: Side) -> None:
    """Make the side's missing databases, each whole or not at all."""
    with closing(psycopg.connect(postgres.conninfo(layout, side), autocommit=True)) as admin:
        have = {name for (name,) in admin.execute("select datname from pg_database")}
    for database in DATABASES:
        if database.name not in have:
            _make_one(layout, side, database)


def _make_one(layout: Layout, side: Side, database: Database) -> None:
    draft = f"{database.name}_making"
    with closing(psycopg.connect(postgres.conninfo(layout, side), autocommit=True)) as admin:
        admin.execute(sql.SQL("drop database if exists {}").format(sql.Identifier(draft)))
        create(admin, draft, database)
        if side is Side.OLD:
            fill(postgres.conninfo(layout, side, database=draft), database)
        admin.execute(sql.SQL("alter database {} rename to {}").format(*map(sql.Identifier, (draft, database.name))))


def create(admin: psycopg.Connection, name: str, database: Database, template: str = "template1") -> None:
    """Create a database of that name for the service's roles, as a copy of `template`."""
    admin.execute(sql.SQL("create database {} template {}").format(sql.Identifier(name), sql.Identifier(template)))
    admin.execute(_about(CONNECT, name, database))


def open_schema(connection: psycopg.Connection, database: Database) -> None:
    """Let the service's role own objects in the connected database; its jobs role may look them up."""
    connection.execute(_about(SCHEMA_RIGHTS, connection.info.dbname, database))


def fill(conninfo: str, database: Database) -> None:
    """The service's schema and seed into an empty database, in one transaction; connects as the pipeline's role."""
    with psycopg.connect(conninfo) as connection:
        open_schema(connection, database)
        connection.execute(sql.SQL("set role {}").format(sql.Identifier(database.owner)))
        for part in ("schema.sql", "seed.sql"):
            connection.execute((FOLDER / database.service / part).read_bytes())
        owned = connection.execute(
            "select nspname from pg_namespace where nspname = 'public' or nspowner = current_user::regrole"
        )
        for (schema,) in owned.fetchall():
            rights = sql.SQL(JOBS_RIGHTS).format(schema=sql.Identifier(schema), jobs=sql.Identifier(database.jobs))
            connection.execute(rights)


def _about(statement: str, name: str, database: Database) -> sql.Composed:
    names = {"name": name, "owner": database.owner, "jobs": database.jobs}
    return sql.SQL(statement).format(**{key: sql.Identifier(value) for key, value in names.items()})
