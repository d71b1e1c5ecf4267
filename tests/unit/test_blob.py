"""What blob storage's refusals mean to a journal."""

import pytest
from azure.core.exceptions import HttpResponseError, ServiceRequestError

from switchback.domain.errors import SwitchbackError, Unreachable
from switchback.systems import blob
from switchback.systems.azure_errors import AzureDenied


def answered(status: int, code: str) -> HttpResponseError:
    """The storage SDK's error for a refusal."""
    error = HttpResponseError(message="no")
    error.status_code = status
    error.error_code = code  # type: ignore[attr-defined] # added by the storage SDK
    return error


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [
        (404, "BlobNotFound", blob.BlobMissing),
        (404, "", blob.BlobMissing),
        (409, "BlobAlreadyExists", blob.BlobExists),
        (412, "AppendPositionConditionNotMet", blob.BlobChanged),
        (409, "LeaseAlreadyPresent", blob.LeaseHeld),
        (412, "LeaseIdMissing", blob.LeaseHeld),
        (412, "LeaseIdMismatchWithBlobOperation", blob.LeaseLost),
        (409, "LeaseNotPresentWithLeaseOperation", blob.LeaseLost),
        (403, "AuthorizationPermissionMismatch", AzureDenied),
        (503, "ServerBusy", Unreachable),
    ],
)
def test_the_code_tells_what_happened_to_the_blob(status: int, code: str, kind: type[SwitchbackError]) -> None:
    """A journal acts differently on each."""
    with pytest.raises(SwitchbackError) as caught, blob.translated("write the journal"):
        raise answered(status, code)
    assert type(caught.value) is kind or (kind is Unreachable and isinstance(caught.value, kind))


def test_a_lost_lease_is_a_changed_blob() -> None:
    """Who appends need not know why the blob is not theirs any more."""
    assert issubclass(blob.LeaseLost, blob.BlobChanged)


def test_no_connection_is_silence() -> None:
    """The line may or may not have been written."""
    with pytest.raises(Unreachable), blob.translated("write the journal"):
        raise ServiceRequestError("connection refused")
