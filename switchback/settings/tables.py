"""The tables of a descriptor: what each line in it means, and its bounds."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field


class Table(BaseModel):
    """Frozen, and nothing in it that we do not know."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


Text = Annotated[str, Field(min_length=1)]
Setting = Annotated[str, Field(pattern=r"^\w+=")]  #: "name=value"
Port = Annotated[int, Field(ge=1, le=65535)]
Seconds = Annotated[float, Field(gt=0)]


class Azure(Table):
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


class Dns(Table):
    """The zone that sends users to a site."""

    resource_group: Text
    zone: Text
    record: Text  #: template over {environment}, {service}
    ttl_s: Annotated[int, Field(ge=1, le=86400)]
    resolvers: tuple[Text, ...] = Field(strict=False)  #: "address:port" of resolvers whose answers must follow
    authorities: tuple[Text, ...] = Field(default=(), strict=False)  #: "address:port"; empty: the zone's name servers


class Ingress(Table):
    """How users reach a service, and what a healthy answer is."""

    port: Port
    health: Text
    certificate_days: Annotated[int, Field(ge=0)]  #: a certificate that ends sooner counts as expired
    controller_namespace: Text
    controller_selector: Text
    ca_file: str = ""


class Server(Table):
    """One side's database server."""

    host: Text  #: template over {postgres}
    port: Port = 5432


class Postgres(Table):
    """How the pipeline reaches both database servers."""

    old: Server
    new: Server
    sslmode: Text
    role: Text  #: the pipeline's role: never a superuser
    secret: Text  #: its password's name in each site's vault
    maintenance_database: Text


class Journal(Table):
    """Where journals and the environment's lock are kept."""

    account: str = ""  #: storage account and container, or
    container: str = ""
    folder: str = ""  #: a folder, where there is no storage


class Recovery(Table):
    """Where the bundles of recoveries are kept, beside the journals."""

    container: Text = "switchback-recoveries"  #: of the journal's account


class Tools(Table):
    """Where the client programs of one major version of Postgres are, on the machine that runs us."""

    major: Annotated[int, Field(ge=14)]
    folder: Text  #: holds pg_dump and pg_restore


class Backup(Table):
    """Where backups are kept, what makes them, and for how long."""

    container: Text = "database-backups"  #: of the journal's account
    tools: tuple[Tools, ...] = Field(default=(), strict=False)
    jobs: Annotated[int, Field(ge=1)] = 4  #: sessions that restore at once, over all databases
    keep_days: Annotated[int, Field(ge=1)] = 35
    keep_last: Annotated[int, Field(ge=1)] = 3  #: so many proven ones are kept whatever their age


class Cutover(Table):
    """The migration's own tooling."""

    load_new: tuple[Text, ...] = Field(strict=False, min_length=1)  #: fills new from old while old is fenced
    load_timeout_s: Seconds = 14400


class Terraform(Table):
    """The state that new was made from; an environment without it cannot destroy new."""

    folder: Text  #: the configuration; relative to the checkout
    work: Text  #: where logs and Terraform's own data are kept; relative to the checkout
    expected: Annotated[int, Field(ge=1)]  #: a destroy that takes more resources than this is refused
    backend: tuple[Setting, ...] = Field(default=(), strict=False)  #: handed to init
    variables: tuple[Setting, ...] = Field(default=(), strict=False)  #: never a secret
    lock_patience_s: Seconds = 10  #: how long somebody else may hold the state


class Policy(Table):
    """Limits that people agreed on."""

    approval_valid_s: Seconds
    sequence_gap: Annotated[int, Field(ge=1)]  #: how far old's sequences are set past both sides
    unseen_sequence_gap: Annotated[int, Field(ge=1)] = 1_000_000  #: the same where new cannot be read
    unseen_deletes: Annotated[float, Field(ge=0, le=1)] = 0.5  #: of a table's rows; more are not deleted on old unseen
    drain_s: Seconds  #: how long traffic may take to leave a site
    quiet_s: Seconds  #: a site without a request for this long is left
    unused_s: Seconds = 3600  #: new may be destroyed when nobody came for this long
    keep_new_s: Seconds = 604800  #: how long new is kept after a rollback, whatever is on it


class Drill(Table):
    """How this environment is rehearsed; an environment without it (production) is never drilled."""

    traffic: tuple[Text, ...] = Field(strict=False)  #: load until SIGTERM; gets --rate, --ledger and --outcomes
    incident: tuple[Text, ...] = Field(strict=False)  #: breaks new
    relief: tuple[Text, ...] = Field(strict=False)  #: ends the incident, or the outage
    audit: tuple[Text, ...] = Field(strict=False)  #: gets --ledger, prints what became of every acknowledged write
    destroy_old: tuple[Text, ...] = Field(
        default=(), strict=False
    )  #: deletes old's server for real; an empty one follows
    outage: tuple[Text, ...] = Field(default=(), strict=False)  #: stops new's database server, until relief
    deploy: tuple[Text, ...] = Field(
        default=(), strict=False
    )  #: makes new where it is not; for the drill of its destroy
    commander: Text  #: who votes in a drill; must be among the approvers
    baseline_s: Seconds
    on_new_s: Seconds
    incident_s: Seconds
    settle_s: Seconds


class Approvers(Table):
    """Who may vote, by role."""

    incident_commander: tuple[Text, ...] = Field(strict=False, min_length=1)
    data_steward: tuple[Text, ...] = Field(default=(), strict=False)  #: who answers for rows that come home or stay


class Role(Table):
    """A database role of an application, and its password's name in each site's vault."""

    name: Text
    secret: Text


class Service(Table):
    """One service of the platform."""

    name: Text
    database: Text
    selector: Text  #: label selector of its pods
    roles: tuple[Role, ...] = Field(strict=False, min_length=1)
