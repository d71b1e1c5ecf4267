"""Resource groups as Azure tells of them: only ResourceGroupNotFound is an absence."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from infra.local.azure.faults import Fault
from switchback import settings
from switchback.domain.model import Side
from switchback.systems import credentials, resources
from switchback.systems.azure_errors import AzureDenied, AzureNotFound, AzureSilent, CannotSignIn
from tests.fix_azure import AzureSite

LOCK = {"properties": {"level": "CanNotDelete", "notes": "ask first"}}


def group(site: AzureSite, environment: settings.Environment | None = None) -> resources.Group | None:
    with resources.open_resources(environment or site.environment) as found:
        return found.group(site.environment.new.resource_group)


def delete_new(site: AzureSite) -> None:
    """Deleted and gone, by the SDK."""
    site.resources.resource_groups.begin_delete(site.environment.new.resource_group).result()


def test_a_group_is_told_with_what_lies_in_it_and_what_locks_it(fresh_azure: AzureSite) -> None:
    """Locks on the group, and on what lies in it."""
    new = fresh_azure.environment.new
    vault = next(
        each.id
        for each in fresh_azure.resources.resources.list_by_resource_group(new.resource_group)
        if each.name == new.vault
    )
    scope = f"{vault}/providers/Microsoft.Authorization/locks/keep"
    fresh_azure.resources.resources.begin_create_or_update_by_id(scope, LOCK, api_version=resources.LOCKS_API).result()
    found = group(fresh_azure)
    assert found is not None
    assert {each.name for each in found.resources} == {new.cluster, new.vault, new.postgres}
    assert found.holds(resources.CLUSTER.upper())
    assert [str(lock) for lock in found.locks] == [f"keep (CanNotDelete, ask first) on {vault}"]


def test_a_deleted_group_is_gone_and_its_vault_lingers(fresh_azure: AzureSite) -> None:
    """With the date on which its name is free; nobody may purge it before."""
    delete_new(fresh_azure)
    assert group(fresh_azure) is None
    with resources.open_resources(fresh_azure.environment) as found:
        (vault,) = found.deleted_vaults()
    assert (vault.name, vault.location, vault.protected) == (
        fresh_azure.environment.new.vault,
        "southafricanorth",
        True,
    )
    assert timedelta(days=89) < vault.free_on - datetime.now(UTC) <= timedelta(days=90)


def test_deployed_again_the_vault_is_back_with_its_secrets(fresh_azure: AzureSite) -> None:
    """As azurerm recovers a soft-deleted vault."""
    before = fresh_azure.vault(Side.NEW).get_secret("postgres-admin-password").value
    delete_new(fresh_azure)
    fresh_azure.faults.deploy(fresh_azure.environment.new.resource_group)
    assert group(fresh_azure) is not None
    assert fresh_azure.vault(Side.NEW).get_secret("postgres-admin-password").value == before
    with resources.open_resources(fresh_azure.environment) as found:
        assert found.deleted_vaults() == ()


@pytest.mark.parametrize("path", ["/resourcegroups/mys-local-core-rg-san?", "/resources?", "/locks?", "/deletedvaults"])
def test_a_refusal_is_not_an_absence(fresh_azure: AzureSite, path: str) -> None:
    """403, at whichever call."""
    fresh_azure.faults.add(Fault.DENY, method="GET", path=path, times=None)
    with pytest.raises(AzureDenied, match="we may not"), resources.open_resources(fresh_azure.environment) as found:
        _ = found.group(fresh_azure.environment.new.resource_group), found.deleted_vaults()


@pytest.mark.parametrize("fault", [Fault.ERROR, Fault.DROP, Fault.HANG])
def test_silence_is_not_an_absence(fresh_azure: AzureSite, fault: Fault, monkeypatch: pytest.MonkeyPatch) -> None:
    """An error, a broken connection, a time-out: asked again later."""
    monkeypatch.setattr(credentials, "READ_TIMEOUT_S", 0.2)
    monkeypatch.setattr(credentials, "BACKOFF_S", 0.01)
    fresh_azure.faults.add(fault, method="GET", path="/resourcegroups/", times=None, seconds=0.5)
    with pytest.raises(AzureSilent):
        group(fresh_azure)


def test_a_wrong_subscription_is_not_an_absence(fresh_azure: AzureSite) -> None:
    """It is a 404 too, with another code."""
    azure = fresh_azure.environment.azure.model_copy(update={"subscription": "00000000-0000-4000-8000-00000000dead"})
    with pytest.raises(AzureNotFound, match="SubscriptionNotFound"):
        group(fresh_azure, replace(fresh_azure.environment, azure=azure))


def test_an_expired_login_is_not_an_absence(fresh_azure: AzureSite, tmp_path: Path) -> None:
    """401: the identity is not known any more."""
    (tmp_path / "secret").write_text("an old one", encoding="utf-8")
    azure = fresh_azure.environment.azure.model_copy(update={"client_secret_file": str(tmp_path / "secret")})
    with pytest.raises((AzureDenied, CannotSignIn)):
        group(fresh_azure, replace(fresh_azure.environment, azure=azure))
