"""Both sites' services over both clusters, and a name server that points users to one of them."""

import asyncio
import os
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import psycopg
import pytest
from dnslib import QTYPE, RR, A, DNSRecord
from dnslib.server import BaseResolver, DNSHandler, DNSLogger, DNSServer
from psycopg import sql

from infra.local import certificates, databases, descriptor, faults, secrets
from infra.local.databases import make
from infra.local.layout import ROOT, Layout
from infra.local.traffic import crowd
from switchback import settings
from switchback.domain.model import Side
from tests.fix_postgres import Clusters

START_S = 20
TTL_S = 1


class Signpost(BaseResolver):  # type: ignore[misc] # dnslib ships no types
    """Answers every question with the address of the side that it points to."""

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self.side = Side.OLD

    def resolve(self, request: DNSRecord, _handler: DNSHandler) -> DNSRecord:
        """The pointed-to ingress."""
        reply = request.reply()
        reply.add_answer(RR(request.q.qname, QTYPE.A, ttl=TTL_S, rdata=A(self._layout.ingress(self.side).host)))
        return reply


@dataclass(frozen=True, kw_only=True)
class Platform:
    """Running sites."""

    layout: Layout
    environment: settings.Environment
    signpost: Signpost
    _processes: dict[Side, subprocess.Popen[bytes]] = field(default_factory=dict)

    @property
    def hosts(self) -> dict[str, str]:
        """Service to the name that users type."""
        return {service.name: self.environment.host(service) for service in self.environment.services}

    def conninfo(self, side: Side, database: str) -> str:
        """How the pipeline connects, as the audit wants it."""
        return Clusters(layout=self.layout).conninfo(side, database)

    def ask(
        self, side: Side, service: str, method: str = "GET", path: str = "/health", **rest: object
    ) -> httpx.Response:
        """One request over a connection of its own, at the side's address whatever the names say."""
        at = self.layout.ingress(side)
        with httpx.Client(verify=ssl.create_default_context(cafile=self.layout.ca), trust_env=False) as client:
            extensions = {"sni_hostname": self.hosts[service]}
            request = client.build_request(method, f"https://{at}{path}", extensions=extensions, **rest)  # type: ignore[arg-type] # passed on
            request.headers["Host"] = self.hosts[service]
            return client.send(request)

    def plan(self, folder: Path, rate: float = 40.0) -> crowd.Plan:
        """Traffic to this platform, with its ledger and outcomes in `folder`."""
        return crowd.Plan(
            hosts=self.hosts,
            port=self.layout.ingress(Side.OLD).port,
            ca=self.layout.ca,
            resolver=(self.layout.authority.host, self.layout.authority.port),
            ledger=folder / "ledger.jsonl",
            outcomes=folder / "outcomes.csv",
            rate=rate,
            connection_age_s=1.0,
        )

    def serve(self, side: Side) -> None:
        """Start the side's services and wait until they answer."""
        moved = {"SWITCHBACK_LOCAL_NETWORK": self.layout.network, "SWITCHBACK_LOCAL_VAR": str(self.layout.var)}
        command = [sys.executable, "-m", "infra.local.services", "--side", side.value]
        self._processes[side] = process = subprocess.Popen(command, cwd=ROOT, env=os.environ | moved)
        deadline = time.monotonic() + START_S
        while not self._answers(side):
            assert process.poll() is None, "the services ended before they served"
            assert time.monotonic() < deadline, f"the services did not serve within {START_S} s"
            time.sleep(0.05)

    def close(self) -> None:
        """Stop the services."""
        for process in self._processes.values():
            process.terminate()
        for process in self._processes.values():
            process.wait(10)

    def _answers(self, side: Side) -> bool:
        try:
            self.ask(side, "publisher")
        except httpx.TransportError:
            return False
        return True

    @contextmanager
    def fenced(self, side: Side) -> Iterator[None]:
        """No application gets into its database on that side meanwhile."""
        roles = [role for database in databases.DATABASES for role in database.secrets]
        with psycopg.connect(self.conninfo(side, "postgres"), autocommit=True) as admin:
            for role in roles:
                admin.execute(sql.SQL("alter role {} nologin").format(sql.Identifier(role)))
            ended = "select count(pg_terminate_backend(pid, 2000)) from pg_stat_activity where usename = any(%s)"
            admin.execute(ended, [roles])
            try:
                yield
            finally:
                for role in roles:
                    admin.execute(sql.SQL("alter role {} login").format(sql.Identifier(role)))


@pytest.fixture(scope="module")
def platform(clusters: Clusters) -> Iterator[Platform]:
    """Old with its data, new empty, services of both; users are pointed to old."""
    layout = clusters.layout
    environment = settings.read(descriptor.write(layout))
    made = Platform(layout=layout, environment=environment, signpost=Signpost(layout))
    certificates.ensure(layout, made.hosts.values())
    server = DNSServer(
        made.signpost, address=layout.authority.host, port=layout.authority.port, logger=DNSLogger("error")
    )
    server.start_thread()
    try:
        for side in Side:
            make.make(layout, side)
            made.serve(side)
        yield made
    finally:
        made.close()
        server.stop()
        server.server.server_close()
        _drop_databases(clusters)


@pytest.fixture
def healthy(platform: Platform) -> Iterator[Platform]:
    """The platform with no fault inflicted, before and after."""
    for side in Side:
        faults.clear(platform.layout, side)
    platform.signpost.side = Side.OLD
    yield platform
    for side in Side:
        faults.clear(platform.layout, side)


def make_traffic(plan: crowd.Plan, seconds: float) -> crowd.Totals:
    """Traffic for so long, to its clean end."""

    async def _run() -> crowd.Totals:
        stop = asyncio.Event()
        asyncio.get_running_loop().call_later(seconds, stop.set)
        return await crowd.run(plan, stop)

    return asyncio.run(_run())


def _drop_databases(clusters: Clusters) -> None:
    for side in Side:
        with psycopg.connect(clusters.conninfo(side, role=secrets.SUPERUSER), autocommit=True) as admin:
            for database in databases.DATABASES:
                admin.execute(sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(database.name)))
