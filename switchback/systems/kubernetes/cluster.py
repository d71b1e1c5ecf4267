"""One site's cluster. Reads the site's namespace and the ingress controller's logs; changes only replica counts."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, ClassVar, cast

from switchback.domain.errors import Refused
from switchback.domain.model import Side
from switchback.settings import Environment
from switchback.systems.kubernetes import access_log, ingress, kubeconfig
from switchback.systems.kubernetes.access_log import Request
from switchback.systems.kubernetes.errors import translated

if TYPE_CHECKING:
    from kubernetes.client import ApiClient, V1Deployment, V1Pod
    from urllib3 import BaseHTTPResponse

TIMEOUT_S = (5.0, 30.0)  # to connect, to read
CLOCKS_APART_S = 60  # logs are asked for from earlier on, and then cut by their own times


@dataclass(frozen=True, kw_only=True)
class Replicas:
    """How many pods a deployment wants, and has."""

    desired: int
    ready: int


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
    return Cluster(environment, side, kubeconfig.client(environment, kubeconfig.fetch(environment, side)))


class Cluster:
    """See the methods. Each may raise ClusterRefused or ClusterSilent besides what it names."""

    def __init__(self, environment: Environment, side: Side, api: "ApiClient") -> None:
        from kubernetes.client import AppsV1Api, CoreV1Api, NetworkingV1Api

        self._name = environment.site(side).cluster
        self._namespace = environment.site(side).namespace
        self._ingress = environment.ingress
        self._core = CoreV1Api(api)
        self._apps = AppsV1Api(api)
        self._networking = NetworkingV1Api(api)

    def ingress_addresses(self, hosts: Iterable[str]) -> dict[str, tuple[str, ...]]:
        """The IP addresses that serve each host; raises NoIngress or IngressWithoutAddress."""
        with translated(self._name, f"list the ingresses of {self._namespace}"):
            found = self._networking.list_namespaced_ingress(self._namespace, _request_timeout=TIMEOUT_S)
        return ingress.addresses(self._name, self._namespace, found.items, hosts)

    def unready(self, selectors: Iterable[str]) -> tuple[PodState, ...]:
        """The selectors whose pods are not all ready, or that select no deployment; empty when all is well."""
        with translated(self._name, f"list the deployments of {self._namespace}"):
            deployments = self._apps.list_namespaced_deployment(self._namespace, _request_timeout=TIMEOUT_S).items
        states = (self._state(selector, deployments) for selector in selectors)
        return tuple(state for state in states if not state.healthy)

    def replicas(self, name: str) -> Replicas:
        """How many pods a deployment wants and has; raises NotInCluster."""
        with translated(self._name, f"read deployment {name} of {self._namespace}"):
            found = self._apps.read_namespaced_deployment(name, self._namespace, _request_timeout=TIMEOUT_S)
        ready = found.status.ready_replicas if found.status else None
        return Replicas(desired=_desired(found), ready=ready or 0)

    def scale(self, name: str, replicas: int) -> None:
        """Make a deployment want that many pods; does not wait for them. A second call changes nothing."""
        wanted = {"spec": {"replicas": replicas}}
        with translated(self._name, f"scale deployment {name} of {self._namespace}"):
            self._apps.patch_namespaced_deployment_scale(name, self._namespace, wanted, _request_timeout=TIMEOUT_S)

    def requests_since(self, instant: datetime) -> tuple[Request, ...]:
        """Every request that the ingress controllers logged since then, ours included, by time.

        Raises NoController when none runs and UnreadableAccessLog when its log is not as agreed:
        no request may mean that nobody came, never that we could not see them.
        """
        namespace, selector = self._ingress.controller_namespace, self._ingress.controller_selector
        pods = [pod for pod in self._pods(namespace, selector) if pod.status and pod.status.phase == "Running"]
        if not pods:
            raise NoController(self._name, namespace, selector)
        found = [request for pod in pods for request in self._requests(pod, instant)]
        return tuple(sorted(found, key=lambda request: request.time))

    def _requests(self, pod: "V1Pod", instant: datetime) -> Iterable[Request]:
        name = _name(pod)
        seconds = math.ceil((datetime.now(UTC) - instant).total_seconds()) + CLOCKS_APART_S
        for container in pod.spec.containers if pod.spec else ():
            with translated(self._name, f"read the log of pod {name}"):
                raw = self._core.read_namespaced_pod_log(
                    name,
                    self._ingress.controller_namespace,
                    container=container.name,
                    since_seconds=max(seconds, 1),
                    _preload_content=False,  # else the client takes JSON lines apart
                    _request_timeout=TIMEOUT_S,
                )
                text = cast("BaseHTTPResponse", raw).data.decode(errors="replace")
            yield from access_log.parse(name, text.splitlines(), instant)

    def _state(self, selector: str, deployments: Iterable["V1Deployment"]) -> PodState:
        chosen = [deployment for deployment in deployments if _selects(selector, deployment)]
        pods = self._pods(self._namespace, selector)
        return PodState(
            selector=selector,
            deployments=tuple(sorted(map(_name, chosen))),
            desired=sum(map(_desired, chosen)),
            ready=sum(map(_ready, pods)),
            reasons=tuple(sorted({reason for pod in pods for reason in _reasons(pod)})),
        )

    def _pods(self, namespace: str, selector: str) -> list["V1Pod"]:
        with translated(self._name, f"list the pods {selector} of {namespace}"):
            found = self._core.list_namespaced_pod(namespace, label_selector=selector, _request_timeout=TIMEOUT_S)
        return list(found.items)


def _name(thing: "V1Pod | V1Deployment") -> str:
    return (thing.metadata.name if thing.metadata else None) or ""


def _desired(deployment: "V1Deployment") -> int:
    replicas = deployment.spec.replicas if deployment.spec else None
    return 1 if replicas is None else replicas  # Kubernetes' own default


def _selects(selector: str, deployment: "V1Deployment") -> bool:
    """Whether the deployment's pods carry the labels; deployments themselves need not."""
    template = deployment.spec.template.metadata if deployment.spec else None
    labels = (template.labels if template else None) or {}
    wanted = (part.partition("=") for part in selector.split(","))
    return all(labels.get(key.strip()) == value.strip("= ") for key, _, value in wanted)


def _ready(pod: "V1Pod") -> bool:
    leaving = bool(pod.metadata and pod.metadata.deletion_timestamp)
    conditions = (pod.status.conditions if pod.status else None) or ()
    return not leaving and any(condition.type == "Ready" and condition.status == "True" for condition in conditions)


def _reasons(pod: "V1Pod") -> Iterable[str]:
    for container in (pod.status.container_statuses if pod.status else None) or ():
        if container.state and container.state.waiting and container.state.waiting.reason:
            yield container.state.waiting.reason
