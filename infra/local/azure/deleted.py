"""Vaults that were deleted with their group: kept for ninety days, in which their names are taken."""

from datetime import datetime, timedelta

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from infra.local.azure import arm, vaults
from infra.local.azure.answers import Json, route
from infra.local.azure.groups import Group, Groups

KEPT = timedelta(days=90)


class DeletedVaults:
    """The API of the subscription's deleted vaults. Deploying their group again recovers them, secrets and all."""

    def __init__(self, *, groups: Groups, subscription: str) -> None:
        self._groups = groups
        self._root = f"/subscriptions/{subscription}/providers/Microsoft.KeyVault"

    def routes(self) -> list[BaseRoute]:
        """The API, below /subscriptions."""
        return [route("/{subscription}/providers/microsoft.keyvault/deletedvaults", "GET", self.on_list)]

    async def on_list(self, request: Request) -> Response:
        """Every deleted vault, with the date on which its name is free."""
        found = [
            self._render(group, group.gone_at, each.name)
            for group in self._groups.gone()
            for each in group.resources
            if each.kind == vaults.KIND and group.gone_at
        ]
        return arm.page(request, found)

    def _render(self, group: Group, deleted: datetime, name: str) -> Json:
        return {
            "id": f"{self._root}/locations/{group.location}/deletedVaults/{name}",
            "name": name,
            "type": "Microsoft.KeyVault/deletedVaults",
            "properties": {
                "location": group.location,
                "deletionDate": deleted.isoformat(),
                "scheduledPurgeDate": (deleted + KEPT).isoformat(),
                "purgeProtectionEnabled": True,
            },
        }
