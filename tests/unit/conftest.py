"""Unit tests reach no network: whoever tries is told so."""

import socket
from typing import NoReturn

import pytest


@pytest.fixture(autouse=True)
def _no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Connecting or resolving fails at once, on loopback too."""

    def refuse(*_asked: object, **_options: object) -> NoReturn:
        pytest.fail("A unit test reached for the network; it belongs in tests/integration.")

    for name in ("connect", "connect_ex", "sendto"):
        monkeypatch.setattr(socket.socket, name, refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
