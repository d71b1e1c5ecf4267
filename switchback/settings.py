"""An environment descriptor becomes frozen settings: read once, checked whole, never at import.

A descriptor is a TOML file in `deployments/environments` (or in a folder named by
SWITCHBACK_ENVIRONMENTS, searched first); the naming file it points to holds the templates.
The local site writes one of the same shape: no code asks whether a site is local.
"""

import os
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, ClassVar, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from switchback.domain import naming
from switchback.domain.errors import Refused
from switchback.domain.model import Side

T = TypeVar("T", bound=BaseModel)
CHECKOUT = Path(__file__).parents[1]
SHIPPED = CHECKOUT / "deployments" / "environments"


@dataclass(eq=False)
class UnknownEnvironment(Refused):
    """No descriptor has this name."""

    problem: ClassVar[str] = "There is no environment {name!r}."
    remedy: ClassVar[str] = "Choose one of: {known}; or put {name}.toml into a folder named by SWITCHBACK_ENVIRONMENTS."
    name: str
    known: str


@dataclass(eq=False)
class BadDescriptor(Refused):
    """A descriptor or naming file cannot be used as it stands."""

    problem: ClassVar[str] = "{file}: {faults}."
    remedy: ClassVar[str] = "Correct the file; nothing was started."
    file: str
    faults: str


class _Table(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


Text = Annotated[str, Field(min_length=1)]
Setting = Annotated[str, Field(pattern=r"^\w+=")]  #: "name=value"
Port = Annotated[int, Field(ge=1, le=65535)]
Seconds = Annotated[float, Field(gt=0)]


class Azure(_Table):
    """Where Azure's control plane is, and who we are there."""

    subscription: Text
    tenant: Text
    management: Text
    authority: Text
    vault: Text  #: URL template over {vault}
    blob: Text  #: URL template over {account}
    client_id: str = ""  #: with client_secret_file: a service principal; else the default credential chain
    client_secret_file: str = ""
    ca_file: str = ""  #: trust this CA for the control plane, instead of the system's
    vault_challenge: bool = True  #: check that the vault's challenge names the vault's own domain


class Dns(_Table):
    """The zone that sends users to a site."""

    resource_group: Text
    zone: Text
    record: Text  #: template over {environment}, {service}
    ttl_s: Annotated[int, Field(ge=1, le=86400)]
    resolvers: tuple[Text, ...] = Field(strict=False)  #: "address:port" of resolvers whose answers must follow
    authorities: tuple[Text, ...] = Field(default=(), strict=False)  #: "address:port"; empty: the zone's name servers


class Ingress(_Table):
    """How users reach a service, and what a healthy answer is."""

    port: Port
    health: Text
    certificate_days: Annotated[int, Field(ge=0)]  #: a certificate that ends sooner counts as expired
    controller_namespace: Text
    controller_selector: Text
    ca_file: str = ""


class Server(_Table):
    """One side's database server."""

    host: Text  #: template over {postgres}
    port: Port = 5432


class Postgres(_Table):
    """How the pipeline reaches both database servers."""

    old: Server
    new: Server
    sslmode: Text
    role: Text  #: the pipeline's role: never a superuser
    secret: Text  #: its password's name in each site's vault
    maintenance_database: Text


class Journal(_Table):
    """Where journals and the environment's lock are kept."""

    account: str = ""  #: storage account and container, or
    container: str = ""
    folder: str = ""  #: a folder, where there is no storage


class Recovery(_Table):
    """Where the bundles of recoveries are kept, beside the journals."""

    container: Text = "switchback-recoveries"  #: of the journal's account


class Tools(_Table):
    """Where the client programs of one major version of Postgres are, on the machine that runs us."""

    major: Annotated[int, Field(ge=14)]
    folder: Text  #: holds pg_dump and pg_restore


class Backup(_Table):
    """Where backups are kept, what makes them, and for how long."""

    container: Text = "database-backups"  #: of the journal's account
    tools: tuple[Tools, ...] = Field(default=(), strict=False)
    jobs: Annotated[int, Field(ge=1)] = 4  #: sessions that restore at once, over all databases
    keep_days: Annotated[int, Field(ge=1)] = 35
    keep_last: Annotated[int, Field(ge=1)] = 3  #: so many proven ones are kept whatever their age


class Cutover(_Table):
    """The migration's own tooling."""

    load_new: tuple[Text, ...] = Field(strict=False)  #: the command that fills new from old while old is fenced
    load_timeout_s: Seconds = 14400


class Terraform(_Table):
    """The state that new was made from; an environment without it cannot destroy new."""

    folder: Text  #: the configuration; relative to the checkout
    work: Text  #: where logs and Terraform's own data are kept; relative to the checkout
    expected: Annotated[int, Field(ge=1)]  #: a destroy that takes more resources than this is refused
    backend: tuple[Setting, ...] = Field(default=(), strict=False)  #: handed to init
    variables: tuple[Setting, ...] = Field(default=(), strict=False)  #: never a secret
    lock_patience_s: Seconds = 10  #: how long somebody else may hold the state


class Policy(_Table):
    """Limits that people agreed on."""

    approval_valid_s: Seconds
    sequence_gap: Annotated[int, Field(ge=1)]  #: how far old's sequences are set past both sides
    drain_s: Seconds  #: how long traffic may take to leave a site
    quiet_s: Seconds  #: a site without a request for this long is left
    unused_s: Seconds = 3600  #: new may be destroyed when nobody came for this long
    keep_new_s: Seconds = 604800  #: how long new is kept after a rollback, whatever is on it


class Drill(_Table):
    """How this environment is rehearsed; an environment without it (production) is never drilled."""

    traffic: tuple[Text, ...] = Field(strict=False)  #: load until SIGTERM; gets --rate, --ledger and --outcomes
    incident: tuple[Text, ...] = Field(strict=False)  #: breaks new
    relief: tuple[Text, ...] = Field(strict=False)  #: ends the incident
    audit: tuple[Text, ...] = Field(strict=False)  #: gets --ledger, prints what became of every acknowledged write
    destroy_old: tuple[Text, ...] = Field(
        default=(), strict=False
    )  #: deletes old's server for real; an empty one follows
    deploy: tuple[Text, ...] = Field(
        default=(), strict=False
    )  #: makes new where it is not; for the drill of its destroy
    commander: Text  #: who votes in a drill; must be among the approvers
    baseline_s: Seconds
    on_new_s: Seconds
    incident_s: Seconds
    settle_s: Seconds


class Approvers(_Table):
    """Who may vote, by role."""

    incident_commander: tuple[Text, ...] = Field(strict=False, min_length=1)
    data_steward: tuple[Text, ...] = Field(default=(), strict=False)  #: who answers for rows that come home or stay


class Role(_Table):
    """A database role of an application, and its password's name in each site's vault."""

    name: Text
    secret: Text


class Service(_Table):
    """One service of the platform."""

    name: Text
    database: Text
    selector: Text  #: label selector of its pods
    roles: tuple[Role, ...] = Field(strict=False, min_length=1)


class _SiteNames(_Table):
    region: Text
    resource_group: Text
    cluster: Text
    namespace: Text
    vault: Text
    postgres: Text
    further_groups: tuple[Text, ...] = Field(default=(), strict=False)  #: resource groups besides `resource_group`
    further_names: tuple[Text, ...] = Field(default=(), strict=False)  #: of resources besides those named above


class _Naming(_Table):
    old: _SiteNames
    new: _SiteNames


class _Descriptor(_Table):
    name: Text
    short: str = ""  #: of the name, for the kinds of names that Azure wants short; empty: the name itself
    organisation: Text
    naming: Text
    azure: Azure
    dns: Dns
    ingress: Ingress
    postgres: Postgres
    journal: Journal
    recovery: Recovery = Recovery()
    backup: Backup = Backup()
    cutover: Cutover
    terraform: Terraform | None = None
    policy: Policy
    approvers: Approvers
    drill: Drill | None = None
    services: tuple[Service, ...] = Field(strict=False, min_length=1)


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
    organisation: str
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

    def record_name(self, service: Service) -> str:
        """The service's record name, relative to the zone."""
        return naming.render(self.dns.record, {"environment": self.name, "service": service.name})

    def host(self, service: Service) -> str:
        """The name that users type."""
        return f"{self.record_name(service)}.{self.dns.zone}"


def folders() -> tuple[Path, ...]:
    """Where descriptors are looked for, first match wins."""
    extra = os.environ.get("SWITCHBACK_ENVIRONMENTS", "")
    return (*(Path(part) for part in extra.split(os.pathsep) if part), SHIPPED)


def known() -> tuple[str, ...]:
    """The names of all environments that have a descriptor."""
    return tuple(sorted({path.stem for folder in folders() for path in folder.glob("*.toml")}))


def load(name: str) -> Environment:
    """The environment's settings; raises UnknownEnvironment, BadDescriptor, BadTemplate or BadName."""
    for folder in folders():
        path = folder / f"{name}.toml"
        if name in known() and path.is_file():
            return read(path)
    raise UnknownEnvironment(name, ", ".join(known()))


def read(path: Path) -> Environment:
    """The settings in one descriptor file; raises as `load` does."""
    parsed = _parse(path, _Descriptor)
    if parsed.name != path.stem:
        raise BadDescriptor(str(path), f"name is {parsed.name!r}, the file's is {path.stem!r}")
    naming_path = (path.parent / parsed.naming).resolve()
    names = _parse(naming_path, _Naming)
    rest = {field: getattr(parsed, field) for field in _Descriptor.model_fields if field not in ("naming", "short")}
    made = Environment(**rest, old=_site(parsed, Side.OLD, names.old), new=_site(parsed, Side.NEW, names.new))
    for service in made.services:
        made.host(service)  # a template that cannot be rendered is found out now
    return made


def _site(parsed: _Descriptor, side: Side, names: _SiteNames) -> Site:
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


def _parse(path: Path, shape: type[T]) -> T:
    try:
        content: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise BadDescriptor(str(path), "there is no such file") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadDescriptor(str(path), f"not TOML: {error}") from error
    try:
        return shape.model_validate(content)
    except ValidationError as error:
        raise BadDescriptor(str(path), "; ".join(_faults(error))) from error


def _faults(error: ValidationError) -> Iterator[str]:
    for fault in error.errors(include_input=False, include_url=False):
        yield f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}"
