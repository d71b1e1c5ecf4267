"""The stand-in put together: its stores, its APIs, and one application that serves them all."""

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.routing import BaseRoute, Mount
from starlette.types import ASGIApp

from infra.local import secrets
from infra.local.azure import answers, clusters, seed
from infra.local.azure.admin import Admin
from infra.local.azure.answers import Problem
from infra.local.azure.arm import Guard
from infra.local.azure.clusters import ManagedClusters
from infra.local.azure.deleted import DeletedVaults
from infra.local.azure.disturbances import ADMIN, Disturbances, Disturbed
from infra.local.azure.groups import Groups
from infra.local.azure.kubernetes.api import KubernetesApi
from infra.local.azure.kubernetes.workloads import Clusters
from infra.local.azure.locks import Locks
from infra.local.azure.state import Store
from infra.local.azure.tokens import Issuer
from infra.local.azure.vaults import Vaults
from infra.local.azure.zones import Zones
from infra.local.layout import Layout
from switchback.settings import Environment


class ControlPlane:
    """One site's control plane, as it was left in var/control_plane, or seeded."""

    def __init__(self, layout: Layout, environment: Environment) -> None:
        self._store = store = Store(layout.var / "control_plane")
        url = f"https://{layout.control_plane}"
        kept, sites = secrets.load(layout), (environment.old, environment.new)
        subscription = environment.azure.subscription
        self._issuer = Issuer(store.folder, url=url, tenant=environment.azure.tenant, client=kept.client)
        self._locks = Locks(store)
        self._groups = Groups(store, subscription=subscription, locks=self._locks, seed=seed.groups(environment))
        zones = [seed.zone(environment, layout)]
        self.zones = Zones(store, groups=self._groups, locks=self._locks, seed=zones)
        vaults = [seed.vault(site, kept) for site in sites]
        self._vaults = Vaults(store, groups=self._groups, issuer=self._issuer, seed=vaults)
        self._deleted = DeletedVaults(groups=self._groups, subscription=subscription)
        self._clusters = Clusters(store, seed=[seed.cluster(site, environment, layout) for site in sites])
        self._guard = Middleware(Guard, issuer=self._issuer, url=url, subscription=subscription)
        self._layout = layout

    def app(self) -> ASGIApp:
        """Everything that is served over HTTPS."""
        disturbances = Disturbances()
        kubernetes = KubernetesApi(
            clusters=self._clusters,
            logs_folder=self._layout.var / "log",
            exists=lambda name: self._groups.exists(clusters.KIND, name),
        )
        served = Starlette(
            routes=[
                Mount("/subscriptions", routes=self._arm(), middleware=[self._guard]),
                Mount("/vaults", routes=self._vaults.routes()),
                Mount("/kubernetes", routes=kubernetes.routes()),
                Mount(ADMIN, routes=Admin(disturbances, self._clusters, self._groups, self._store).routes()),
                *self._issuer.routes(),
            ],
            exception_handlers={Problem: answers.on_problem, HTTPException: answers.on_unrouted},
        )
        served.router.redirect_slashes = False
        return Disturbed(served, disturbances)

    def _arm(self) -> list[BaseRoute]:
        managed = ManagedClusters(
            groups=self._groups,
            locks=self._locks,
            clusters=self._clusters,
            url=f"https://{self._layout.control_plane}",
            ca=self._layout.ca.read_bytes(),
        )
        own = (self._locks, self._groups, self._deleted, self.zones, managed)
        return [route for part in own for route in part.routes()]
