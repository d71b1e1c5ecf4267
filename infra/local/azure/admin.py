"""What tests and proofs tell the stand-in beside Azure's own APIs; see `faults.py` for the client."""

from pydantic import BaseModel, ConfigDict, TypeAdapter
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute

from infra.local.azure import answers
from infra.local.azure.answers import Problem, route
from infra.local.azure.disturbances import Call, Disturbances, Rule
from infra.local.azure.groups import Groups
from infra.local.azure.kubernetes.workloads import Clusters
from infra.local.azure.state import Store

_CALLS = TypeAdapter(list[Call])


class Readiness(BaseModel):
    """Whether a pod is ready."""

    model_config = ConfigDict(extra="forbid")

    ready: bool


class Addresses(BaseModel):
    """Where an ingress is served."""

    model_config = ConfigDict(extra="forbid")

    addresses: tuple[str, ...]


class Admin:
    """The stand-in's own API. It has no guard: it is reached on loopback only and gives away no secret."""

    def __init__(self, disturbances: Disturbances, clusters: Clusters, groups: Groups, store: Store) -> None:
        self._disturbances = disturbances
        self._store = store
        self._clusters = clusters
        self._groups = groups

    def routes(self) -> list[BaseRoute]:
        """The API, below its own root."""
        return [
            route("/health", "GET", self.on_health),
            route("/state", "DELETE", self.on_reset),
            route("/faults", "POST", self.on_add_fault),
            route("/faults", "DELETE", self.on_clear_faults),
            route("/calls", "GET", self.on_calls),
            route("/groups/{group}", "PUT", self.on_deploy),
            route("/clusters/{cluster}/pods/{pod}", "PUT", self.on_pod),
            route("/clusters/{cluster}/ingresses/{ingress}", "PUT", self.on_ingress),
        ]

    async def on_health(self, _request: Request) -> Response:
        """204 as soon as everything is served."""
        return Response(status_code=204)

    async def on_reset(self, request: Request) -> Response:
        """Everything as it was seeded, and no faults."""
        self._store.reset()
        return await self.on_clear_faults(request)

    async def on_add_fault(self, request: Request) -> Response:
        """Adds a rule behind those in force."""
        self._disturbances.rules.append(await answers.body(request, Rule))
        return Response(status_code=204)

    async def on_clear_faults(self, _request: Request) -> Response:
        """Drops all rules."""
        self._disturbances.rules.clear()
        return Response(status_code=204)

    async def on_calls(self, request: Request) -> Response:
        """The calls received after the one with the number `after`."""
        after = answers.number(request, "after", 0)
        found = [call for call in self._disturbances.calls if call.number > after]
        return JSONResponse(_CALLS.dump_python(found, mode="json"))

    async def on_deploy(self, request: Request) -> Response:
        """Makes a group again as it was seeded; does nothing to one that exists."""
        self._groups.deploy(request.path_params["group"])
        return Response(status_code=204)

    async def on_pod(self, request: Request) -> Response:
        """Makes a pod ready or not."""
        wanted = await answers.body(request, Readiness)
        cluster = self._clusters.get(request.path_params["cluster"])
        pod = request.path_params["pod"]
        if not any(pod in each.pods() for each in cluster.deployments):
            raise Problem(404, "NotFound", f"There is no pod '{pod}'.")
        unready = cluster.unready - {pod} if wanted.ready else cluster.unready | {pod}
        self._clusters.put(cluster.model_copy(update={"unready": unready}))
        return Response(status_code=204)

    async def on_ingress(self, request: Request) -> Response:
        """Gives an ingress other addresses, or none."""
        wanted = await answers.body(request, Addresses)
        cluster, name = self._clusters.get(request.path_params["cluster"]), request.path_params["ingress"]
        if name not in {each.name for each in cluster.ingresses}:
            raise Problem(404, "NotFound", f"There is no ingress '{name}'.")
        self._clusters.put_addresses(cluster.name, name, wanted.addresses)
        return Response(status_code=204)
