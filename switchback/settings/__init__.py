"""An environment descriptor becomes frozen settings: read once, checked whole, never at import.

A descriptor is a TOML file in `deployments/environments` (or in a folder named by
SWITCHBACK_ENVIRONMENTS, searched first); the naming file it points to holds the templates.
The local site writes one of the same shape: no code asks whether a site is local.
"""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from switchback.domain import naming
from switchback.domain.errors import Refused
from switchback.domain.model import Side
from switchback.settings.descriptor import BadDescriptor, Descriptor, Naming, SiteNames, parse
from switchback.settings.environment import Environment, Site
from switchback.settings.tables import Azure, Backup, Drill, Postgres, Server, Service, Terraform, Tools

__all__ = [
    "CHECKOUT",
    "SHIPPED",
    "Azure",
    "Backup",
    "BadDescriptor",
    "Drill",
    "Environment",
    "Postgres",
    "Server",
    "Service",
    "Site",
    "Terraform",
    "Tools",
    "UnknownEnvironment",
    "known",
    "load",
    "read",
]

CHECKOUT = Path(__file__).parents[2]
SHIPPED = CHECKOUT / "deployments" / "environments"


@dataclass(eq=False)
class UnknownEnvironment(Refused):
    """No descriptor has this name."""

    problem: ClassVar[str] = "There is no environment {name!r}."
    remedy: ClassVar[str] = "Choose one of: {known}; or put {name}.toml into a folder named by SWITCHBACK_ENVIRONMENTS."
    name: str
    known: str


def known() -> tuple[str, ...]:
    """The names of all environments that have a descriptor."""
    return tuple(sorted({path.stem for folder in _folders() for path in folder.glob("*.toml")}))


def load(name: str) -> Environment:
    """The environment's settings; raises UnknownEnvironment, BadDescriptor, BadTemplate or BadName."""
    for folder in _folders():
        path = folder / f"{name}.toml"
        if name in known() and path.is_file():
            return read(path)
    raise UnknownEnvironment(name, ", ".join(known()))


def read(path: Path) -> Environment:
    """The settings in one descriptor file; raises as `load` does."""
    parsed = parse(path, Descriptor)
    if parsed.name != path.stem:
        raise BadDescriptor(str(path), f"name is {parsed.name!r}, the file's is {path.stem!r}")
    naming_path = (path.parent / parsed.naming).resolve()
    names = parse(naming_path, Naming)
    rest = {
        field: getattr(parsed, field)
        for field in Descriptor.model_fields
        if field not in ("naming", "organisation", "short")
    }
    made = Environment(**rest, old=_site(parsed, Side.OLD, names.old), new=_site(parsed, Side.NEW, names.new))
    for service in made.services:
        made.host(service)  # a template that cannot be rendered is found out now
    return made


def _folders() -> tuple[Path, ...]:
    """Where descriptors are looked for, first match wins."""
    extra = os.environ.get("SWITCHBACK_ENVIRONMENTS", "")
    return (*(Path(part) for part in extra.split(os.pathsep) if part), SHIPPED)


def _site(parsed: Descriptor, side: Side, names: SiteNames) -> Site:
    fields = {"organisation": parsed.organisation, "environment": parsed.name, "region": names.region}
    fields["short"] = parsed.short or parsed.name
    made = {
        kind: naming.name(kind, getattr(names, kind), fields)
        for kind in ("resource_group", "cluster", "namespace", "vault", "postgres")
    }
    server: Server = getattr(parsed.postgres, side.value)
    groups = tuple(naming.name("resource_group", template, fields) for template in names.further_groups)
    further = tuple(naming.render(template, fields) for template in names.further_names)
    return Site(
        side=side,
        resource_group=made["resource_group"],
        cluster=made["cluster"],
        namespace=made["namespace"],
        vault=made["vault"],
        vault_url=naming.render(parsed.azure.vault, {"vault": made["vault"]}),
        postgres=made["postgres"],
        postgres_host=naming.render(server.host, {"postgres": made["postgres"]}),
        postgres_port=server.port,
        groups=(made["resource_group"], *groups),
        names=(made["cluster"], made["vault"], made["postgres"], *further),
    )
