"""`python -m infra.local.groups make|delete NAME`: one of new's groups, as Terraform makes and destroys it.

Asks the control plane stand-in; with the first group new's databases come and go, and the fences on its roles go with
them. Called by infra/local/terraform only. May be killed and called again.
"""

import ssl
import sys
import time
from contextlib import closing

import httpx

from infra.local.layout import Layout
from switchback import settings
from switchback.domain.model import Side

API = {"api-version": "2025-04-01"}
ASK_AGAIN_S = 0.1
PATIENCE_S = 60.0


def make(layout: Layout, name: str) -> None:
    """Make the group, and with the first its databases; what is there stays. Raises httpx.HTTPError."""
    with _control_plane(layout) as http:
        http.put(f"/_admin/groups/{name}").raise_for_status()
    if name == _environment(layout).new.resource_group:
        _make_databases(layout)


def delete(layout: Layout, name: str) -> None:
    """Delete the group and return when it is gone, and with the first its databases. Raises httpx.HTTPError."""
    local = _environment(layout)
    with _control_plane(layout) as http:
        http.headers["Authorization"] = f"Bearer {_token(http, local)}"
        path = f"/subscriptions/{local.azure.subscription}/resourcegroups/{name}"
        deadline = time.monotonic() + PATIENCE_S
        answer = http.delete(path, params=API)
        while answer.status_code != httpx.codes.NOT_FOUND:
            answer.raise_for_status()
            if time.monotonic() > deadline:
                raise httpx.TimeoutException(f"{name} is still there after {PATIENCE_S:g} s")
            time.sleep(ASK_AGAIN_S)
            answer = http.get(path, params=API)
    if name == local.new.resource_group:
        _drop_databases(layout)


def _token(http: httpx.Client, local: settings.Environment) -> str:
    with open(local.azure.client_secret_file, encoding="utf-8") as file:  # noqa: PTH123 - a path of the descriptor
        secret = file.read().strip()
    who = {"client_id": local.azure.client_id, "client_secret": secret, "grant_type": "client_credentials"}
    asked = who | {"scope": f"{local.azure.management}/.default"}
    answer = http.post(f"/{local.azure.tenant}/oauth2/v2.0/token", data=asked).raise_for_status()
    return str(answer.json()["access_token"])


def _make_databases(layout: Layout) -> None:
    from infra.local import postgres
    from infra.local.databases import make as databases

    if postgres.running(layout, Side.NEW):
        databases.make(layout, Side.NEW)


def _drop_databases(layout: Layout) -> None:
    """A server that is gone has neither data nor fences."""
    import psycopg
    from psycopg import sql

    from infra.local import postgres, secrets
    from infra.local.databases import DATABASES

    if not postgres.running(layout, Side.NEW):
        return
    place = postgres.conninfo(layout, Side.NEW, role=secrets.SUPERUSER)
    with closing(psycopg.connect(place, autocommit=True)) as link:
        for database in DATABASES:
            link.execute(sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(database.name)))
            for role in database.secrets:
                link.execute(sql.SQL("alter role {} login").format(sql.Identifier(role)))


def _control_plane(layout: Layout) -> httpx.Client:
    verify = ssl.create_default_context(cafile=str(layout.ca))
    return httpx.Client(base_url=f"https://{layout.control_plane}", verify=verify, trust_env=False, timeout=10)


def _environment(layout: Layout) -> settings.Environment:
    return settings.read(layout.environments / "local.toml")


if __name__ == "__main__":
    {"make": make, "delete": delete}[sys.argv[1]](Layout(), sys.argv[2])
