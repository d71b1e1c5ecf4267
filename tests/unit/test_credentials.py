"""Who we are in Azure, and what Azure's errors mean to us."""

from dataclasses import replace
from http import HTTPStatus
from pathlib import Path

import pytest
from azure.core.exceptions import (
    AzureError,
    ClientAuthenticationError,
    HttpResponseError,
    ServiceRequestError,
    ServiceResponseTimeoutError,
)

from switchback import settings
from switchback.domain.errors import Refused, SwitchbackError, Unreachable
from switchback.settings import Environment
from switchback.systems import azure_errors, credentials
from switchback.systems.azure_errors import AzureChanged, AzureConflict, AzureDenied, AzureNotFound, CannotSignIn


def with_secret_file(path: Path) -> Environment:
    """An environment whose service principal's secret is in that file."""
    dev = settings.load("dev")
    return replace(dev, azure=dev.azure.model_copy(update={"client_id": "us", "client_secret_file": str(path)}))


def answered(status: int) -> HttpResponseError:
    """The SDK's error for an answer with that status."""
    error = HttpResponseError(message="no")
    error.status_code = status
    return error


def raised_for(error: AzureError) -> SwitchbackError:
    """What a caller of ours sees when the SDK raises."""
    with pytest.raises(SwitchbackError) as caught, azure_errors.translated("vault kv", "read a secret"):
        raise error
    assert caught.value.__cause__ is error
    return caught.value


def test_a_missing_secret_file_is_refused_by_name(tmp_path: Path) -> None:
    """The operator reads which file is missing."""
    with pytest.raises(CannotSignIn, match="nowhere"):
        credentials.credential(with_secret_file(tmp_path / "nowhere"))


def test_an_empty_secret_file_is_refused(tmp_path: Path) -> None:
    """An empty secret is not sent to anybody."""
    (tmp_path / "secret").write_text("\n")
    with pytest.raises(CannotSignIn, match="is empty"):
        credentials.credential(with_secret_file(tmp_path / "secret"))


def test_clients_share_one_identity_until_its_secret_changes(tmp_path: Path) -> None:
    """Tokens are asked for once a process, and a rotated secret is noticed."""
    environment = with_secret_file(tmp_path / "secret")
    (tmp_path / "secret").write_text("one\n")
    first = credentials.credential(environment)
    assert credentials.credential(environment) is first
    (tmp_path / "secret").write_text("two\n")
    assert credentials.credential(environment) is not first


def test_without_a_service_principal_the_default_chain_signs_in() -> None:
    """Operators use the Azure CLI's sign-in, workers their managed identity."""
    assert type(credentials.credential(settings.load("dev"))).__name__ == "DefaultAzureCredential"


def test_clients_trust_the_descriptor_and_wait_for_seconds() -> None:
    """The SDK's own timeouts add up to 20 minutes."""
    dev = settings.load("dev")
    private = replace(dev, azure=dev.azure.model_copy(update={"ca_file": "/ca.pem"}))
    options = credentials.client_options(private)
    connection = options["transport"].connection_config
    assert connection.verify == "/ca.pem"
    assert (options["retry_read"] + 1) * connection.read_timeout <= 60
    assert credentials.client_options(dev)["transport"].connection_config.verify is True


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (HTTPStatus.UNAUTHORIZED, AzureDenied),
        (HTTPStatus.FORBIDDEN, AzureDenied),
        (HTTPStatus.NOT_FOUND, AzureNotFound),
        (HTTPStatus.CONFLICT, AzureConflict),
        (HTTPStatus.PRECONDITION_FAILED, AzureChanged),
        (HTTPStatus.BAD_REQUEST, Refused),
        (HTTPStatus.REQUEST_TIMEOUT, Unreachable),
        (HTTPStatus.TOO_MANY_REQUESTS, Unreachable),
        (HTTPStatus.INTERNAL_SERVER_ERROR, Unreachable),
        (HTTPStatus.SERVICE_UNAVAILABLE, Unreachable),
    ],
)
def test_a_status_decides_whether_asking_again_helps(status: int, kind: type[SwitchbackError]) -> None:
    """Refusals are never retried, silence is."""
    assert isinstance(raised_for(answered(status)), kind)


def test_no_connection_and_no_answer_in_time_are_silence() -> None:
    """Neither says anything about what happened."""
    assert isinstance(raised_for(ServiceRequestError("connection refused")), Unreachable)
    assert isinstance(raised_for(ServiceResponseTimeoutError("read timed out")), Unreachable)


def test_an_unknown_authority_is_refused_and_the_setting_is_named() -> None:
    """Retrying does not make a certificate trusted."""
    error = raised_for(ServiceRequestError("[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed"))
    assert isinstance(error, Refused)
    assert "azure.ca_file" in str(error)


def test_a_refused_sign_in_is_told_apart_from_a_silent_provider() -> None:
    """azure-identity raises one type for both."""
    wrong = ClientAuthenticationError(message="Authentication failed: AADSTS7000215: Invalid client secret provided.")
    silent = ClientAuthenticationError(message="Authentication failed: connection refused")
    silent.__cause__ = ServiceRequestError("connection refused")
    assert isinstance(raised_for(wrong), CannotSignIn)
    assert isinstance(raised_for(silent), Unreachable)
