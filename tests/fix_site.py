"""The whole local site without Prefect, started once a test session, on a network and in a folder of its own."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from infra.local import descriptor, environ
from infra.local import site as sites
from infra.local.layout import Layout
from infra.local.parts import Group
from switchback import settings
from tests import vanishing
from tests.network import network

NETWORK = network(64)


@dataclass(frozen=True, kw_only=True)
class LocalSite:
    """A running site."""

    layout: Layout
    environment: settings.Environment

    @property
    def variables(self) -> dict[str, str]:
        """What a program needs to work on the site."""
        return {name: value for name, value in environ.variables(self.layout).items() if not name.startswith("PREFECT")}


@pytest.fixture(scope="session")
def site() -> Iterator[LocalSite]:
    """The running site; stopped and removed at the session's end."""
    with vanishing.folder() as folder:
        layout = Layout(network=NETWORK, var=folder)
        with sites.running(layout, set(Group) - {Group.PREFECT}):
            environment = settings.read(layout.environments / f"{descriptor.ENVIRONMENT}.toml")
            yield LocalSite(layout=layout, environment=environment)


@pytest.fixture
def on_site(site: LocalSite, monkeypatch: pytest.MonkeyPatch) -> LocalSite:
    """The running site, and this process working on it: `settings.load("local")` finds it."""
    for name, value in site.variables.items():
        monkeypatch.setenv(name, value)
    return site
