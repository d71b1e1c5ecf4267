"""Resource groups and what lies in them. A deleted group goes slowly, as Azure's do, and is then not found."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from pydantic import BaseModel, Field
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute

from infra.local.azure import answers, arm
from infra.local.azure.answers import Json, Problem, route
from infra.local.azure.locks import Locks
from infra.local.azure.state import Entry, Store

DELETION = timedelta(seconds=0.8)  # so that a client polls at least once


class Resource(Entry):
    """A resource, as its group lists it."""

    kind: str  #: "Microsoft.KeyVault/vaults"
    name: str


class Group(Entry):
    """A resource group."""

    name: str
    location: str
    tags: dict[str, str] = Field(default_factory=dict)
    resources: tuple[Resource, ...] = ()
    gone_at: datetime | None = None  #: set by a delete: from then on it does not exist

    def holds(self, kind: str, name: str) -> bool:
        """Whether the resource lies in this group."""
        return (kind.lower(), name.lower()) in {(each.kind.lower(), each.name.lower()) for each in self.resources}


class Wanted(BaseModel):
    """The body of a PUT."""

    location: str = Field(min_length=1)
    tags: dict[str, str] = Field(default_factory=dict)


class Groups:
    """The subscription's resource groups and their API."""

    def __init__(self, store: Store, *, subscription: str, locks: Locks, seed: Iterable[Group]) -> None:
        self._locks = locks
        self._root = f"/subscriptions/{subscription}"
        self._seeded = {group.name.lower(): group for group in seed}
        self._groups = store.document("groups", dict[str, Group], self._seeded)

    def get(self, name: str) -> Group:
        """The group; a 404 ResourceGroupNotFound when there is none (any more)."""
        group = self._groups.value.get(name.lower())
        if group is None or _gone(group):
            raise Problem(404, "ResourceGroupNotFound", f"Resource group '{name}' could not be found.")
        return group

    def resource(self, group_name: str, kind: str, name: str) -> str:
        """The resource's id; a 404 when the group or the resource does not exist."""
        group = self.get(group_name)
        if not group.holds(kind, name):
            where = f"'{kind}/{name}' under resource group '{group_name}'"
            raise Problem(404, "ResourceNotFound", f"The Resource {where} was not found.")
        return self._resource_id(group, Resource(kind=kind, name=name))

    def exists(self, kind: str, name: str) -> bool:
        """Whether any group holds the resource."""
        return any(group.holds(kind, name) for group in self._groups.value.values() if not _gone(group))

    def gone(self) -> list[Group]:
        """The groups that were deleted and not made again."""
        return [group for group in self._groups.value.values() if _gone(group)]

    def deploy(self, name: str) -> None:
        """Make a group again as it was seeded, with what lies in it; one that exists is left alone."""
        seeded, now = self._seeded.get(name.lower()), self._groups.value.get(name.lower())
        if seeded is None:
            raise Problem(404, "NotFound", f"No group '{name}' was ever part of this site.")
        if now is None or _gone(now):
            self._locks.forget(f"{self._root}/resourceGroups/{name}")
            self._put(seeded)

    def routes(self) -> list[BaseRoute]:
        """The API, below /subscriptions."""
        one = "/{subscription}/resourcegroups/{group}"
        return [
            route("/{subscription}/resourcegroups", "GET", self.on_list),
            route(one, "GET", self.on_get),
            route(one, "HEAD", self.on_head),
            route(one, "PUT", self.on_put),
            route(one, "DELETE", self.on_delete),
            route(f"{one}/resources", "GET", self.on_resources),
            route("/{subscription}/operationresults/{group}", "GET", self.on_poll),
        ]

    async def on_list(self, request: Request) -> Response:
        """All groups."""
        return arm.page(request, [self._render(group) for group in self._groups.value.values() if not _gone(group)])

    async def on_get(self, request: Request) -> Response:
        """One group."""
        return JSONResponse(self._render(self.get(request.path_params["group"])))

    async def on_head(self, request: Request) -> Response:
        """204 when it exists, 404 when not, neither with a body."""
        try:
            self.get(request.path_params["group"])
        except Problem as missing:
            return Response(status_code=missing.status)
        return Response(status_code=204)

    async def on_put(self, request: Request) -> Response:
        """Creates the group, or changes its tags; what lies in it stays."""
        name = request.path_params["group"]
        wanted = await answers.body(request, Wanted)
        self._locks.refuse(f"{self._root}/resourceGroups/{name}")
        before = self._groups.value.get(name.lower())
        if before is None or _gone(before):
            self._locks.forget(f"{self._root}/resourceGroups/{name}")
            group, status = Group(name=name, **wanted.model_dump()), 201
        else:
            group, status = before.model_copy(update={"tags": wanted.tags}), 200
        self._put(group)
        return JSONResponse(self._render(group), status)

    async def on_delete(self, request: Request) -> Response:
        """Begins the deletion; the Location answers 202 until the group is gone, then 200."""
        group = self.get(request.path_params["group"])
        self._locks.refuse(f"{self._root}/resourceGroups/{group.name}", deleting=True)
        if group.gone_at is None:
            self._put(group.model_copy(update={"gone_at": datetime.now(UTC) + DELETION}))
        return _accepted(request, f"{self._root}/operationresults/{group.name}")

    async def on_poll(self, request: Request) -> Response:
        """How far a deletion is."""
        name = request.path_params["group"]
        group = self._groups.value.get(name.lower())
        if group is None or _gone(group):
            return Response(status_code=200)
        return _accepted(request, f"{self._root}/operationresults/{name}")

    async def on_resources(self, request: Request) -> Response:
        """What lies in the group."""
        group = self.get(request.path_params["group"])
        items = [
            {
                "id": self._resource_id(group, each),
                "name": each.name,
                "type": each.kind,
                "location": group.location,
                "tags": {},
            }
            for each in group.resources
        ]
        return arm.page(request, items)

    def _put(self, group: Group) -> None:
        self._groups.put({**self._groups.value, group.name.lower(): group})

    def _resource_id(self, group: Group, resource: Resource) -> str:
        return f"{self._root}/resourceGroups/{group.name}/providers/{resource.kind}/{resource.name}"

    def _render(self, group: Group) -> Json:
        return {
            "id": f"{self._root}/resourceGroups/{group.name}",
            "name": group.name,
            "type": "Microsoft.Resources/resourceGroups",
            "location": group.location,
            "tags": group.tags,
            "properties": {"provisioningState": "Deleting" if group.gone_at else "Succeeded"},
        }


def _gone(group: Group) -> bool:
    return group.gone_at is not None and group.gone_at <= datetime.now(UTC)


def _accepted(request: Request, path: str) -> Response:
    location = request.url.replace(path=path)
    return Response(status_code=202, headers={"Location": str(location), "Retry-After": "1"})
