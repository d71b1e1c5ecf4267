"""Signing in, through the real SDK."""

import socket
from dataclasses import replace
from pathlib import Path

import pytest
import trustme

from infra.local.azure.faults import Fault
from switchback.settings import Azure, Environment
from switchback.systems import azure_errors, blob, credentials, dns
from switchback.systems.azure_errors import AzureSilent, AzureUntrusted, CannotSignIn
from tests.fix_azure import AzureSite


@pytest.fixture(autouse=True)
def _quickly(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ask again without much waiting."""
    monkeypatch.setattr(credentials, "BACKOFF_S", 0.01)


def changed(azure: AzureSite, **fields: str) -> Environment:
    """The environment with other settings for Azure."""
    settings: Azure = azure.environment.azure
    return replace(azure.environment, azure=settings.model_copy(update=fields))


def nobody() -> str:
    """An HTTPS address at which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return f"https://127.0.0.1:{server.getsockname()[1]}"


def sign_in(environment: Environment) -> None:
    """As every client of Azure does before its first request."""
    with azure_errors.translated(environment.azure.authority, "give a token"):
        credentials.credential(environment).get_token(credentials.management_scope(environment))


def test_the_service_principal_signs_in(fresh_azure: AzureSite) -> None:
    """The preflight of every flow."""
    sign_in(fresh_azure.environment)


def test_a_wrong_secret_is_refused_and_not_shown(fresh_azure: AzureSite, tmp_path: Path) -> None:
    """Azure's own code is in the message; no adapter tells it otherwise."""
    (tmp_path / "secret").write_text("hunter2")
    wrong = changed(fresh_azure, client_secret_file=str(tmp_path / "secret"))
    with pytest.raises(CannotSignIn, match="AADSTS7000215") as caught:
        sign_in(wrong)
    assert "hunter2" not in str(caught.value)
    with pytest.raises(CannotSignIn), dns.open_zone(wrong) as zone:
        zone.record_sets(["www"])


def test_a_wrong_tenant_is_refused(fresh_azure: AzureSite) -> None:
    """Before anything else is asked."""
    with pytest.raises(CannotSignIn):
        sign_in(changed(fresh_azure, tenant="nowhere"))


@pytest.mark.parametrize("fault", [Fault.ERROR, Fault.DROP])
def test_an_issuer_that_keeps_failing_is_silent(fresh_azure: AzureSite, tmp_path: Path, fault: Fault) -> None:
    """Not a wrong secret: asking again helps."""
    (tmp_path / "secret").write_text(Path(fresh_azure.environment.azure.client_secret_file).read_text())
    unknown = changed(fresh_azure, client_secret_file=str(tmp_path / "secret"), blob=f"https://{fault}.test")
    fresh_azure.faults.add(fault, path="/oauth2/", times=None)
    with pytest.raises(AzureSilent):
        sign_in(unknown)


def test_an_issuer_that_nobody_reaches_is_silent(fresh_azure: AzureSite) -> None:
    """Within seconds."""
    with pytest.raises(AzureSilent):
        sign_in(changed(fresh_azure, authority=nobody()))


def test_a_control_plane_of_an_unknown_ca_gets_no_token(fresh_azure: AzureSite, tmp_path: Path) -> None:
    """The message names the setting."""
    trustme.CA().cert_pem.write_to_path(tmp_path / "ca.pem")
    with pytest.raises(AzureUntrusted, match=r"azure\.ca_file"):
        sign_in(changed(fresh_azure, ca_file=str(tmp_path / "ca.pem")))


def test_an_answer_that_hangs_is_given_up(fresh_azure: AzureSite, monkeypatch: pytest.MonkeyPatch) -> None:
    """The SDK's own patience is 20 minutes."""
    monkeypatch.setattr(credentials, "READ_TIMEOUT_S", 0.3)
    fresh_azure.faults.add(Fault.HANG, path="/dnszones/", times=None, seconds=2)
    with dns.open_zone(fresh_azure.environment) as zone, pytest.raises(AzureSilent):
        zone.record_sets(["www"])


def test_storage_that_nobody_reaches_is_silent_within_seconds(fresh_azure: AzureSite) -> None:
    """The SDK's own default is 80."""
    with pytest.raises(AzureSilent):
        blob.container(changed(fresh_azure, blob=nobody() + "/{account}"))
