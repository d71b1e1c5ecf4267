"""Who we are in Azure, and how every Azure client of ours is set up. Asks for tokens; keeps none on disk."""

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict

from switchback.settings import Azure, Environment
from switchback.systems import azure_errors

if TYPE_CHECKING:
    from azure.core.credentials import TokenCredential
    from azure.core.pipeline.transport import RequestsTransport

PUBLIC_AUTHORITY = "https://login.microsoftonline.com"
CONNECT_TIMEOUT_S = 5.0
READ_TIMEOUT_S = 30.0
BACKOFF_S = 0.3
CONNECTIONS = 64  #: kept open to one host: several databases' files and secrets are asked for at once


class ClientOptions(TypedDict):
    """Keyword arguments of every azure-core client. The SDK's own defaults wait for up to 20 minutes."""

    transport: "RequestsTransport"
    retry_total: int
    retry_read: int
    retry_backoff_factor: float
    retry_backoff_max: float


def client_options(environment: Environment) -> ClientOptions:
    """Timeouts, retries (Retry-After is honoured) and the CA to trust."""
    return _options(environment.azure)


def transport(azure: Azure) -> "RequestsTransport":
    """The SDK's own, with our timeouts, that keeps as many connections as are used at once, and not ten."""
    from azure.core.pipeline.transport import RequestsTransport

    made = RequestsTransport(
        connection_timeout=CONNECT_TIMEOUT_S,
        read_timeout=READ_TIMEOUT_S,
        connection_verify=azure.ca_file or True,
    )
    made.open()
    made.session.get_adapter("https://").init_poolmanager(CONNECTIONS, CONNECTIONS)
    return made


def management_scope(environment: Environment) -> str:
    """What a token for the control plane is asked for."""
    return f"{environment.azure.management}/.default"


def credential(environment: Environment) -> "TokenCredential":
    """The pipeline's identity: a service principal where the descriptor names one, else Azure's default chain.

    Contacts nobody. A second call returns the same object, so that clients share its tokens,
    until the client secret's file changes. Raises CannotSignIn when that file cannot be read.
    """
    azure = environment.azure
    if not (azure.client_id and azure.client_secret_file):
        return _default_chain(azure)
    try:
        secret = Path(azure.client_secret_file).read_text(encoding="utf-8").strip()
    except OSError as error:
        raise _no_secret(azure, f"cannot read {azure.client_secret_file} ({error.strerror})") from error
    if not secret:
        raise _no_secret(azure, f"{azure.client_secret_file} is empty")
    return _service_principal(azure, secret)


def _no_secret(azure: Azure, reason: str) -> azure_errors.CannotSignIn:
    return azure_errors.CannotSignIn(azure.authority, "give a token", reason)


def _options(azure: Azure) -> ClientOptions:
    return ClientOptions(
        transport=transport(azure),
        retry_total=3,
        retry_read=1,  # each costs a whole read timeout
        retry_backoff_factor=BACKOFF_S,
        retry_backoff_max=5,
    )


@lru_cache
def _service_principal(azure: Azure, secret: str) -> "TokenCredential":
    from azure.identity import ClientSecretCredential

    return ClientSecretCredential(
        azure.tenant,
        azure.client_id,
        secret,
        authority=azure.authority,
        disable_instance_discovery=azure.authority != PUBLIC_AUTHORITY,
        **_options(azure),
    )


@lru_cache
def _default_chain(azure: Azure) -> "TokenCredential":
    from azure.identity import DefaultAzureCredential

    return DefaultAzureCredential(authority=azure.authority, transport=transport(azure))
