"""Descriptors: the names of the procedure, and a clear refusal for whatever cannot be used."""

from collections.abc import Callable
from pathlib import Path

import pytest

from switchback import settings
from switchback.domain.naming import BadName, BadTemplate
from switchback.settings import BadDescriptor, UnknownEnvironment

NAMES = {
    "dev": ("mys-dev-mystira-rg-eus", "mys-dev-mystira-aks-eus", "mysdevkv", "mys-dev-db-psql-eus"),
    "staging": ("mys-staging-mystira-rg-eus", "mys-staging-mystira-aks-eus", "mysstagingkv", "mys-staging-db-psql-eus"),
    "prod": ("mys-prod-mystira-rg-eus", "mys-prod-mystira-aks-eus", "mysprodkv", "mys-prod-db-psql-eus"),
}
NEW_NAMES = {
    "dev": ("mys-dev-core-rg-san", "mys-dev-shared-kv-san", "mys-dev-core-psql-san"),
    "staging": ("mys-staging-core-rg-san", "mys-stg-shared-kv-san", "mys-staging-core-psql-san"),
    "prod": ("mys-prod-core-rg-san", "mys-prod-shared-kv-san", "mys-prod-core-psql-san"),
}


@pytest.mark.parametrize("name", NAMES)
def test_old_is_named_as_in_the_procedure(name: str) -> None:
    """Resource group, cluster, vault and server of the old convention."""
    old = settings.load(name).old
    group, cluster, vault, server = NAMES[name]
    assert (old.resource_group, old.cluster) == (group, cluster)
    assert old.vault_url == f"https://{vault}.vault.azure.net"
    assert old.postgres_host == f"{server}.postgres.database.azure.com"
    assert old.namespace == f"mys-{name}"


@pytest.mark.parametrize("name", NEW_NAMES)
def test_new_is_named_as_in_the_procedure(name: str) -> None:
    """The v2.2 convention; staging's vault is the one name that Azure would not take as 001 writes it."""
    new = settings.load(name).new
    group, vault, server = NEW_NAMES[name]
    assert new.resource_group == group
    assert new.vault_url == f"https://{vault}.vault.azure.net"
    assert new.postgres_host == f"{server}.postgres.database.azure.com"


def test_users_reach_each_service_under_the_procedures_name() -> None:
    """Environment, service and zone, for the three services and their databases."""
    dev = settings.load("dev")
    assert [dev.host(service) for service in dev.services] == [
        "dev.publisher.mystira.app",
        "dev.chain.mystira.app",
        "dev.story-generator.mystira.app",
    ]
    assert [service.database for service in dev.services] == ["publisher_db", "chain_db", "story_generator_db"]


@pytest.mark.parametrize("name", ["nope", "../dev", "", "dev/", "DEV"])
def test_an_unknown_environment_is_refused_by_name(name: str) -> None:
    """Nothing but a descriptor's own name opens it; the known ones are listed."""
    with pytest.raises(UnknownEnvironment, match="Choose one of: dev"):
        settings.load(name)


@pytest.fixture
def spoiled(tmp_path: Path) -> Callable[[str, str], Path]:
    """The shipped dev descriptor with one text replaced."""

    def spoil(text: str, by: str) -> Path:
        content = (settings.SHIPPED / "dev.toml").read_text(encoding="utf-8")
        assert text in content
        naming = settings.SHIPPED.parent / "naming" / "azure-v2.2.toml"
        content = content.replace(text, by, 1).replace("../naming/azure-v2.2.toml", str(naming))
        path = tmp_path / "dev.toml"
        path.write_text(content, encoding="utf-8")
        return path

    return spoil


@pytest.mark.parametrize(
    ("text", "by", "says"),
    [
        ("ttl_s = 60\n", "", "dns.ttl_s: Field required"),
        ("ttl_s = 60", 'ttl_s = "60"', "dns.ttl_s: Input should be a valid integer"),
        ("ttl_s = 60", "ttl_s = 0", "dns.ttl_s: Input should be greater than or equal to 1"),
        ("[dns]", "[dns]\ncolour = 1", "dns.colour: Extra inputs are not permitted"),
        ('name = "dev"', 'name = "other"', "name is 'other', the file's is 'dev'"),
        ("[dns]", "[dns", "not TOML"),
        ("../naming/azure-v2.2.toml", "../naming/none.toml", "there is no such file"),
    ],
)
def test_a_descriptor_that_cannot_be_used_names_file_and_field(
    spoiled: Callable[[str, str], Path], text: str, by: str, says: str
) -> None:
    """Missing, unknown, mistyped or out of bounds: one message, and nothing was started."""
    with pytest.raises(BadDescriptor, match=r"dev\.toml|none\.toml") as stop:
        settings.read(spoiled(text, by))
    assert says in str(stop.value)


def test_a_name_that_azure_would_not_take_is_refused(spoiled: Callable[[str, str], Path]) -> None:
    """Found out while reading, not at three in the morning."""
    with pytest.raises(BadName, match="vault name"):
        settings.read(spoiled('organisation = "mys"', 'organisation = "an-organisation-too-long"'))


def test_a_template_with_an_unknown_field_is_refused(spoiled: Callable[[str, str], Path]) -> None:
    """The known fields are listed."""
    with pytest.raises(BadTemplate, match="servise"):
        settings.read(spoiled("{environment}.{service}", "{environment}.{servise}"))
