"""One client's connection to one service: found by DNS when it is opened, kept alive, dropped like a real client's."""

import ssl
import time
from dataclasses import dataclass

import httpx

from infra.local.traffic.names import Names, NoName

IDLE_S = 10.0  #: a connection idle for longer is not trusted again


@dataclass(frozen=True, kw_only=True)
class Target:
    """Where a service is found, and for how long a connection to it is used."""

    host: str
    port: int
    trust: ssl.SSLContext
    connection_age_s: float


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What a service said."""

    status: int
    site: str
    id: int | None  #: the entity's


class Unanswered(Exception):
    """Nobody answered; `sent` says whether a service may have got the request all the same."""

    def __init__(self, why: str, *, sent: bool) -> None:
        super().__init__(why, sent)
        self.why, self.sent = why, sent


class Session:
    """Reuses its connection until an error, a `Connection: close`, a 5xx, or old age; then asks DNS again."""

    def __init__(self, target: Target, names: Names) -> None:
        self._target, self._names = target, names
        self._client: httpx.AsyncClient | None = None
        self._opened = self._used = 0.0

    async def request(self, method: str, path: str, headers: dict[str, str], body: dict[str, str]) -> Answer:
        """Send one request; raises Unanswered."""
        client = await self._fresh_client()
        try:
            response = await client.request(
                method, path, headers=headers, json=body or None, extensions={"sni_hostname": self._target.host}
            )
        except (httpx.ConnectError, httpx.ConnectTimeout) as error:
            await self.close()
            raise Unanswered("no connection", sent=False) from error
        except httpx.TransportError as error:
            await self.close()
            raise Unanswered("no answer", sent=True) from error
        if response.is_server_error or response.headers.get("connection") == "close":
            await self.close()
        site = response.headers.get("x-site", "-")
        return Answer(status=response.status_code, site=site, id=response.json()["id"] if response.is_success else None)

    async def close(self) -> None:
        """Drop the connection; the next request opens another."""
        if self._client is not None:
            await self._client.aclose()
            self._client = None

    async def _fresh_client(self) -> httpx.AsyncClient:
        now = time.monotonic()
        if now - self._opened > self._target.connection_age_s or now - self._used > IDLE_S:
            await self.close()
        self._used = now
        if self._client is None:
            self._client, self._opened = await self._open(), now
        return self._client

    async def _open(self) -> httpx.AsyncClient:
        try:
            address = await self._names.address(self._target.host)
        except NoName as error:
            raise Unanswered("no name", sent=False) from error
        return httpx.AsyncClient(
            base_url=f"https://{address}:{self._target.port}",
            headers={"Host": f"{self._target.host}:{self._target.port}", "User-Agent": "switchback-traffic"},
            verify=self._target.trust,
            timeout=httpx.Timeout(5, connect=2),
            limits=httpx.Limits(max_connections=1),
            trust_env=False,
        )
