"""One environment, ready for use: the descriptor's tables, and both sites with their names rendered."""

from collections.abc import Collection
from dataclasses import dataclass, replace

from switchback.domain import naming
from switchback.domain.model import Side
from switchback.settings.tables import (
    Approvers,
    Azure,
    Backup,
    Cutover,
    Dns,
    Drill,
    Ingress,
    Journal,
    Policy,
    Postgres,
    Recovery,
    Service,
    Terraform,
)


@dataclass(frozen=True, kw_only=True)
class Site:
    """One site's names, rendered."""

    side: Side
    resource_group: str
    cluster: str
    namespace: str
    vault: str
    vault_url: str
    postgres: str
    postgres_host: str
    postgres_port: int
    groups: tuple[str, ...]  #: every resource group, `resource_group` first
    names: tuple[str, ...]  #: every resource that the naming convention knows


@dataclass(frozen=True, kw_only=True)
class Environment:
    """Everything that differs between dev, staging, prod and a laptop."""

    name: str
    azure: Azure
    dns: Dns
    ingress: Ingress
    postgres: Postgres
    journal: Journal
    recovery: Recovery
    backup: Backup
    cutover: Cutover
    terraform: Terraform | None
    policy: Policy
    approvers: Approvers
    drill: Drill | None
    services: tuple[Service, ...]
    old: Site
    new: Site

    def site(self, side: Side) -> Site:
        """The site on that side."""
        return self.old if side is Side.OLD else self.new

    @property
    def databases(self) -> tuple[str, ...]:
        """The platform's databases, each once."""
        return tuple(dict.fromkeys(service.database for service in self.services))

    def without(self, databases: Collection[str]) -> "Environment":
        """The same platform without these databases and the services that use them."""
        return replace(self, services=tuple(one for one in self.services if one.database not in databases))

    def only(self, databases: Collection[str]) -> "Environment":
        """The same platform with these databases alone."""
        return replace(self, services=tuple(one for one in self.services if one.database in databases))

    def record_name(self, service: Service) -> str:
        """The service's record name, relative to the zone."""
        return naming.render(self.dns.record, {"environment": self.name, "service": service.name})

    def host(self, service: Service) -> str:
        """The name that users type."""
        return f"{self.record_name(service)}.{self.dns.zone}"
