"""When a part of the local site is ready: it has answered the question that its users ask it."""

import ssl
import time
from datetime import UTC, datetime

import httpx
import psycopg

from infra.local import descriptor, prefect, processes
from infra.local import postgres as clusters
from infra.local.layout import Endpoint, Layout
from switchback import settings
from switchback.domain.model import Side

TIMEOUT_S = 5.0
#: What "not yet" looks like.
NOT_YET = (OSError, httpx.TransportError, psycopg.OperationalError)


def postgres(layout: Layout, side: Side) -> bool:
    """The pipeline's role can query the server."""
    with psycopg.connect(clusters.conninfo(layout, side)) as connection:
        return connection.execute("select true").fetchone() == (True,)


def control_plane(layout: Layout) -> bool:
    """The stand-in for Azure's control plane speaks HTTPS with the site's certificate."""
    _get(layout, layout.control_plane, "/", host=layout.control_plane.host)
    return True


def dns(layout: Layout) -> bool:
    """Both name servers know the zone."""
    return all(_knows_zone(server) for server in (layout.authority, layout.resolver))


def services(layout: Layout, side: Side) -> bool:
    """Every service of the side answers; healthy or not is for its users to judge."""
    local = settings.read(layout.environments / f"{descriptor.ENVIRONMENT}.toml")
    for service in local.services:
        _get(layout, layout.ingress(side), local.ingress.health, host=local.host(service))
    return True


def prefect_worker(layout: Layout) -> bool:
    """The worker that runs now has reported to the server."""
    worker = processes.leader(layout, "prefect-worker")
    began = datetime.fromtimestamp(worker.create_time() if worker else time.time(), tz=UTC)
    return prefect.worker_is_online(layout, since=began)


def _knows_zone(server: Endpoint) -> bool:
    from dns import exception, message, query, rcode

    try:
        asked = message.make_query(descriptor.ZONE, "SOA")
        answer = query.udp(asked, server.host, port=server.port, timeout=TIMEOUT_S)
    except exception.DNSException as error:
        raise ConnectionError(str(server)) from error
    return answer.rcode() == rcode.NOERROR and bool(answer.answer)


def _get(layout: Layout, endpoint: Endpoint, path: str, *, host: str) -> httpx.Response:
    trust = ssl.create_default_context(cafile=layout.ca)
    with httpx.Client(verify=trust, timeout=TIMEOUT_S, trust_env=False) as client:
        return client.get(f"https://{endpoint}{path}", headers={"Host": host}, extensions={"sni_hostname": host})
