"""A proven backup of the running local site, taken once a session, and environments with backups of their own."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest

from switchback import settings
from switchback.backup import certify, choose, manifest, take
from switchback.backup.choose import Wanted
from switchback.backup.manifest import Certificate, Manifest, Part
from switchback.domain.model import Side
from switchback.systems import depot
from switchback.systems.depot import Depot
from tests.fix_site import LocalSite

NUMBERS = count()


@dataclass(frozen=True, kw_only=True)
class Backups:
    """An environment of the site's servers with a depot of its own, and one good backup in it."""

    environment: settings.Environment
    depot: Depot
    good: Manifest
    proof: Certificate

    def put(self, sealed: Manifest, *, proven: bool = True) -> None:
        """Keep a manifest, and a certificate that fits it."""
        here = self.environment.name
        self.depot.write(manifest.place(here, sealed.backup, Part.MANIFEST), manifest.dump(sealed))
        if proven:
            proof = replace(
                self.proof, backup=sealed.backup, manifest=sealed.digest, archive=sealed.archive.sha256
            ).sealed()
            self.depot.write(manifest.place(here, sealed.backup, Part.CERTIFICATE), manifest.dump(proof))

    def newer(self, name: str, **changed: object) -> Manifest:
        """The good one's manifest under a newer name, changed in something and sealed again."""
        backup = f"99990101T000000Z-old-{name}"
        return replace(self.good, **{"backup": backup, **changed}).sealed()  # type: ignore[arg-type]

    def choose(self, *, major: int = 16, before: datetime | None = None) -> choose.Choice:
        """What would be restored."""
        wanted = Wanted(
            environment=self.environment.name,
            databases=self.environment.databases,
            before=before or datetime.now(UTC) + timedelta(days=1),
            major=major,
        )
        return choose.choose(self.depot, wanted)


@pytest.fixture(scope="session")
def taken(site: LocalSite) -> tuple[Manifest, Certificate]:
    """A backup of old, taken and certified for real."""
    kept = depot.open_depot(site.environment, make=True)
    sealed = take.take(site.environment, kept, Side.OLD, datetime.now(UTC))
    return sealed, certify.certify(site.environment, kept, sealed, Side.OLD)


@pytest.fixture
def backups(on_site: LocalSite, taken: tuple[Manifest, Certificate]) -> Backups:
    """The good backup in an environment that no other test sees; its archive is shared and never changed."""
    environment = replace(on_site.environment, name=f"own{next(NUMBERS)}")
    sealed = replace(taken[0], environment=environment.name).sealed()
    proof = replace(taken[1], manifest=sealed.digest).sealed()
    made = Backups(environment=environment, depot=depot.open_depot(environment), good=sealed, proof=proof)
    made.put(sealed)
    return made


@pytest.fixture
def dropping(on_site: LocalSite) -> Iterator[Callable[[str], None]]:
    """Drops the databases of old whose names begin so, at the test's end."""
    from switchback.systems.postgres import pipeline

    prefixes: list[str] = []
    yield prefixes.append
    with pipeline.session(on_site.environment, Side.OLD) as session:
        for prefix in prefixes:
            found = session.execute("select datname from pg_database where starts_with(datname, %s)", [prefix])
            for (name,) in found.fetchall():
                session.execute(f'drop database "{name}" with (force)'.encode())
