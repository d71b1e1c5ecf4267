"""One site's cluster. Reads the site's namespace and the ingress controller's logs; changes only replica counts."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, ClassVar

from switchback.domain.errors import Refused
from switchback.domain.model import Side
from switchback.settings import Environment
from switchback.systems.kubernetes import access_log, ingress, kubeconfig
from switchback.systems.kubernetes.access_log import Request
from switchback.systems.kubernetes.objects import Deployment, Ingress, Pod

if TYPE_CHECKING:
    from switchback.systems.kubernetes.api import Api

CLOCKS_APART_S = 60  # logs are asked for from earlier on, and then cut by their own times


@dataclass(frozen=True, kw_only=True)
class PodState:
    """The pods behind one selector, against what their deployments want (defect 21)."""

    selector: str
    deployments: tuple[str, ...]
    desired: int
    ready: int
    reasons: tuple[str, ...]  #: why pods wait, as Kubernetes says: "CrashLoopBackOff"

    @property
    def healthy(self) -> bool:
        """Every wanted pod is ready, and at least one is wanted."""
        return self.ready >= self.desired > 0

    def __str__(self) -> str:
        if not self.deployments:
            return f"no deployment has pods {self.selector}"
        reasons = f" ({', '.join(self.reasons)})" if self.reasons else ""
        return f"{', '.join(self.deployments)}: {self.ready} of {self.desired} pods ready{reasons}"


@dataclass(eq=False)
class NoController(Refused):
    """Nobody logs requests, so that silence proves nothing."""

    problem: ClassVar[str] = "No pod {selector} runs in namespace {namespace} of cluster {cluster}."
    remedy: ClassVar[str] = "Correct the ingress controller's namespace and selector in the descriptor, or start it."
    cluster: str
    namespace: str
    selector: str


def open_cluster(environment: Environment, side: Side) -> "Cluster":
    """One side's cluster, entered with credentials that AKS gives us and that stay in memory.

    Raises AzureRefused, AzureSilent, CannotSignIn or UnusableKubeconfig.
    """
    from switchback.systems.kubernetes.api import Api

    return Cluster(environment, side, Api(environment.site(side).cluster, kubeconfig.fetch(environment, side)))


class Cluster:
    """See the methods. Each may raise ClusterRefused or ClusterSilent besides what it names."""

    def __init__(self, environment: Environment, side: Side, api: "Api") -> None:
        self._name = environment.site(side).cluster
        self._namespace = environment.site(side).namespace
        self._ingress = environment.ingress
        self._api = api

    def ingress_addresses(self, hosts: Iterable[str]) -> dict[str, tuple[str, ...]]:
        """The IP addresses that serve each host; raises NoIngress or IngressWithoutAddress."""
        path = f"/apis/networking.k8s.io/v1/namespaces/{self._namespace}/ingresses"
        found = self._api.items(f"list the ingresses of {self._namespace}", path, Ingress)
        return ingress.addresses(self._name, self._namespace, found, hosts)

    def unready(self, selectors: Iterable[str]) -> tuple[PodState, ...]:
        """The selectors whose pods are not all ready, or that select no deployment; empty when all is well."""
        found = self._api.items(f"list the deployments of {self._namespace}", self._deployments, Deployment)
        states = (self._state(selector, found) for selector in selectors)
        return tuple(state for state in states if not state.healthy)

    def wanted(self, selectors: Iterable[str]) -> dict[str, int]:
        """How many pods each deployment behind these selectors wants, by the deployment's name."""
        found = self._api.items(f"list the deployments of {self._namespace}", self._deployments, Deployment)
        chosen = [each for selector in selectors for each in found if each.makes(selector)]
        return {each.metadata.name: each.spec.replicas for each in chosen}

    def scale(self, name: str, replicas: int) -> None:
        """Make a deployment want that many pods; does not wait for them. A second call changes nothing."""
        what = f"scale deployment {name} of {self._namespace}"
        self._api.patch(what, f"{self._deployments}/{name}/scale", {"spec": {"replicas": replicas}})

    def requests_since(self, instant: datetime) -> tuple[Request, ...]:
        """Every request that the ingress controllers logged since then, ours included, by time.

        Raises NoController when none runs and UnreadableAccessLog when its log is not as agreed:
        no request may mean that nobody came, never that we could not see them.
        """
        namespace, selector = self._ingress.controller_namespace, self._ingress.controller_selector
        pods = [pod for pod in self._pods(namespace, selector) if pod.status.phase == "Running"]
        if not pods:
            raise NoController(self._name, namespace, selector)
        found = [request for pod in pods for request in self._requests(pod, instant)]
        return tuple(sorted(found, key=lambda request: request.time))

    @property
    def _deployments(self) -> str:
        return f"/apis/apps/v1/namespaces/{self._namespace}/deployments"

    def _requests(self, pod: Pod, instant: datetime) -> Iterable[Request]:
        name = pod.metadata.name
        seconds = math.ceil((datetime.now(UTC) - instant).total_seconds()) + CLOCKS_APART_S
        path = f"/api/v1/namespaces/{self._ingress.controller_namespace}/pods/{name}/log"
        for container in pod.spec.containers:
            what = f"read the log of pod {name}"
            text = self._api.text(what, path, container=container.name, sinceSeconds=str(max(seconds, 1)))
            yield from access_log.parse(name, text.splitlines(), instant)

    def _state(self, selector: str, deployments: Iterable[Deployment]) -> PodState:
        chosen = [deployment for deployment in deployments if deployment.makes(selector)]
        pods = self._pods(self._namespace, selector)
        return PodState(
            selector=selector,
            deployments=tuple(sorted(deployment.metadata.name for deployment in chosen)),
            desired=sum(deployment.spec.replicas for deployment in chosen),
            ready=sum(pod.ready for pod in pods),
            reasons=tuple(sorted({reason for pod in pods for reason in pod.reasons})),
        )

    def _pods(self, namespace: str, selector: str) -> tuple[Pod, ...]:
        what = f"list the pods {selector} of {namespace}"
        return self._api.items(what, f"/api/v1/namespaces/{namespace}/pods", Pod, selector=selector)
