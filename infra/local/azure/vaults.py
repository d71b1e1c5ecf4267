"""Key Vault secrets. A vault is told by the first part of the path, as the site has one address only."""

import time
from collections.abc import Iterable
from uuid import uuid4

from pydantic import BaseModel, Field
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute

from infra.local.azure import answers
from infra.local.azure.answers import Json, Problem, route
from infra.local.azure.groups import Groups
from infra.local.azure.state import Entry, Store
from infra.local.azure.tokens import Issuer

KIND = "Microsoft.KeyVault/vaults"
RESOURCE = "https://vault.azure.net"
PAGE = 25


class Version(Entry):
    """One value that a secret had."""

    id: str = Field(default_factory=lambda: uuid4().hex)
    value: str
    at: int = Field(default_factory=lambda: int(time.time()))  #: seconds since the epoch


class Vault(Entry):
    """A vault's secrets, each with its versions, oldest first."""

    name: str
    secrets: dict[str, tuple[Version, ...]]


class Wanted(BaseModel):
    """The body of a PUT."""

    value: str


class Vaults:
    """The site's vaults and their API."""

    def __init__(self, store: Store, *, groups: Groups, issuer: Issuer, seed: Iterable[Vault]) -> None:
        self._groups = groups
        self._issuer = issuer
        seeded = {vault.name: vault for vault in seed}
        self._vaults = store.document("vaults", dict[str, Vault], seeded)

    def routes(self) -> list[BaseRoute]:
        """The API, below /vaults."""
        one = "/{vault}/secrets/{name}"
        return [
            route("/{vault}/secrets", "GET", self.on_list),
            route(one, "PUT", self.on_put),
            route(one, "GET", self.on_get),
            route(f"{one}/", "GET", self.on_get),
            route(f"{one}/versions", "GET", self.on_versions),
            route(f"{one}/{{version}}", "GET", self.on_get),
        ]

    async def on_list(self, request: Request) -> Response:
        """The secrets' names, never their values."""
        vault = self._open(request)
        return _page(request, [_render(vault, name, versions[-1]) for name, versions in vault.secrets.items()])

    async def on_versions(self, request: Request) -> Response:
        """One secret's versions."""
        vault = self._open(request)
        name = request.path_params["name"]
        return _page(request, [_render(vault, name, version, versioned=True) for version in _versions(vault, name)])

    async def on_get(self, request: Request) -> Response:
        """One secret's value: the newest, or the asked version's."""
        vault = self._open(request)
        name, wanted = request.path_params["name"], request.path_params.get("version")
        for version in reversed(_versions(vault, name)):
            if wanted in (None, version.id):
                return JSONResponse({"value": version.value, **_render(vault, name, version, versioned=True)})
        raise _not_found(f"{name}/{wanted}")

    async def on_put(self, request: Request) -> Response:
        """Adds a version."""
        vault = self._open(request)
        wanted = await answers.body(request, Wanted)
        name, version = request.path_params["name"], Version(value=wanted.value)
        versions = (*vault.secrets.get(name, ()), version)
        changed = vault.model_copy(update={"secrets": {**vault.secrets, name: versions}})
        self._vaults.put({**self._vaults.value, vault.name: changed})
        return JSONResponse({"value": version.value, **_render(vault, name, version, versioned=True)})

    def _open(self, request: Request) -> Vault:
        challenge = f'Bearer authorization="{self._issuer.url}", resource="{RESOURCE}"'
        self._issuer.check(request, (RESOURCE,), challenge)
        name = request.path_params["vault"].lower()
        vault = self._vaults.value.get(name)
        if vault is None or not self._groups.exists(KIND, name):
            raise Problem(404, "VaultNotFound", f"There is no vault '{name}'.")
        return vault


def _versions(vault: Vault, name: str) -> tuple[Version, ...]:
    if name not in vault.secrets:
        raise _not_found(name)
    return vault.secrets[name]


def _not_found(what: str) -> Problem:
    return Problem(404, "SecretNotFound", f"A secret with (name/id) {what} was not found in this key vault.")


def _render(vault: Vault, name: str, version: Version, *, versioned: bool = False) -> Json:
    # the id is Azure's own form: the SDK takes it apart, and has no place for a path before /secrets
    address = f"https://{vault.name}.vault.azure.net/secrets/{name}"
    return {
        "id": f"{address}/{version.id}" if versioned else address,
        "attributes": {"enabled": True, "created": version.at, "updated": version.at, "recoveryLevel": "Recoverable"},
    }


def _page(request: Request, items: list[Json]) -> Response:
    start = answers.number(request, "$skiptoken", 0)
    following = start + answers.number(request, "maxresults", PAGE)
    link = str(request.url.include_query_params(**{"$skiptoken": following})) if following < len(items) else None
    return JSONResponse({"value": items[start:following], "nextLink": link})
