"""Which ports of the local site are taken, and by whom. Looks only; never ends a process."""

import errno
import socket
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import ClassVar

import psutil

from infra.local.layout import Endpoint
from switchback.domain.errors import Refused

ANY_ADDRESS = {"0.0.0.0", "::"}  # noqa: S104 - to recognise listeners, not to be one


@dataclass(eq=False)
class PortTaken(Refused):
    """Something else listens where a part of the site would."""

    problem: ClassVar[str] = "{taken}"
    remedy: ClassVar[str] = "Nothing was started. Stop the owner (make down, if it is a site's), or set {settings}."
    taken: str
    settings: str


def refuse_taken(endpoints: Iterable[Endpoint]) -> None:
    """Raise PortTaken, naming every owner and the setting that moves its port, unless all are free."""
    taken = [endpoint for endpoint in endpoints if not _free(endpoint)]
    if taken:
        lines = " ".join(f"{endpoint} is taken by {_owner(endpoint)}." for endpoint in taken)
        settings = dict.fromkeys([endpoint.setting for endpoint in taken])
        raise PortTaken(lines, ", ".join([*settings, "SWITCHBACK_LOCAL_NETWORK"]))


def _free(endpoint: Endpoint) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((endpoint.host, endpoint.port))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                return False
            raise
    return True


def _owner(endpoint: Endpoint) -> str:
    for pid in _listeners(endpoint):
        with suppress(psutil.Error):
            return f"process {pid} ({' '.join(psutil.Process(pid).cmdline())[:120]})"
    return "a process of another user"


def _listeners(endpoint: Endpoint) -> Iterator[int]:
    with suppress(psutil.AccessDenied):  # some systems tell nobody but root
        for found in psutil.net_connections(kind="tcp"):
            here = found.laddr and found.laddr.port == endpoint.port and found.laddr.ip in {endpoint.host, *ANY_ADDRESS}
            if here and found.status == psutil.CONN_LISTEN and found.pid is not None:
                yield found.pid
