"""Secrets, through the real SDK."""

from dataclasses import replace

import pytest

from infra.local import secrets
from infra.local.azure.faults import Fault
from switchback.domain.model import Side
from switchback.systems import keyvault
from switchback.systems.azure_errors import AzureSilent
from tests.fix_azure import AzureSite


@pytest.mark.parametrize("side", Side)
def test_each_side_has_its_own_secrets(fresh_azure: AzureSite, side: Side) -> None:
    """The same name gives another value."""
    environment = fresh_azure.environment
    expected = secrets.load(fresh_azure.layout).vault(side)[environment.postgres.secret]
    assert keyvault.secret(environment, side, environment.postgres.secret) == expected


def test_a_missing_secret_and_a_denied_one_are_told_apart(fresh_azure: AzureSite) -> None:
    """Both name vault and secret; what a person does about them differs."""
    environment = fresh_azure.environment
    vault = environment.new.vault_url
    with pytest.raises(keyvault.SecretNotFound) as missing:
        keyvault.secret(environment, Side.NEW, "nope")
    assert (missing.value.vault, missing.value.name) == (vault, "nope")
    fresh_azure.faults.add(Fault.DENY, path="/secrets/")
    with pytest.raises(keyvault.SecretDenied) as denied:
        keyvault.secret(environment, Side.NEW, environment.postgres.secret)
    assert (denied.value.vault, denied.value.code) == (vault, "Forbidden")


def test_a_vault_that_keeps_failing_is_silent(fresh_azure: AzureSite) -> None:
    """After a few attempts."""
    fresh_azure.faults.add(Fault.DROP, path="/secrets/", times=None)
    with pytest.raises(AzureSilent):
        keyvault.secret(fresh_azure.environment, Side.OLD, "postgres-admin-password")


def test_a_vault_that_sends_us_to_another_domain_gets_no_token(fresh_azure: AzureSite) -> None:
    """The check that production has switched on, and loopback addresses cannot pass."""
    here = fresh_azure.environment
    strict = replace(here, azure=here.azure.model_copy(update={"vault_challenge": True}))
    with pytest.raises(keyvault.VaultImpostor):
        keyvault.secret(strict, Side.OLD, here.postgres.secret)
