"""What a Kubernetes API says no with, translated into our three kinds."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from typing import ClassVar

from switchback.domain.errors import Refused, SwitchbackError, Unreachable


@dataclass(eq=False)
class ClusterRefused(Refused):
    """The API understood the request and will not do it."""

    problem: ClassVar[str] = "Cluster {cluster} refused to {what} (HTTP status {status})."
    remedy: ClassVar[str] = "Asking again gives the same answer: look at the resource in the cluster."
    cluster: str
    what: str
    status: int


class ClusterDenied(ClusterRefused):
    """401 or 403."""

    problem = "Cluster {cluster} does not let us {what} (HTTP status {status})."
    remedy = "Give the pipeline's identity a role in this cluster that may."


class NotInCluster(ClusterRefused):
    """404."""

    problem = "Cluster {cluster}: cannot {what}: it is not there (HTTP status {status})."
    remedy = "Compare the namespace and names in the descriptor with what the cluster holds."


@dataclass(eq=False)
class ClusterSilent(Unreachable):
    """The API gave no usable answer: not connected, timed out, throttled or failing."""

    problem: ClassVar[str] = "Cluster {cluster} did not {what}: {reason}."
    remedy: ClassVar[str] = "Ask again."
    cluster: str
    what: str
    reason: str


_KINDS: dict[int, type[ClusterRefused]] = {
    HTTPStatus.UNAUTHORIZED: ClusterDenied,
    HTTPStatus.FORBIDDEN: ClusterDenied,
    HTTPStatus.NOT_FOUND: NotInCluster,
}
_ASK_AGAIN = {HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS}


@contextmanager
def translated(cluster: str, what: str) -> Iterator[None]:
    """Run API calls; what they raise becomes ClusterRefused or ClusterSilent. `what` is a verb phrase."""
    from kubernetes.client.exceptions import ApiException
    from pydantic import ValidationError
    from urllib3.exceptions import HTTPError

    try:
        yield
    except ApiException as error:
        raise _answered(cluster, what, int(error.status or 0)) from error
    except HTTPError as error:
        raise ClusterSilent(cluster, what, str(getattr(error, "reason", None) or error)) from error
    except (ValidationError, ValueError) as error:
        raise ClusterSilent(cluster, what, "its answer cannot be read") from error


def _answered(cluster: str, what: str, status: int) -> SwitchbackError:
    if kind := _KINDS.get(status):
        return kind(cluster, what, status)
    if HTTPStatus.BAD_REQUEST <= status < HTTPStatus.INTERNAL_SERVER_ERROR and status not in _ASK_AGAIN:
        return ClusterRefused(cluster, what, status)
    return ClusterSilent(cluster, what, f"HTTP status {status}")
