"""One client's connection to one service: found by DNS when it is opened, kept alive, dropped like a real client's."""

import asyncio
import json
import ssl
import time
from dataclasses import dataclass
from http import HTTPStatus

import h11

from infra.local.traffic.names import Names, NoName

CONNECT_S = 2.0
ANSWER_S = 5.0


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
    """Reuses its connection until an error, a `Connection: close` or old age; then asks DNS again. Never asks twice."""

    def __init__(self, target: Target, names: Names) -> None:
        self._target, self._names = target, names
        self._connection: _Connection | None = None
        self._opened = 0.0

    async def request(self, method: str, path: str, headers: dict[str, str], body: dict[str, str]) -> Answer:
        """Send one request; raises Unanswered."""
        connection = await self._usable()
        content = json.dumps(body).encode() if body else b""
        common = {"Host": f"{self._target.host}:{self._target.port}", "User-Agent": "switchback-traffic"}
        length = {"Content-Length": str(len(content))}
        try:
            async with asyncio.timeout(ANSWER_S):
                answer = await connection.exchange(method, path, common | headers | length, content)
        except (OSError, EOFError, h11.ProtocolError) as error:
            self.close()
            raise Unanswered("no answer", sent=True) from error
        return answer

    def close(self) -> None:
        """Drop the connection; the next request opens another."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    async def _usable(self) -> "_Connection":
        too_old = time.monotonic() - self._opened > self._target.connection_age_s
        if self._connection is None or too_old or self._connection.ended:
            self.close()
            self._connection, self._opened = await self._open(), time.monotonic()
        return self._connection

    async def _open(self) -> "_Connection":
        target = self._target
        try:
            address = await self._names.address(target.host)
            async with asyncio.timeout(CONNECT_S):
                streams = await asyncio.open_connection(
                    address, target.port, ssl=target.trust, server_hostname=target.host
                )
        except NoName as error:
            raise Unanswered("no name", sent=False) from error
        except OSError as error:  # refused, timed out, or not the host that its certificate says
            raise Unanswered("no connection", sent=False) from error
        return _Connection(*streams)


class _Connection:
    """HTTP/1.1 over one TLS connection, one exchange at a time."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer
        self._http = h11.Connection(h11.CLIENT)

    @property
    def ended(self) -> bool:
        """Whether the service closed it, or said that it would."""
        return self._reader.at_eof() or self._http.our_state is not h11.IDLE

    def close(self) -> None:
        """Close without waiting for the peer."""
        self._writer.close()

    async def exchange(self, method: str, path: str, headers: dict[str, str], body: bytes) -> Answer:
        """One request and its whole answer; raises OSError, EOFError or h11.ProtocolError."""
        request = h11.Request(method=method, target=path, headers=list(headers.items()))
        for event in (request, h11.Data(data=body), h11.EndOfMessage()):
            self._writer.write(self._http.send(event) or b"")
        await self._writer.drain()
        response, content = await self._answer()
        if self._http.our_state is self._http.their_state is h11.DONE:
            self._http.start_next_cycle()
        said = {name.decode(): value.decode() for name, value in response.headers}
        succeeded = response.status_code < HTTPStatus.MULTIPLE_CHOICES
        made = json.loads(content)["id"] if succeeded else None
        return Answer(status=response.status_code, site=said.get("x-site", "-"), id=made)

    async def _answer(self) -> tuple[h11.Response, bytes]:
        response, content = None, bytearray()
        while True:
            event = self._http.next_event()
            if event is h11.NEED_DATA:
                self._http.receive_data(await self._reader.read(65536))
            elif isinstance(event, h11.Response):
                response = event
            elif isinstance(event, h11.Data):
                content += event.data
            elif response is not None:
                return response, bytes(content)
            else:
                raise EOFError
