"""The pipeline's own connections to a test's databases, made the way the core makes them."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import psycopg
import pytest

from infra.local import secrets
from infra.local.layout import Layout
from switchback import settings
from switchback.domain.model import Side
from switchback.systems.postgres import connection
from tests.fix_postgres import Clusters, LocalDatabase

POSTGRES = settings.Postgres(
    old=settings.Server(host="{postgres}"),
    new=settings.Server(host="{postgres}"),
    sslmode="disable",
    role=secrets.ADMIN,
    secret="postgres-admin-password",
    maintenance_database="postgres",
)

Session = Callable[[LocalDatabase], connection.Connection]


def site_of(layout: Layout, side: Side) -> settings.Site:
    """One side as the settings describe it; only its database server is real."""
    at = layout.postgres(side)
    return settings.Site(
        side=side,
        resource_group="none",
        cluster="none",
        namespace="none",
        vault="none",
        vault_url="none",
        postgres="none",
        postgres_host=at.host,
        postgres_port=at.port,
        groups=("none",),
        names=(),
    )


def login(layout: Layout, side: Side, role: str = secrets.ADMIN) -> connection.Login:
    """A role of that side with its password."""
    return connection.Login(role=role, password=secrets.load(layout).password(side, role))


@pytest.fixture
def pipeline() -> Iterator[Session]:
    """Opens the pipeline's session on a test's database; all are closed at the end."""
    with ExitStack() as stack:

        def _open(database: LocalDatabase) -> connection.Connection:
            at = site_of(database.layout, database.side)
            who = login(database.layout, database.side)
            return stack.enter_context(connection.connect(at, POSTGRES, database.name, who))

        yield _open


@pytest.fixture
def maintenance(clusters: Clusters) -> Iterator[Callable[[Side], connection.Connection]]:
    """Opens the pipeline's session on a side's maintenance database, where fences are closed from."""
    with ExitStack() as stack:

        def _open(side: Side) -> connection.Connection:
            at, who = site_of(clusters.layout, side), login(clusters.layout, side)
            return stack.enter_context(connection.connect(at, POSTGRES, POSTGRES.maintenance_database, who))

        yield _open


@pytest.fixture
def superuser(clusters: Clusters) -> Iterator[Callable[[Side], psycopg.Connection]]:
    """Opens what stands for Azure's own access, to set up what the pipeline's role could not."""
    with ExitStack() as stack:
        yield lambda side: stack.enter_context(
            psycopg.connect(clusters.conninfo(side, role=secrets.SUPERUSER), autocommit=True)
        )
