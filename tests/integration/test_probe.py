"""The probe against real TLS servers: certificates, identities, and everything that can answer instead."""

import json
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
import trustme

from switchback import settings
from switchback.domain.model import Side
from switchback.settings import Environment
from switchback.systems import probe

ADDRESS = "127.0.0.1"
DEV = settings.load("dev")
CHAIN = next(service for service in DEV.services if service.name == "chain")
HOST = DEV.host(CHAIN)


def report(*, service: str = "chain", site: str = "old", answers: bool = True, writes: bool = True) -> bytes:
    """What a service says of itself."""
    database = {"answers": answers, "accepts_writes": writes}
    return json.dumps({"service": service, "site": site, "build": "b7", "database": database}).encode()


@dataclass
class Ingress:
    """A TLS server on a port of its own, and an environment in which it is the ingress."""

    certificate: trustme.LeafCert
    ca: Path
    status: int = 200
    body: bytes = field(default_factory=report)
    headers: dict[str, str] = field(default_factory=dict)
    asked: list[tuple[str, str, str]] = field(default_factory=list)  #: host, path, agent
    port: int = 0

    @property
    def environment(self) -> Environment:
        """Dev, with its ingress here."""
        here = {"port": self.port, "ca_file": str(self.ca), "certificate_days": 2}
        return replace(DEV, ingress=DEV.ingress.model_copy(update=here))

    def health(self, side: Side = Side.OLD) -> probe.Health:
        """Probe it."""
        return probe.health(self.environment, CHAIN, side, ADDRESS)

    @contextmanager
    def serving(self) -> Iterator["Ingress"]:
        """Serve until the block ends."""
        ingress = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                ingress.asked.append((self.headers["Host"], self.path, self.headers["User-Agent"]))
                self.send_response(ingress.status)
                for name, value in ingress.headers.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(ingress.body)

            def log_message(self, *_: object) -> None:
                """Tests are quiet."""

        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.certificate.configure_cert(context)
        with HTTPServer((ADDRESS, 0), Handler) as server:
            server.handle_error = lambda *_: None  # type: ignore[method-assign] # refused handshakes are the point
            server.socket = context.wrap_socket(server.socket, server_side=True)
            self.port = server.server_address[1]
            threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
            yield self
            server.shutdown()


Make = Callable[..., Ingress]


@pytest.fixture
def ca() -> trustme.CA:
    """The CA that users trust."""
    return trustme.CA()


@pytest.fixture
def make(ca: trustme.CA, tmp_path: Path) -> Make:
    """Make an ingress with a certificate for the service's host, or as told."""
    ca.cert_pem.write_to_path(tmp_path / "ca.pem")

    def made(*, host: str = HOST, days: float = 30, by: trustme.CA = ca, **answer: object) -> Ingress:
        ends = datetime.now(UTC) + timedelta(days=days)
        certificate = by.issue_cert(host, not_after=ends, not_before=ends - timedelta(days=90))
        return Ingress(certificate, tmp_path / "ca.pem", **answer)  # type: ignore[arg-type]

    return made


def test_a_healthy_service_is_read_at_the_pinned_address(make: Make) -> None:
    """SNI, Host and the certificate are the users'; the address is ours, and the name is never resolved."""
    with make().serving() as ingress:
        health = ingress.health()
    assert (health.service, health.site, health.build) == ("chain", Side.OLD, "b7")
    assert health.database_answers
    assert health.accepts_writes
    assert health.certificate_not_after > datetime.now(UTC) + timedelta(days=29)
    assert ingress.asked == [(HOST, "/health", probe.AGENT)]


@pytest.mark.parametrize("answers", [True, False])
def test_a_fenced_database_is_a_fact_for_the_caller(make: Make, *, answers: bool) -> None:
    """Before the switch old is fenced on purpose: the service answers 503 and says why."""
    with make(status=503, body=report(answers=answers, writes=False)).serving() as ingress:
        health = ingress.health()
    assert (health.status, health.database_answers, health.accepts_writes) == (503, answers, False)


@pytest.mark.parametrize("days", [-3, 1], ids=["it ended", "it ends too soon"])
def test_an_expired_certificate_is_told_with_its_date(make: Make, days: int) -> None:
    """Renewals fail on a site that DNS does not point to (defect 28)."""
    with make(days=days).serving() as ingress, pytest.raises(probe.CertificateExpired) as caught:
        ingress.health()
    assert caught.value.not_after[:10] == (datetime.now(UTC) + timedelta(days=days)).date().isoformat()


def test_an_expired_certificate_of_an_unknown_ca_is_still_told_as_expired(make: Make) -> None:
    """OpenSSL names only the first fault that it finds."""
    with make(days=-3, by=trustme.CA()).serving() as ingress, pytest.raises(probe.CertificateExpired):
        ingress.health()


def test_a_certificate_of_an_unknown_ca_is_refused(make: Make) -> None:
    """A browser would not go on."""
    with make(by=trustme.CA()).serving() as ingress, pytest.raises(probe.CertificateUntrusted) as caught:
        ingress.health()
    assert "issuer" in caught.value.reason
    assert ingress.asked == []


def test_a_certificate_for_another_host_is_refused(make: Make) -> None:
    """The message names the host that users type."""
    with (
        make(host="other.test").serving() as ingress,
        pytest.raises(probe.CertificateUntrusted, match="mismatch") as caught,
    ):
        ingress.health()
    assert HOST in str(caught.value)


def test_the_other_site_is_never_taken_for_this_one(make: Make) -> None:
    """An address of new behind old's name would keep users where they are."""
    with make(body=report(site="new")).serving() as ingress:
        assert ingress.health(Side.NEW).site is Side.NEW
        with pytest.raises(probe.WrongSite):
            ingress.health(Side.OLD)


@pytest.mark.parametrize(
    ("status", "body", "fact"),
    [
        (200, b"<html>Welcome to nginx!</html>", "without a health report"),
        (200, b'{"status": "ok"}', "without a health report"),
        (503, b"", "without a health report"),
        (404, b"default backend - 404", "HTTP status 404"),
        (302, b"", "HTTP status 302"),
        (200, report(service="publisher"), "'publisher'"),
        (503, report(), "although its database takes writes"),
    ],
    ids=["a default page", "another report", "no report", "no route", "a redirect", "another service", "another fault"],
)
def test_what_is_not_a_healthy_service_is_refused_with_the_fact(
    make: Make, status: int, body: bytes, fact: str
) -> None:
    """A status of 200 alone is no proof (defect 30), and redirects are not followed."""
    answer = make(status=status, body=body, headers={"Location": f"https://{HOST}/health"})
    with answer.serving() as ingress, pytest.raises(probe.Unhealthy, match=fact):
        ingress.health()
    assert len(ingress.asked) == 1


@contextmanager
def listening(answer: Callable[[socket.socket], None]) -> Iterator[int]:
    """A server that does `answer` to its first connection instead of speaking TLS."""
    with socket.create_server((ADDRESS, 0)) as server:
        thread = threading.Thread(target=lambda: answer(server.accept()[0]), daemon=True)
        thread.start()
        yield server.getsockname()[1]


def hang(found: socket.socket) -> None:
    """Says nothing for longer than we wait."""
    time.sleep(1)
    found.close()


def hang_up(found: socket.socket) -> None:
    """Closes at once."""
    found.close()


def speak_no_tls(found: socket.socket) -> None:
    """Answers as a plain web server does."""
    found.recv(9)
    found.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
    found.close()


@pytest.mark.parametrize(
    ("answer", "reason"),
    [(hang, r"silent for 0\.3 s"), (hang_up, "did not answer"), (speak_no_tls, "SSL")],
)
def test_silence_is_not_a_refusal(
    make: Make, monkeypatch: pytest.MonkeyPatch, answer: Callable[[socket.socket], None], reason: str
) -> None:
    """The caller asks again."""
    monkeypatch.setattr(probe, "TIMEOUT_S", 0.3)
    with listening(answer) as port, pytest.raises(probe.ProbeSilent, match=reason):
        replace(make(), port=port).health()


def test_nobody_there_is_silence(make: Make) -> None:
    """A refused connection is not a refused service."""
    with socket.create_server((ADDRESS, 0)) as server:
        port = server.getsockname()[1]
    with pytest.raises(probe.ProbeSilent, match="refused"):
        replace(make(), port=port).health()


def test_no_proxy_stands_between_the_probe_and_the_address(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    """A proxy would resolve the name for itself."""
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    with make().serving() as ingress:
        assert ingress.health().status == 200
