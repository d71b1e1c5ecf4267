"""The local site's environment descriptor: var/environments/local.toml, of the same shape as production's.

Written from the layout alone, so that nothing under switchback/ needs to know that a site is local.
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path

from infra.local import atomic, postgres, secrets
from infra.local.databases import DATABASES, Database
from infra.local.layout import ROOT, Layout
from switchback.domain.model import Side

ENVIRONMENT = "local"
ZONE = "mystira.test"
ACCOUNT = "myslocalbackupstorage"
CONTAINER = "switchback-journal"

TEMPLATE = """\
# The local site. Written by infra/local/descriptor.py at every start: changes made here do not last.
name = "{environment}"
organisation = "mys"
naming = {naming}

[azure]
subscription = "00000000-0000-4000-8000-00000000a11c"
tenant = "00000000-0000-4000-8000-0000000007e7"
management = "https://{control_plane}"
authority = "https://{control_plane}"
vault = "https://{control_plane}/vaults/{{vault}}"
blob = "https://{blob}/{{account}}"
client_id = {client_id}
client_secret_file = {client_secret_file}
ca_file = {ca}
vault_challenge = false

[dns]
resource_group = "dns-zone-rg"
zone = "{zone}"
record = "{{environment}}.{{service}}"
ttl_s = 5
resolvers = ["{resolver}"]
authorities = ["{authority}"]

[ingress]
port = {ingress_port}
health = "/health"
certificate_days = 2
controller_namespace = "ingress-nginx"
controller_selector = "app.kubernetes.io/name=ingress-nginx"
ca_file = {ca}

[postgres]
old = {{ host = "{old.host}", port = {old.port} }}
new = {{ host = "{new.host}", port = {new.port} }}
sslmode = "disable"
role = "psqladmin"
secret = "postgres-admin-password"
maintenance_database = "postgres"

[journal]
account = "{account}"
container = "{container}"

[recovery]
container = "switchback-recoveries"

[backup]
container = "database-backups"
tools = [{tools}]

[cutover]
load_new = [{python}, "-m", "infra.local.load_new"]
load_timeout_s = 600

[terraform]
folder = {terraform}
work = {terraform_work}
expected = 5
backend = [{terraform_state}]
variables = [{folder}]

[policy]
approval_valid_s = 900
sequence_gap = 1000
drain_s = 30
quiet_s = 3
unused_s = 3
keep_new_s = 604800

[drill]
deploy = [{python}, "-m", "infra.local.stack"]
traffic = [{python}, "-m", "infra.local.traffic"]
incident = [{python}, "-m", "infra.local", "incident"]
relief = [{python}, "-m", "infra.local", "relief"]
outage = [{python}, "-m", "infra.local", "outage"]
destroy_old = [{python}, "-m", "infra.local", "destroy-old"]
audit = [{python}, "-m", "infra.local.audit"]
commander = "Grace Example"
baseline_s = 4
on_new_s = 5
incident_s = 3
settle_s = 5

[approvers]
incident_commander = ["Ada Example", "Grace Example"]
data_steward = ["Dana Example", "Edsger Example"]
"""


def write(layout: Layout) -> Path:
    """Put the descriptor, and the client secret it points to, under the layout's var; a second call writes the same."""
    client = secrets.load(layout).client
    secret_file = layout.var / "client-secret"
    atomic.write(secret_file, client.secret.encode())
    head = TEMPLATE.format(
        environment=ENVIRONMENT,
        zone=ZONE,
        account=ACCOUNT,
        container=CONTAINER,
        naming=_quoted(ROOT / "deployments" / "naming" / "azure-v2.2.toml"),
        control_plane=layout.control_plane,
        blob=layout.blob,
        client_id=_quoted(client.id),
        client_secret_file=_quoted(secret_file),
        ca=_quoted(layout.ca),
        resolver=layout.resolver,
        authority=layout.authority,
        ingress_port=layout.ingress(Side.OLD).port,
        old=layout.postgres(Side.OLD),
        new=layout.postgres(Side.NEW),
        terraform=_quoted(ROOT / "infra" / "local" / "terraform"),
        terraform_work=_quoted(layout.var / "terraform"),
        terraform_state=_quoted(f"path={layout.var}/terraform/terraform.tfstate"),
        folder=_quoted(f"folder={layout.var}"),
        python=_quoted(Path(sys.executable)),
        tools=", ".join(dict.fromkeys(map(_tools, Side))),
    )
    path = layout.environments / f"{ENVIRONMENT}.toml"
    services = (line for database in DATABASES for line in _service(database))
    atomic.write(path, "\n".join([head, *services, ""]).encode(), mode=0o644)
    return path


def _service(database: Database) -> Iterator[str]:
    yield "[[services]]"
    yield f"name = {_quoted(database.service)}"
    yield f"database = {_quoted(database.name)}"
    yield f'selector = "app.kubernetes.io/name=mys-{database.service}"'
    roles = (f"{{ name = {_quoted(role)}, secret = {_quoted(name)} }}" for role, name in database.secrets.items())
    yield f"roles = [{', '.join(roles)}]"
    yield ""


def _tools(side: Side) -> str:
    return f"{{ major = {postgres.major(side)}, folder = {_quoted(postgres.tools(side))} }}"


def _quoted(value: str | Path) -> str:
    return json.dumps(str(value), ensure_ascii=False)  # a JSON string is a TOML string
