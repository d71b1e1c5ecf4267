"""The control plane stand-in, driven by the real SDKs: tokens, groups, locks, clusters, vaults, faults."""

import time
from collections.abc import Callable
from typing import Any

import pytest
from azure.core.exceptions import (
    AzureError,
    ClientAuthenticationError,
    HttpResponseError,
    ResourceExistsError,
    ResourceNotFoundError,
    ServiceResponseError,
)
from azure.keyvault.secrets import SecretClient
from azure.mgmt.resource.resources import ResourceManagementClient
from azure.mgmt.resource.resources.models import GenericResource, ResourceGroup

from infra.local.azure.faults import Fault
from switchback.domain.model import Side
from tests.fix_azure import AzureSite

LOCKS_API = "2020-05-01"
PASSWORD = "postgres-admin-password"


def lock(azure: AzureSite, scope: str, level: str) -> str:
    """Sets a lock and returns its id."""
    lock_id = f"{scope}/providers/Microsoft.Authorization/locks/keep"
    body = GenericResource(properties={"level": level, "notes": "a test"})
    azure.resources.resources.begin_create_or_update_by_id(lock_id, body, api_version=LOCKS_API).result()
    return lock_id


def refusal(call: Callable[[], Any]) -> tuple[int | None, str | None]:
    """The status and code with which a call is refused."""
    with pytest.raises(HttpResponseError) as caught:
        call()
    return caught.value.status_code, caught.value.error.code if caught.value.error else None


class TestTokens:
    def test_a_wrong_client_secret_is_an_authentication_error(self, azure: AzureSite) -> None:
        """azure-identity turns the issuer's refusal into ClientAuthenticationError."""
        with pytest.raises(ClientAuthenticationError, match="AADSTS7000215"):
            azure.credential_with("not the secret").get_token("https://management.azure.com/.default")

    def test_a_token_for_something_else_does_not_open_arm(self, azure: AzureSite) -> None:
        """The audience counts, not only the signature."""
        settings = azure.environment.azure
        resources = ResourceManagementClient(
            azure.credential,
            settings.subscription,
            base_url=settings.management,
            connection_verify=settings.ca_file,
            credential_scopes=["https://vault.azure.net/.default"],
        )
        with pytest.raises(ClientAuthenticationError, match="Audience"):
            resources.resource_groups.get(azure.environment.dns.resource_group)


class TestGroups:
    def test_a_group_goes_slowly_and_takes_its_resources_along(self, fresh_azure: AzureSite) -> None:
        """The delete is a long-running operation; afterwards the group's vault is gone as well."""
        new, groups = fresh_azure.environment.new, fresh_azure.resources.resource_groups
        deletion = groups.begin_delete(new.resource_group)
        assert groups.get(new.resource_group).properties.provisioning_state == "Deleting"
        deletion.result()
        assert not groups.check_existence(new.resource_group)
        assert refusal(lambda: groups.get(new.resource_group)) == (404, "ResourceGroupNotFound")
        with pytest.raises(ResourceNotFoundError):
            fresh_azure.vault(Side.NEW).get_secret(PASSWORD)

    def test_a_group_made_again_is_empty(self, fresh_azure: AzureSite) -> None:
        """The old one's resources do not come back with its name."""
        name, groups = fresh_azure.environment.new.resource_group, fresh_azure.resources.resource_groups
        assert list(fresh_azure.resources.resources.list_by_resource_group(name))
        groups.begin_delete(name).result()
        groups.create_or_update(name, ResourceGroup(location="eastus", tags={"for": "test"}))
        assert groups.get(name).tags == {"for": "test"}
        assert not list(fresh_azure.resources.resources.list_by_resource_group(name))

    def test_a_locked_group_is_not_deleted(self, fresh_azure: AzureSite) -> None:
        """A lock on the group or on anything in it stops the whole delete with 409 ScopeLocked."""
        resources, old = fresh_azure.resources, fresh_azure.environment.old
        vault = next(each for each in resources.resources.list_by_resource_group(old.resource_group) if "kv" in each.id)
        lock_id = lock(fresh_azure, vault.id, "CanNotDelete")
        with pytest.raises(ResourceExistsError, match="ScopeLocked"):
            resources.resource_groups.begin_delete(old.resource_group)
        assert resources.resources.get_by_id(lock_id, api_version=LOCKS_API).properties["level"] == "CanNotDelete"
        resources.resources.begin_delete_by_id(lock_id, api_version=LOCKS_API).result()
        resources.resource_groups.begin_delete(old.resource_group).result()
        assert not resources.resource_groups.check_existence(old.resource_group)

    def test_a_read_only_lock_forbids_the_credential_too(self, fresh_azure: AzureSite) -> None:
        """As in Azure, asking for a kubeconfig is a POST, and ReadOnly blocks it."""
        group = fresh_azure.resources.resource_groups.get(fresh_azure.environment.old.resource_group)
        lock(fresh_azure, group.id, "ReadOnly")
        with pytest.raises(ResourceExistsError, match="ScopeLocked"):
            fresh_azure.kubernetes(Side.OLD)


class TestVaults:
    def test_each_side_has_its_own_secrets(self, fresh_azure: AzureSite) -> None:
        """The vault is told by the URL that the descriptor's template makes."""
        values = {side: fresh_azure.vault(side).get_secret(PASSWORD).value for side in Side}
        assert values[Side.OLD] != values[Side.NEW]

    def test_an_earlier_version_can_still_be_read(self, fresh_azure: AzureSite) -> None:
        """Setting a secret adds a version; the list names secrets without values."""
        vault: SecretClient = fresh_azure.vault(Side.OLD)
        before = vault.get_secret(PASSWORD)
        vault.set_secret(PASSWORD, "another")
        assert vault.get_secret(PASSWORD).value == "another"
        assert vault.get_secret(PASSWORD, before.properties.version).value == before.value
        assert len(list(vault.list_properties_of_secret_versions(PASSWORD))) == 2
        assert PASSWORD in {each.name for each in vault.list_properties_of_secrets()}

    def test_a_missing_secret_and_a_denied_one_differ(self, fresh_azure: AzureSite) -> None:
        """404 SecretNotFound, and 403 when the vault's door is closed."""
        vault = fresh_azure.vault(Side.OLD)
        assert refusal(lambda: vault.get_secret("no-such")) == (404, "SecretNotFound")
        fresh_azure.faults.add(Fault.DENY, path="/secrets/", times=None)
        assert refusal(lambda: vault.get_secret(PASSWORD)) == (403, "Forbidden")

    def test_a_client_that_checks_the_domain_refuses_this_vault(self, azure: AzureSite) -> None:
        """So `vault_challenge = false` in the descriptor is needed, and is what switches the check off."""
        site = azure.environment.old
        vault = SecretClient(site.vault_url, azure.credential, connection_verify=azure.environment.azure.ca_file)
        with pytest.raises(ValueError, match="does not match the requested domain"):
            vault.get_secret(PASSWORD)


class TestFaults:
    def test_the_told_request_fails_and_the_next_one_does_not(self, fresh_azure: AzureSite) -> None:
        """A rule spares `skip` matching requests, hits `times`, and is over."""
        group = fresh_azure.environment.dns.resource_group
        fresh_azure.faults.add(Fault.ERROR, method="GET", path=group, skip=1)
        fresh_azure.resources.resource_groups.get(group)
        assert refusal(lambda: fresh_azure.resources.resource_groups.get(group))[0] == 500
        fresh_azure.resources.resource_groups.get(group)

    def test_a_throttled_client_waits_as_told(self, fresh_azure: AzureSite) -> None:
        """429 carries Retry-After, and the SDK honours it."""
        fresh_azure.faults.add(Fault.THROTTLE, seconds=1)
        begun = time.monotonic()
        fresh_azure.resources.resource_groups.get(fresh_azure.environment.dns.resource_group, retry_total=1)
        assert time.monotonic() - begun >= 1

    @pytest.mark.parametrize(("fault", "seconds"), [(Fault.HANG, 2), (Fault.DROP, 0), (Fault.LOSE, 0)])
    def test_an_answer_can_stay_away(self, fresh_azure: AzureSite, fault: Fault, seconds: float) -> None:
        """It hangs past the client's patience, or the connection breaks."""
        fresh_azure.faults.add(fault, seconds=seconds)
        with pytest.raises(ServiceResponseError):
            fresh_azure.resources.resource_groups.get(fresh_azure.environment.dns.resource_group, read_timeout=0.5)

    def test_lost_means_done_and_dropped_means_not_done(self, fresh_azure: AzureSite) -> None:
        """The two look alike to the client; only looking again tells them apart."""
        groups = fresh_azure.resources.resource_groups
        for fault, exists in ((Fault.DROP, False), (Fault.LOSE, True)):
            fresh_azure.faults.add(fault, method="PUT")
            with pytest.raises(AzureError):
                groups.create_or_update(f"made-{fault}", ResourceGroup(location="eastus"))
            assert groups.check_existence(f"made-{fault}") is exists

    def test_every_call_is_remembered(self, fresh_azure: AzureSite) -> None:
        """Proofs count the calls and read which of them met a fault."""
        earlier = fresh_azure.faults.calls()[-1].number
        fresh_azure.faults.add(Fault.DROP, method="HEAD")
        groups = fresh_azure.resources.resource_groups
        with pytest.raises(AzureError):
            groups.check_existence("some-group")
        assert not groups.check_existence("some-group")
        calls = [(call.method, call.status, call.fault) for call in fresh_azure.faults.calls(after=earlier)]
        assert calls == [("HEAD", 0, Fault.DROP), ("HEAD", 404, None)]
