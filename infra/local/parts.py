"""The parts of the local site: what starts each, when it is ready, and what must be ready before it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from sys import executable

import psutil

from infra.local import environ, postgres, prefect, processes, ready, stack
from infra.local.azurite import server as azurite
from infra.local.databases import make
from infra.local.layout import Endpoint, Layout
from switchback.domain.model import Side


class Group(StrEnum):
    """What can be left out of a site."""

    POSTGRES = "postgres"  # both clusters and old's data
    AZURE = "azure"  # control plane, vaults, tokens, Kubernetes, DNS
    BLOB = "blob"
    SERVICES = "services"  # of both sites
    PREFECT = "prefect"  # server, worker, deployments


@dataclass(frozen=True, kw_only=True)
class Part:
    """One thing that a site is made of."""

    name: str
    group: Group
    needs: tuple[str, ...] = ()  #: parts that come first, as far as they are wanted at all
    listens: Callable[[Layout], tuple[Endpoint, ...]] = lambda _layout: ()
    ready: Callable[[Layout], bool] = lambda _layout: True  #: asked until it says yes; ready.NOT_YET means no
    then: Callable[[Layout], None] = lambda _layout: None  #: work that is due at every start, when the part is ready

    def process(self, _layout: Layout) -> psutil.Process | None:
        """The process that is the part; None when it does not run, or is work and not a process."""
        return None

    def start(self, layout: Layout) -> None:
        """Begin; called only when `process` finds none."""


@dataclass(frozen=True, kw_only=True)
class Program(Part):
    """A part that is a program of ours or of a package."""

    command: Callable[[Layout], Sequence[str | Path]]
    variables: Callable[[Layout], Mapping[str, str]] = lambda _layout: {}

    def process(self, layout: Layout) -> psutil.Process | None:
        """See Part."""
        return processes.leader(layout, self.name)

    def start(self, layout: Layout) -> None:
        """See Part."""
        variables = {**environ.variables(layout), **self.variables(layout)}
        processes.start(layout, self.name, self.command(layout), variables)


@dataclass(frozen=True, kw_only=True)
class Cluster(Part):
    """One side's Postgres, which starts and stops by its own tools."""

    side: Side

    def process(self, layout: Layout) -> psutil.Process | None:
        """See Part."""
        if not postgres.running(layout, self.side):
            return None
        pid = (postgres.data(layout, self.side) / "postmaster.pid").read_text(encoding="utf-8").split("\n", 1)[0]
        return psutil.Process(int(pid))

    def start(self, layout: Layout) -> None:
        """See Part."""
        postgres.create(layout, self.side)
        postgres.start(layout, self.side)


def _cluster(side: Side) -> Part:
    return Cluster(
        name=f"postgres-{side}",
        group=Group.POSTGRES,
        side=side,
        listens=lambda layout: (layout.postgres(side),),
        ready=lambda layout: ready.postgres(layout, side),
        then=lambda layout: make.make(layout, side),
    )


def _services(side: Side) -> Part:
    return Program(
        name=f"services-{side}",
        group=Group.SERVICES,
        needs=(f"postgres-{side}",),
        command=lambda _layout: [executable, "-m", "infra.local.services", "--side", side.value],
        listens=lambda layout: (layout.ingress(side),),
        ready=lambda layout: ready.services(layout, side),
    )


AZURE = Program(
    name="azure",
    group=Group.AZURE,
    command=lambda _layout: [executable, "-m", "infra.local.azure"],
    listens=lambda layout: (layout.control_plane, layout.authority, layout.resolver),
    ready=lambda layout: ready.control_plane(layout) and ready.dns(layout),
)

STACK = Part(
    name="new",
    group=Group.AZURE,
    needs=("azure", "postgres-new"),
    then=stack.deploy,
)

AZURITE = Program(
    name="azurite",
    group=Group.BLOB,
    command=azurite.command,
    variables=azurite.variables,
    listens=lambda layout: (layout.blob,),
    ready=azurite.answers,
    then=azurite.make_container,
)

PREFECT_SERVER = Program(
    name="prefect-server",
    group=Group.PREFECT,
    command=prefect.server_command,
    variables=prefect.server_variables,
    listens=lambda layout: (layout.prefect,),
    ready=prefect.server_answers,
    then=prefect.prepare,
)

PREFECT_WORKER = Program(
    name="prefect-worker",
    group=Group.PREFECT,
    needs=("prefect-server",),
    command=lambda _layout: prefect.worker_command(),
    variables=lambda _layout: prefect.worker_variables(),
    ready=ready.prefect_worker,
)

DEPLOYMENTS = Part(
    name="prefect-deployments",
    group=Group.PREFECT,
    needs=("prefect-server",),
    then=lambda layout: prefect.register(environ.variables(layout)),
)

ALL = (
    *(_cluster(side) for side in Side),
    AZURE,
    STACK,
    AZURITE,
    *(_services(side) for side in Side),
    PREFECT_SERVER,
    PREFECT_WORKER,
    DEPLOYMENTS,
)
