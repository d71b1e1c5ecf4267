"""The ingress of one site: host names to services, the site's name on every answer, and the access log."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

from starlette.applications import Starlette
from starlette.datastructures import Headers, MutableHeaders
from starlette.routing import Host
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from infra.local import postgres
from infra.local.databases import of
from infra.local.faults import Faults
from infra.local.layout import Layout
from infra.local.services.pool import Pool
from infra.local.services.service import Service
from switchback.domain.model import Side

SESSIONS = 8  #: of one service at its database


def access_log(layout: Layout, side: Side) -> Path:
    """Where the side's ingress writes a JSON object for every request."""
    return layout.var / "log" / f"ingress-{side.value}.jsonl"


def build(layout: Layout, side: Side, hosts: dict[str, str]) -> ASGIApp:
    """The whole site as one ASGI application; `hosts` maps each service to the name that users type."""
    faults = Faults(layout, side)
    pools = {
        service: Pool(postgres.conninfo(layout, side, database=of(service).name, role=of(service).owner), SESSIONS)
        for service in hosts
    }

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        yield
        for pool in pools.values():
            await pool.close()

    routes = [Host(host, Service(service, side, pools[service], faults).app()) for service, host in hosts.items()]
    return _Ingress(Starlette(routes=routes, lifespan=lifespan), side, access_log(layout, side))


class _Ingress:
    def __init__(self, app: ASGIApp, side: Side, log: Path) -> None:
        self._app, self._side = app, side
        log.parent.mkdir(parents=True, exist_ok=True)
        self._log = log.open("a", encoding="utf-8", buffering=1)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on; mark and note its answer."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def marked(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message)["X-Site"] = self._side.value
                self._note(scope, message["status"])  # before the client sees it: an answered request is in the log
            await send(message)

        await self._app(scope, receive, marked)

    def _note(self, scope: Scope, status: int) -> None:
        headers = Headers(scope=scope)
        host, port = scope["client"]
        line = {
            "time": datetime.now(UTC).isoformat(),
            "client": f"{host}:{port}",
            "host": headers.get("host", ""),
            "method": scope["method"],
            "path": scope["path"],
            "status": status,
            "agent": headers.get("user-agent", ""),
        }
        self._log.write(json.dumps(line) + "\n")
