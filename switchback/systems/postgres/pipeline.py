"""The pipeline's own sessions: its role, its password from the site's vault, pinned settings."""

from collections.abc import Iterator
from contextlib import contextmanager

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
