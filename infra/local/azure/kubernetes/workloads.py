"""What runs in a cluster, as data. Pods and replica sets follow from the deployments, as they do in a real one."""

import hashlib
import secrets
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

from pydantic import Field

from infra.local.azure.answers import Problem
from infra.local.azure.state import Entry, Store


class Template(Entry):
    """What a revision of a deployment runs."""

    image: str
    annotations: dict[str, str] = Field(default_factory=dict)


class Deployment(Entry):
    """A deployment; its revisions are numbered from 1 and the last one runs."""

    namespace: str
    name: str
    labels: dict[str, str]
    replicas: int = Field(ge=0)
    revisions: tuple[Template, ...] = Field(min_length=1)
    log: str = ""  #: the pods' log: a file in var/log

    @property
    def template(self) -> Template:
        """What runs."""
        return self.revisions[-1]

    def replica_set(self, revision: int) -> str:
        """The name of a revision's replica set."""
        return f"{self.name}-{_hash(self.name, self.revisions[revision - 1].image, str(revision))[:9]}"

    def pods(self) -> Iterator[str]:
        """The names of the pods that run."""
        replica_set = self.replica_set(len(self.revisions))
        for index in range(self.replicas):
            yield f"{replica_set}-{_hash(replica_set, str(index))[:5]}"


class Ingress(Entry):
    """An ingress of one service; without addresses it is not served."""

    namespace: str
    name: str
    hosts: tuple[str, ...]
    addresses: tuple[str, ...]


class Cluster(Entry):
    """A cluster: its workloads by namespace and name, and the token that opens it."""

    name: str
    token: str = Field(default_factory=lambda: secrets.token_urlsafe(32))
    created: datetime = Field(default_factory=lambda: datetime.now(UTC).replace(microsecond=0))
    deployments: tuple[Deployment, ...]
    ingresses: tuple[Ingress, ...]
    unready: frozenset[str] = frozenset()  #: pods that are not ready


class Clusters:
    """The site's clusters, by name."""

    def __init__(self, store: Store, *, seed: Iterable[Cluster]) -> None:
        seeded = {cluster.name: cluster for cluster in seed}
        self._clusters = store.document("clusters", dict[str, Cluster], seeded)

    def get(self, name: str) -> Cluster:
        """The cluster; a 404 when there is none."""
        if name not in self._clusters.value:
            raise Problem(404, "NotFound", f"There is no cluster '{name}'.")
        return self._clusters.value[name]

    def put(self, cluster: Cluster) -> None:
        """Put `cluster` in the place of the one with its name."""
        self._clusters.put({**self._clusters.value, cluster.name: cluster})

    def put_deployment(self, name: str, changed: Deployment) -> None:
        """Put `changed` in the place of the cluster's deployment with its name."""
        cluster = self.get(name)
        same = (changed.namespace, changed.name)
        kept = (changed if (each.namespace, each.name) == same else each for each in cluster.deployments)
        self.put(cluster.model_copy(update={"deployments": tuple(kept)}))

    def put_addresses(self, name: str, ingress: str, addresses: tuple[str, ...]) -> None:
        """Give the cluster's ingress other addresses, or none."""
        cluster = self.get(name)
        kept = (
            each.model_copy(update={"addresses": addresses}) if each.name == ingress else each
            for each in cluster.ingresses
        )
        self.put(cluster.model_copy(update={"ingresses": tuple(kept)}))


def _hash(*parts: str) -> str:
    return hashlib.sha256("/".join(parts).encode()).hexdigest()
