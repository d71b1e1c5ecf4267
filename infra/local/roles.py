"""The roles of a cluster, as SQL for single-user mode: no server listens while they are made.

The superuser makes only the pipeline's role, the twin of Azure's azure_pg_admin. That one makes the
applications' roles itself, and so has ADMIN on them and may SET ROLE to them, as on Azure.
"""

from psycopg import sql

from infra.local import secrets
from infra.local.layout import Layout
from switchback.domain.model import Side

ADMIN_ROLE = """
alter role {superuser} password {superuser_password};

create role {admin} login createrole createdb replication password {admin_password};

grant pg_monitor, pg_signal_backend, pg_read_all_data to {admin} with admin option;

set session authorization {admin};

set createrole_self_grant to 'set, inherit';
"""
APPLICATION_ROLE = """
create role {role} login password {password};
"""


def script(layout: Layout, side: Side) -> str:
    """Every statement, an empty line after each, as `postgres --single -j` reads them. Holds passwords."""
    known = secrets.load(layout)
    head = sql.SQL(ADMIN_ROLE).format(
        superuser=sql.Identifier(secrets.SUPERUSER),
        superuser_password=known.password(side, secrets.SUPERUSER),
        admin=sql.Identifier(secrets.ADMIN),
        admin_password=known.password(side, secrets.ADMIN),
    )
    applications = (
        sql.SQL(APPLICATION_ROLE).format(role=sql.Identifier(role), password=known.password(side, role))
        for role in secrets.PASSWORD_NAMES
        if role != secrets.ADMIN
    )
    return sql.Composed([head, *applications]).as_string(None)
