"""What a Kubernetes API says no with, in our three kinds."""

from dataclasses import dataclass
from typing import ClassVar

from switchback.domain.errors import Refused, Unreachable


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
