"""The pipeline's own sessions: its role, its password from the site's vault, pinned settings."""

from collections.abc import Iterator
from contextlib import contextmanager

import certifi
from psycopg.conninfo import make_conninfo

from switchback.domain.model import Side
from switchback.settings import Environment
from switchback.systems import keyvault
from switchback.systems.postgres import connection
from switchback.systems.postgres.connection import Connection, Login


@contextmanager
def session(environment: Environment, side: Side, database: str = "") -> Iterator[Connection]:
    """A session on one database of a site, the maintenance database if none is named; closed afterwards.

    Raises what the vault and `connection.connect` raise.
    """
    postgres = environment.postgres
    login = Login(role=postgres.role, password=keyvault.secret(environment, side, postgres.secret))
    place = database or postgres.maintenance_database
    with connection.connect(environment.site(side), postgres, place, login) as opened:
        yield opened


def dsn(environment: Environment, side: Side, database: str) -> str:
    """The same as a connection string of libpq, password included: for this process's memory only.

    Never written to a log, a journal, a command line or an error.
    """
    postgres, site = environment.postgres, environment.site(side)
    return make_conninfo(
        host=site.postgres_host,
        port=site.postgres_port,
        dbname=database,
        user=postgres.role,
        password=keyvault.secret(environment, side, postgres.secret),
        sslmode=postgres.sslmode,
        sslrootcert=certifi.where(),
    )
