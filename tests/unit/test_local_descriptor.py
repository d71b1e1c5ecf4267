"""The descriptor that the local site writes is one that settings take."""

import importlib.util
import stat
from pathlib import Path

import pytest

from infra.local import descriptor
from infra.local.layout import Layout
from switchback import settings
from switchback.domain.model import Side


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    """A site whose folder needs quoting."""
    return Layout(network="127.64", var=tmp_path / 'a "quoted" folder')


def test_settings_take_the_local_descriptor(layout: Layout) -> None:
    """Every field of the shape is there, and addresses are the layout's."""
    local = settings.read(descriptor.write(layout))
    assert local.name == "local"
    assert local.dns.ttl_s == 5
    assert local.dns.resolvers == (str(layout.resolver),)
    assert (local.site(Side.NEW).postgres_host, local.site(Side.NEW).postgres_port) == ("127.64.20.1", 5432)
    assert local.ingress.ca_file == str(layout.ca)
    assert local.old.vault_url == f"https://{layout.control_plane}/vaults/myslocalkv"


def test_a_service_names_every_role_that_may_write(layout: Layout) -> None:
    """A fence that forgot the jobs role would not hold."""
    local = settings.read(descriptor.write(layout))
    assert {service.name: [role.name for role in service.roles] for service in local.services} == {
        "publisher": ["publisher_app", "publisher_jobs"],
        "chain": ["chain_app", "chain_jobs"],
        "story-generator": ["story_generator_app", "story_generator_jobs"],
    }


def test_the_local_site_can_be_drilled(layout: Layout) -> None:
    """The drill's commander may approve, and its commands are modules of this checkout."""
    local = settings.read(descriptor.write(layout))
    assert local.drill is not None
    assert local.drill.commander in local.approvers.incident_commander
    for command in (local.drill.traffic, local.drill.incident, local.drill.relief, local.drill.audit):
        assert importlib.util.find_spec(command[2]) is not None


def test_the_client_secret_is_for_its_owner_only(layout: Layout) -> None:
    """The descriptor points to the secret and never holds it; writing again changes neither."""
    path = descriptor.write(layout)
    secret_file = Path(settings.read(path).azure.client_secret_file)
    first = secret_file.read_text(), path.read_text()
    assert stat.S_IMODE(secret_file.stat().st_mode) == 0o600
    assert first[0] not in first[1]
    descriptor.write(layout)
    assert (secret_file.read_text(), path.read_text()) == first
