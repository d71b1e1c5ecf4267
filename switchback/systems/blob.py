"""Blob storage: the containers of journals and of recoveries, and what their refusals mean to us.

An answer may be lost after the service did what was asked: the SDK asks again, and the service
then refuses our own second request as if somebody else had been first. So after BlobChanged,
BlobExists or LeaseHeld a caller that writes looks before it blames anyone.
"""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import lru_cache
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from switchback.domain import naming
from switchback.settings import Environment
from switchback.systems import azure_errors, credentials

if TYPE_CHECKING:
    from azure.core.credentials import TokenCredential
    from azure.core.exceptions import AzureError
    from azure.storage.blob import ContainerClient

RETRIES = 2
RETRY_AFTER_S = 1


class BlobMissing(azure_errors.AzureNotFound):
    """There is no such blob, or no such container."""


class BlobExists(azure_errors.AzureConflict):
    """A blob of that name is there already."""


class BlobChanged(azure_errors.AzureChanged):
    """The blob is not as the condition wants it: its etag, or where the next line is to be appended."""


class LeaseHeld(azure_errors.AzureConflict):
    """Somebody holds the blob's lease."""

    remedy = "Wait until its holder is done, or until the lease ends."


class LeaseLost(BlobChanged):
    """The lease that we held is not ours any more: it ended, was broken or was taken."""

    remedy = "Somebody else may act now. Look at the journal before going on."


_BY_CODE: dict[str, type[azure_errors.AzureRefused]] = {
    "BlobNotFound": BlobMissing,
    "ContainerNotFound": BlobMissing,
    "BlobAlreadyExists": BlobExists,
    "ConditionNotMet": BlobChanged,
    "AppendPositionConditionNotMet": BlobChanged,
    "MaxBlobSizeConditionNotMet": BlobChanged,
    "LeaseAlreadyPresent": LeaseHeld,
    "LeaseIdMissing": LeaseHeld,
    "LeaseIsBreakingAndCannotBeAcquired": LeaseHeld,
    "LeaseIdMismatchWithBlobOperation": LeaseLost,
    "LeaseIdMismatchWithLeaseOperation": LeaseLost,
    "LeaseIsBreakingAndCannotBeChanged": LeaseLost,
    "LeaseIsBrokenAndCannotBeRenewed": LeaseLost,
    "LeaseLost": LeaseLost,
    "LeaseNotPresentWithBlobOperation": LeaseLost,
    "LeaseNotPresentWithLeaseOperation": LeaseLost,
    "404": BlobMissing,  # answers to HEAD need not carry a code
    "412": BlobChanged,
}


def container(environment: Environment, name: str = "") -> "ContainerClient":
    """A container of the journal's account, the journal's own if none is named; made when it is missing.

    A second call in this process returns the same client and does not look again. Raises AzureDenied,
    CannotSignIn or AzureSilent, the last after some seconds and not the SDK's 80.
    """
    account = credentials.credential(environment)
    return _container(environment, name or environment.journal.container, account)  # type: ignore[arg-type] # hashable


@lru_cache
def _container(environment: Environment, name: str, credential: "TokenCredential") -> "ContainerClient":
    from azure.core.exceptions import ResourceExistsError

    client = _client(environment, name, credential)
    with translated("open the container"):
        if not client.exists():
            with suppress(ResourceExistsError):  # another runner was first
                client.create_container()
    return client


def existing(environment: Environment, name: str) -> "ContainerClient":
    """A container of the journal's account that must be there; raises BlobMissing, and otherwise as `container`."""
    client = _client(environment, name, credentials.credential(environment))
    with translated("open the container"):
        if not client.exists():
            raise BlobMissing(f"blob storage {client.primary_hostname}/{name}", "open the container", "404")
    return client


def _client(environment: Environment, name: str, credential: "TokenCredential") -> "ContainerClient":
    from azure.storage.blob import ContainerClient, LinearRetry

    return ContainerClient(
        naming.render(environment.azure.blob, {"account": environment.journal.account}),
        name,
        credential=credential,
        retry_policy=LinearRetry(RETRY_AFTER_S, RETRIES, random_jitter_range=0),
        transport=credentials.transport(environment.azure),
    )


@contextmanager
def translated(what: str) -> Iterator[None]:
    """Run storage calls; their errors become the kinds above, AzureRefused or AzureSilent.

    `what` is a verb phrase, as in azure_errors.translated; the messages add the account and container.
    """
    from azure.core.exceptions import AzureError, HttpResponseError

    try:
        yield
    except AzureError as error:
        code = azure_errors.code_of(error) if isinstance(error, HttpResponseError) else ""
        if kind := _BY_CODE.get(code):
            raise kind(_where(error), what, code) from error
        raise azure_errors.meaning(_where(error), what, error) from error


def _where(error: "AzureError") -> str:
    request = getattr(getattr(error, "response", None), "request", None)
    if request is None:
        return "blob storage"
    address = urlsplit(request.url)
    return f"blob storage {address.hostname}{address.path}"
