"""Azure's resource groups: whether they exist, what lies in them, what locks them, which vaults linger. Only reads.

A group is gone when Azure says ResourceGroupNotFound, and on nothing else: an expired login, a wrong subscription or
silence is never an absence (defect 12).
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Self

from switchback.domain.model import aware
from switchback.settings import Environment
from switchback.systems import azure_errors, credentials

if TYPE_CHECKING:
    from types import TracebackType

    from azure.mgmt.resource.resources import ResourceManagementClient

CLUSTER = "Microsoft.ContainerService/managedClusters"
SERVER = "Microsoft.DBforPostgreSQL/flexibleServers"
NOT_FOUND = "ResourceGroupNotFound"
LOCKS_API = "2020-05-01"
VAULTS_API = "2023-07-01"


@dataclass(frozen=True, kw_only=True, order=True)
class Resource:
    """A resource in a group."""

    kind: str  #: "Microsoft.KeyVault/vaults"
    name: str


@dataclass(frozen=True, kw_only=True, order=True)
class Lock:
    """A lock on a group or on something in it."""

    scope: str
    name: str
    level: str  #: CanNotDelete or ReadOnly
    notes: str

    def __str__(self) -> str:
        notes = f", {self.notes}" if self.notes else ""
        return f"{self.name} ({self.level}{notes}) on {self.scope}"


@dataclass(frozen=True, kw_only=True)
class Group:
    """A resource group that exists."""

    name: str
    location: str
    resources: tuple[Resource, ...]
    locks: tuple[Lock, ...]

    def holds(self, kind: str) -> bool:
        """Whether something of that kind lies in it."""
        return any(each.kind.casefold() == kind.casefold() for each in self.resources)


@dataclass(frozen=True, kw_only=True)
class DeletedVault:
    """A vault that was deleted and whose name is taken until it is purged."""

    name: str
    location: str
    free_on: datetime  #: when Azure purges it
    protected: bool  #: nobody may purge it before


def open_resources(environment: Environment) -> "Resources":
    """The environment's subscription; contacts nobody yet. A context manager, which closes connections."""
    from azure.mgmt.resource.resources import ResourceManagementClient

    client = ResourceManagementClient(
        credentials.credential(environment),
        environment.azure.subscription,
        base_url=environment.azure.management,
        credential_scopes=[credentials.management_scope(environment)],
        **credentials.client_options(environment),
    )
    return Resources(client, environment.azure.management, environment.azure.subscription)


def groups(environment: Environment, names: Iterable[str]) -> tuple[Group, ...]:
    """Those of the groups that exist."""
    with open_resources(environment) as found:
        return tuple(group for name in names if (group := found.group(name)) is not None)


class Resources:
    """See the methods. Each raises AzureRefused, AzureDenied, CannotSignIn or AzureSilent."""

    def __init__(self, client: "ResourceManagementClient", url: str, subscription: str) -> None:
        self._client = client
        self._root = f"{url}/subscriptions/{subscription}"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: "TracebackType | None"
    ) -> None:
        self._client.close()

    def group(self, name: str) -> Group | None:
        """The group; None only when Azure says that there is none of that name."""
        where = f"resource group {name}"
        try:
            with azure_errors.translated(where, "read it"):
                found = self._client.resource_groups.get(name)
                listed = tuple(self._client.resources.list_by_resource_group(name))
            locks = self._list(
                where, "list its locks", f"resourceGroups/{name}/providers/Microsoft.Authorization/locks", LOCKS_API
            )
            return Group(
                name=name,
                location=found.location,
                resources=tuple(sorted(Resource(kind=each.type or "", name=each.name or "") for each in listed)),
                locks=tuple(sorted(map(_lock, locks))),
            )
        except azure_errors.AzureNotFound as error:
            if error.code == NOT_FOUND:
                return None
            raise

    def deleted_vaults(self) -> tuple[DeletedVault, ...]:
        """Every vault of the subscription that was deleted and not purged."""
        found = self._list(
            "the subscription", "list its deleted vaults", "providers/Microsoft.KeyVault/deletedVaults", VAULTS_API
        )
        return tuple(map(_vault, found))

    def _list(self, where: str, what: str, path: str, api: str) -> Iterator[Mapping[str, Any]]:
        """What the SDK has no method for: other providers' lists, by its own authenticated and retrying pipeline."""
        from azure.core.rest import HttpRequest

        url = f"{self._root}/{path}?api-version={api}"
        while url:
            with azure_errors.translated(where, what):
                answer = self._client.send_request(HttpRequest("GET", url))
                _must_be_success(answer)
                page = answer.json()
            yield from page["value"]
            url = page.get("nextLink") or ""


def _must_be_success(answer: Any) -> None:  # noqa: ANN401 - the SDK's own response, whose type is not public
    """Raise by status as the SDK's own methods do."""
    from azure.core.exceptions import ClientAuthenticationError, HttpResponseError, ResourceNotFoundError, map_error
    from azure.mgmt.core.exceptions import ARMErrorFormat

    map_error(answer.status_code, answer, {401: ClientAuthenticationError, 404: ResourceNotFoundError})
    if answer.status_code != 200:  # noqa: PLR2004 - all that a list answers
        raise HttpResponseError(response=answer, error_format=ARMErrorFormat)


def _lock(found: Mapping[str, Any]) -> Lock:
    said = found["properties"]
    scope = str(found["id"]).rpartition("/providers/Microsoft.Authorization/locks/")[0]
    return Lock(scope=scope, name=found["name"], level=said["level"], notes=said.get("notes") or "")


def _vault(found: Mapping[str, Any]) -> DeletedVault:
    said = found["properties"]
    free_on = aware("a vault's purge date", datetime.fromisoformat(said["scheduledPurgeDate"]))
    protected = bool(said.get("purgeProtectionEnabled"))
    return DeletedVault(name=found["name"], location=said["location"], free_on=free_on, protected=protected)
