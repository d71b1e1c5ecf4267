"""The Kubernetes API of each cluster: pods and their logs, ingresses, deployments, replica sets."""

import secrets
from collections.abc import Callable
from pathlib import Path

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute

from infra.local.azure import answers
from infra.local.azure.answers import Endpoint, Json, Problem, route
from infra.local.azure.kubernetes import logs, lookups, objects, patches
from infra.local.azure.kubernetes.workloads import Cluster, Clusters, Deployment
from infra.local.azure.tokens import bearer


class KubernetesApi:
    """The API of every cluster, below /kubernetes."""

    def __init__(self, *, clusters: Clusters, logs_folder: Path, exists: Callable[[str], bool]) -> None:
        self._clusters = clusters
        self._logs = logs_folder
        self._exists = exists

    def routes(self) -> list[BaseRoute]:
        """The API; lists are served for one namespace and for all."""
        core, apps, networking = "/{cluster}/api/v1", "/{cluster}/apis/apps/v1", "/{cluster}/apis/networking.k8s.io/v1"
        pod = f"{core}/namespaces/{{namespace}}/pods/{{name}}"
        deployment = f"{apps}/namespaces/{{namespace}}/deployments/{{name}}"
        return [
            *_lists(core, "pods", self.on_pods),
            route(pod, "GET", self.on_pod),
            route(f"{pod}/log", "GET", self.on_log),
            *_lists(networking, "ingresses", self.on_ingresses),
            route(f"{networking}/namespaces/{{namespace}}/ingresses/{{name}}", "GET", self.on_ingress),
            *_lists(apps, "deployments", self.on_deployments),
            route(deployment, "GET", self.on_deployment),
            route(deployment, "PATCH", self.on_patch),
            route(f"{deployment}/scale", "GET", self.on_scale),
            route(f"{deployment}/scale", "PATCH", self.on_patch_scale),
            *_lists(apps, "replicasets", self.on_replica_sets),
        ]

    async def on_pods(self, request: Request) -> Response:
        """Pods, by labels."""
        cluster = self._open(request)
        found = lookups.selected(request, cluster.deployments)
        pods = [objects.pod(cluster, each, name) for each in found for name in each.pods()]
        return JSONResponse(objects.listing("Pod", "v1", pods))

    async def on_pod(self, request: Request) -> Response:
        """One pod."""
        cluster = self._open(request)
        return JSONResponse(objects.pod(cluster, lookups.owner(request, cluster), request.path_params["name"]))

    async def on_log(self, request: Request) -> Response:
        """A pod's log: since a time or for some seconds, its last lines, with times."""
        deployment = lookups.owner(request, self._open(request))
        window = lookups.window(request.query_params)
        return PlainTextResponse(logs.read(self._logs / deployment.log, window) if deployment.log else "")

    async def on_ingresses(self, request: Request) -> Response:
        """Ingresses."""
        cluster = self._open(request)
        found = lookups.in_namespace(request, cluster.ingresses)
        return JSONResponse(
            objects.listing("Ingress", "networking.k8s.io/v1", [objects.ingress(cluster, each) for each in found])
        )

    async def on_ingress(self, request: Request) -> Response:
        """One ingress."""
        cluster = self._open(request)
        return JSONResponse(objects.ingress(cluster, lookups.named(request, "ingresses", cluster.ingresses)))

    async def on_deployments(self, request: Request) -> Response:
        """Deployments, by labels."""
        cluster = self._open(request)
        found = lookups.selected(request, cluster.deployments)
        return JSONResponse(
            objects.listing("Deployment", "apps/v1", [objects.deployment(cluster, each) for each in found])
        )

    async def on_deployment(self, request: Request) -> Response:
        """One deployment."""
        cluster = self._open(request)
        return JSONResponse(objects.deployment(cluster, lookups.named(request, "deployments", cluster.deployments)))

    async def on_patch(self, request: Request) -> Response:
        """Changes replicas, image or the template's annotations; the latter two make a new revision."""
        patch = await answers.body(request, patches.DeploymentPatch)
        return JSONResponse(objects.deployment(*self._change(request, patch.apply)))

    async def on_scale(self, request: Request) -> Response:
        """A deployment's scale."""
        cluster = self._open(request)
        return JSONResponse(objects.scale(cluster, lookups.named(request, "deployments", cluster.deployments)))

    async def on_patch_scale(self, request: Request) -> Response:
        """Scales a deployment; pods come and go at once."""
        patch = await answers.body(request, patches.ScalePatch)
        return JSONResponse(objects.scale(*self._change(request, patch.apply)))

    async def on_replica_sets(self, request: Request) -> Response:
        """Replica sets, by labels."""
        cluster = self._open(request)
        found: list[Json] = []
        for each in lookups.selected(request, cluster.deployments):
            found += objects.replica_sets(cluster, each)
        return JSONResponse(objects.listing("ReplicaSet", "apps/v1", found))

    def _change(self, request: Request, apply: Callable[[Deployment], Deployment]) -> tuple[Cluster, Deployment]:
        cluster = self._open(request)
        changed = apply(lookups.named(request, "deployments", cluster.deployments))
        self._clusters.put_deployment(cluster.name, changed)
        return cluster, changed

    def _open(self, request: Request) -> Cluster:
        name = request.path_params["cluster"]
        if not self._exists(name):
            raise Problem(404, "NotFound", f'clusters "{name}" not found')
        cluster = self._clusters.get(name)
        if not secrets.compare_digest(bearer(request), cluster.token):
            raise Problem(401, "Unauthorized", "Unauthorized")
        return cluster


def _lists(root: str, plural: str, endpoint: Endpoint) -> list[BaseRoute]:
    return [
        route(f"{root}/{plural}", "GET", endpoint),
        route(f"{root}/namespaces/{{namespace}}/{plural}", "GET", endpoint),
    ]
