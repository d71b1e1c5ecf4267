"""The ingress controller's access log: JSON, one request a line, between lines of its own."""

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from switchback.domain.errors import Refused
from switchback.domain.model import aware

#: A request and its status as web servers write them by default: an access log that we cannot read.
_PLAIN_REQUEST = re.compile(r'"[A-Z]+ \S+ HTTP/[\d.]+" \d{3} ')


@dataclass(frozen=True, kw_only=True)
class Request:
    """One request that reached a site."""

    time: datetime  #: UTC
    client: str  #: "address:port"
    host: str
    method: str
    path: str
    status: int
    agent: str


@dataclass(eq=False)
class UnreadableAccessLog(Refused):
    """The log holds requests that we cannot read, so silence in it would prove nothing."""

    problem: ClassVar[str] = "The ingress controller {pod} logs requests in a form that cannot be read ({fault})."
    remedy: ClassVar[str] = (
        "Set its log format to one JSON object a line: time (ISO 8601), client, host, method, path, status, agent."
    )
    pod: str
    fault: str


def parse(pod: str, lines: Iterable[str], since: datetime) -> Iterator[Request]:
    """The requests at or after `since`; the controller's own lines are passed over.

    Raises UnreadableAccessLog for a request in another format.
    """
    for line in lines:
        if line.startswith("{"):
            request = _request(pod, line)
            if request.time >= since:
                yield request
        elif _PLAIN_REQUEST.search(line):
            raise UnreadableAccessLog(pod, "not JSON")


def _request(pod: str, line: str) -> Request:
    try:
        entry = json.loads(line)
        return Request(
            time=aware("a request's time", datetime.fromisoformat(entry["time"])),
            client=str(entry["client"]),
            host=str(entry["host"]),
            method=str(entry["method"]),
            path=str(entry["path"]),
            status=int(entry["status"]),
            agent=str(entry["agent"]),
        )
    except KeyError as error:
        raise UnreadableAccessLog(pod, f"no {error}") from None
    except (ValueError, TypeError) as error:
        raise UnreadableAccessLog(pod, type(error).__name__) from None
