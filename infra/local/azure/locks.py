"""Management locks: a scope that may not be deleted, or not be changed at all."""

from enum import StrEnum

from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute

from infra.local.azure import answers, arm
from infra.local.azure.answers import Json, Problem, route
from infra.local.azure.state import Entry, Store


class Level(StrEnum):
    """What a lock forbids."""

    CAN_NOT_DELETE = "CanNotDelete"
    READ_ONLY = "ReadOnly"  # changes and POSTs too


class Lock(Entry):
    """A lock on a scope: a group or a resource, and all below it."""

    scope: str
    name: str
    level: Level
    notes: str = ""


class WantedProperties(BaseModel):
    """What the body of a PUT says."""

    level: Level
    notes: str = ""


class Wanted(BaseModel):
    """The body of a PUT."""

    properties: WantedProperties


class Locks:
    """All locks of the subscription and their API."""

    def __init__(self, store: Store) -> None:
        nothing: dict[str, Lock] = {}
        self._locks = store.document("locks", dict[str, Lock], nothing)

    def refuse(self, resource_id: str, *, deleting: bool = False) -> None:
        """A 409 ScopeLocked when a lock on the resource, above it or (for a delete) below it forbids the change."""
        for lock in self._locks.value.values():
            above = _covers(lock.scope, resource_id)
            below = deleting and _covers(resource_id, lock.scope)
            if (above or below) and (deleting or lock.level is Level.READ_ONLY):
                what = f"because following scope(s) are locked: '{lock.scope}'. Please remove the lock and try again"
                raise Problem(409, "ScopeLocked", f"The scope '{resource_id}' cannot perform the operation {what}.")

    def forget(self, scope: str) -> None:
        """Drop the locks of a scope that is no more."""
        self._locks.put({key: lock for key, lock in self._locks.value.items() if not _covers(scope, lock.scope)})

    def routes(self) -> list[BaseRoute]:
        """The API, below /subscriptions; `scope` is a group or a resource."""
        every = "/{scope:path}/providers/microsoft.authorization/locks"
        one = f"{every}/{{lock}}"
        return [
            route(every, "GET", self.on_list),
            route(one, "GET", self.on_get),
            route(one, "PUT", self.on_put),
            route(one, "DELETE", self.on_delete),
        ]

    async def on_list(self, request: Request) -> Response:
        """The locks on the scope and below it."""
        scope = f"/subscriptions/{request.path_params['scope']}"
        locks = self._locks.value.values()
        return arm.page(request, [_render(lock) for lock in locks if _covers(scope, lock.scope)])

    async def on_get(self, request: Request) -> Response:
        """One lock."""
        lock = self._locks.value.get(_key(request))
        if lock is None:
            raise Problem(404, "LockNotFound", f"The lock '{request.path_params['lock']}' could not be found.")
        return JSONResponse(_render(lock))

    async def on_put(self, request: Request) -> Response:
        """Sets the lock, or changes its level."""
        wanted = await answers.body(request, Wanted)
        scope = f"/subscriptions/{request.path_params['scope']}"
        properties = wanted.properties
        lock = Lock(scope=scope, name=request.path_params["lock"], level=properties.level, notes=properties.notes)
        status = 200 if _key(request) in self._locks.value else 201
        self._locks.put({**self._locks.value, _key(request): lock})
        return JSONResponse(_render(lock), status)

    async def on_delete(self, request: Request) -> Response:
        """Removes the lock: 200, or 204 when there is none."""
        if _key(request) not in self._locks.value:
            return Response(status_code=204)
        self._locks.put({key: lock for key, lock in self._locks.value.items() if key != _key(request)})
        return Response(status_code=200)


def _covers(scope: str, resource_id: str) -> bool:
    return f"{resource_id}/".lower().startswith(f"{scope}/".lower())


def _key(request: Request) -> str:
    return f"{request.path_params['scope']}/{request.path_params['lock']}".lower()


def _render(lock: Lock) -> Json:
    return {
        "id": f"{lock.scope}/providers/Microsoft.Authorization/locks/{lock.name}",
        "name": lock.name,
        "type": "Microsoft.Authorization/locks",
        "properties": {"level": lock.level, "notes": lock.notes},
    }
