"""Managed clusters: the way to a kubeconfig."""

from base64 import b64encode

import yaml  # type: ignore[import-untyped] # its stubs are not worth a dependency
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute

from infra.local.azure.answers import Json, route
from infra.local.azure.groups import Groups
from infra.local.azure.kubernetes.workloads import Cluster, Clusters
from infra.local.azure.locks import Locks

KIND = "Microsoft.ContainerService/managedClusters"


class ManagedClusters:
    """The API of the clusters' resources; what runs in them is the Kubernetes API's."""

    def __init__(self, *, groups: Groups, locks: Locks, clusters: Clusters, url: str, ca: bytes) -> None:
        self._groups = groups
        self._locks = locks
        self._clusters = clusters
        self._url = url
        self._ca = ca

    def routes(self) -> list[BaseRoute]:
        """The API, below /subscriptions."""
        one = "/{subscription}/resourcegroups/{group}/providers/microsoft.containerservice/managedclusters/{cluster}"
        return [
            route(one, "GET", self.on_get),
            route(f"{one}/listclusterusercredential", "POST", self.on_credential),
            route(f"{one}/listclusteradmincredential", "POST", self.on_credential),
        ]

    async def on_get(self, request: Request) -> Response:
        """The cluster as a resource."""
        resource_id = self._id(request)
        group = self._groups.get(request.path_params["group"])
        properties = {"provisioningState": "Succeeded", "powerState": {"code": "Running"}}
        return JSONResponse(
            {
                "id": resource_id,
                "name": request.path_params["cluster"],
                "type": KIND,
                "location": group.location,
                "properties": properties,
            }
        )

    async def on_credential(self, request: Request) -> Response:
        """A kubeconfig; a lock that makes the cluster read-only forbids it, as in Azure."""
        self._locks.refuse(self._id(request))
        cluster = self._clusters.get(request.path_params["cluster"])
        text = yaml.safe_dump(self._kubeconfig(cluster)).encode()
        return JSONResponse({"kubeconfigs": [{"name": "clusterUser", "value": b64encode(text).decode()}]})

    def _id(self, request: Request) -> str:
        return self._groups.resource(request.path_params["group"], KIND, request.path_params["cluster"])

    def _kubeconfig(self, cluster: Cluster) -> Json:
        user = f"clusterUser_{cluster.name}"
        server = {
            "server": f"{self._url}/kubernetes/{cluster.name}",
            "certificate-authority-data": b64encode(self._ca).decode(),
        }
        return {
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [{"name": cluster.name, "cluster": server}],
            "users": [{"name": user, "user": {"token": cluster.token}}],
            "contexts": [{"name": cluster.name, "context": {"cluster": cluster.name, "user": user}}],
            "current-context": cluster.name,
        }
