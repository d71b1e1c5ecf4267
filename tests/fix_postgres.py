"""Two real clusters for a test session, and databases that cost a tenth of a second.

`clusters` starts old and new once, on a network and in a folder of their own; every service has a
seeded template on both sides, made from the same deterministic SQL, so clones of it are equal.
"""

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from itertools import count

import psycopg
import pytest
from psycopg import sql

from infra.local import databases, postgres, secrets
from infra.local.databases import make
from infra.local.layout import Layout
from switchback.domain.model import Side
from tests import vanishing
from tests.network import network

NETWORK = network(62)


@dataclass(frozen=True, kw_only=True)
class LocalDatabase:
    """One test's own database."""

    layout: Layout
    side: Side
    name: str
    owner: str  #: the application's role
    jobs: str  #: its second login role

    def conninfo(self, role: str = secrets.ADMIN) -> str:
        """How to connect to it as that role; "postgres" is the superuser."""
        return postgres.conninfo(self.layout, self.side, database=self.name, role=role)

    def connect(self, role: str = secrets.ADMIN) -> psycopg.Connection:
        """An open autocommit connection as that role; the caller closes it."""
        return psycopg.connect(self.conninfo(role), autocommit=True)


@dataclass(frozen=True, kw_only=True)
class Clusters:
    """Both running servers, and a maker of databases on them."""

    layout: Layout
    _numbers: Iterator[int] = field(default_factory=count)

    def conninfo(self, side: Side, database: str = "postgres", role: str = secrets.ADMIN) -> str:
        """How to connect to one side as that role."""
        return postgres.conninfo(self.layout, side, database=database, role=role)

    def clone(self, side: Side, service: str = "publisher", name: str = "", *, empty: bool = False) -> LocalDatabase:
        """A new database with the service's schema and seed, or without; `name` defaults to an unused one."""
        kind = databases.of(service)
        made = name or f"test_{next(self._numbers)}"
        with closing(psycopg.connect(self.conninfo(side), autocommit=True)) as admin:
            make.create(admin, made, kind, "template1" if empty else _template(kind))
        return LocalDatabase(layout=self.layout, side=side, name=made, owner=kind.owner, jobs=kind.jobs)

    def drop(self, database: LocalDatabase) -> None:
        """Drop the database, ending its sessions, and open its roles, which all tests share, again."""
        with closing(psycopg.connect(self.conninfo(database.side, role=secrets.SUPERUSER), autocommit=True)) as admin:
            admin.execute(sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(database.name)))
            for role in (database.owner, database.jobs):
                admin.execute(sql.SQL("alter role {} login").format(sql.Identifier(role)))


@pytest.fixture(scope="session")
def clusters() -> Iterator[Clusters]:
    """Both clusters, with a seeded template of each service; stopped and removed at the session's end."""
    with vanishing.clusters(NETWORK) as layout:
        for side in Side:
            _make_templates(Clusters(layout=layout), side)
        yield Clusters(layout=layout)


@pytest.fixture
def clone(clusters: Clusters) -> Iterator[Callable[..., LocalDatabase]]:
    """`Clusters.clone`, with every database it made dropped at the test's end."""
    made: list[LocalDatabase] = []

    def _clone(side: Side, service: str = "publisher", name: str = "", *, empty: bool = False) -> LocalDatabase:
        made.append(clusters.clone(side, service, name, empty=empty))
        return made[-1]

    yield _clone
    for database in made:
        clusters.drop(database)


@pytest.fixture
def old_db(clone: Callable[..., LocalDatabase]) -> LocalDatabase:
    """A seeded publisher database on old, this test's own."""
    return clone(Side.OLD)


@pytest.fixture
def new_db(clone: Callable[..., LocalDatabase]) -> LocalDatabase:
    """A seeded publisher database on new, equal to old's, this test's own."""
    return clone(Side.NEW)


def _template(kind: databases.Database) -> str:
    return f"template_{kind.name}"


def _make_templates(clusters: Clusters, side: Side) -> None:
    for kind in databases.DATABASES:
        database = clusters.clone(side, kind.service, _template(kind), empty=True)
        make.fill(database.conninfo(), kind)
