"""One health request to one address, as a user's browser would make it if DNS said so.

Follows no redirect, uses no proxy, resolves no name: what answers is what was asked (defects 28, 30).
"""

import json
import socket
import ssl
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException
from typing import ClassVar

from switchback.domain.errors import Refused, Unreachable
from switchback.domain.model import Side
from switchback.settings import Environment, Service

AGENT = "switchback-probe"
TIMEOUT_S = 5.0
LONGEST_REPORT = 65_536  # bytes


@dataclass(frozen=True, kw_only=True)
class Health:
    """What a service says of itself."""

    service: str
    site: Side
    build: str
    database_answers: bool
    accepts_writes: bool  #: established by the service with a real write that it takes back
    certificate_not_after: datetime  #: UTC
    status: int
    latency_s: float  #: from connecting to the last byte


@dataclass(eq=False)
class CertificateExpired(Refused):
    """The certificate has ended, or ends sooner than the descriptor allows."""

    problem: ClassVar[str] = "The certificate for {host} at {address} ends on {not_after}; it must last {days} days."
    remedy: ClassVar[str] = "Renew it on that site before users are sent there."
    host: str
    address: str
    not_after: str
    days: int


@dataclass(eq=False)
class CertificateUntrusted(Refused):
    """A browser would not accept the certificate, for another reason than its age."""

    problem: ClassVar[str] = "The certificate for {host} at {address} cannot be trusted: {reason}."
    remedy: ClassVar[str] = "Install one for this host, signed by the CA that users trust (ingress.ca_file)."
    host: str
    address: str
    reason: str


@dataclass(eq=False)
class WrongSite(Refused):
    """The address belongs to the other site."""

    problem: ClassVar[str] = "{address} answers for {host} as the {found} site, not as {expected}."
    remedy: ClassVar[str] = "Compare the ingress addresses of both sites; nobody was sent there."
    host: str
    address: str
    expected: str
    found: str


@dataclass(eq=False)
class Unhealthy(Refused):
    """What answers is not a healthy service, whatever its database does."""

    problem: ClassVar[str] = "{host} at {address} is not healthy: {fact}."
    remedy: ClassVar[str] = "Look at that service and its ingress; users sent there would meet the same."
    host: str
    address: str
    fact: str


@dataclass(eq=False)
class ProbeSilent(Unreachable):
    """No complete answer within the time."""

    problem: ClassVar[str] = "{host} at {address} did not answer: {reason}."
    remedy: ClassVar[str] = "Ask again; if it stays silent, look at that site's ingress."
    host: str
    address: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class _Answer:
    status: int
    body: bytes
    not_after: datetime
    latency_s: float


def health(environment: Environment, service: Service, side: Side, address: str) -> Health:
    """Ask the service at one address of `side` how it is; changes nothing.

    A database that does not answer or write is a fact in the result, for the caller to judge: it may
    be fenced on purpose. Everything else that a user would suffer from is raised: CertificateExpired,
    CertificateUntrusted, WrongSite, Unhealthy, ProbeSilent.
    """
    host = environment.host(service)
    answer = _ask(environment, host, address)
    _must_last(environment, host, address, answer.not_after)
    found = _read(host, address, answer)
    if found.site is not side:
        raise WrongSite(host, address, side, found.site)
    if found.service != service.name:
        raise Unhealthy(host, address, f"the service there is {found.service!r}")
    if found.status != HTTPStatus.OK and found.accepts_writes:
        raise Unhealthy(host, address, f"HTTP status {found.status}, although its database takes writes")
    return found


def _ask(environment: Environment, host: str, address: str) -> _Answer:
    ingress = environment.ingress
    connection = HTTPConnection(host, timeout=TIMEOUT_S)
    trust = ssl.create_default_context(cafile=ingress.ca_file or None)
    began = time.monotonic()
    try:
        connection.sock = secured = _connect(address, ingress.port, host, trust)
        ends = str((secured.getpeercert() or {})["notAfter"])
        connection.request("GET", ingress.health, headers={"Host": host, "User-Agent": AGENT, "Connection": "close"})
        response = connection.getresponse()
        return _Answer(
            status=response.status,
            body=response.read(LONGEST_REPORT),
            not_after=datetime.fromtimestamp(ssl.cert_time_to_seconds(ends), UTC),
            latency_s=time.monotonic() - began,
        )
    except ssl.SSLCertVerificationError as error:
        _must_last(environment, host, address, _not_after(host, address, ingress.port))
        raise CertificateUntrusted(host, address, error.verify_message.rstrip(".")) from error
    except (OSError, HTTPException) as error:
        raise _silent(host, address, error) from error
    finally:
        connection.close()


def _connect(address: str, port: int, host: str, context: ssl.SSLContext) -> ssl.SSLSocket:
    plain = socket.create_connection((address, port), TIMEOUT_S)
    try:
        return context.wrap_socket(plain, server_hostname=host)
    except BaseException:
        plain.close()
        raise


def _not_after(host: str, address: str, port: int) -> datetime:
    """When the certificate ends that was just refused. Looks without trusting: nothing is sent or read."""
    from cryptography import x509

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    try:
        with _connect(address, port, host, context) as secured:
            shown = secured.getpeercert(binary_form=True)
    except OSError as error:
        raise _silent(host, address, error) from error
    return x509.load_der_x509_certificate(shown or b"").not_valid_after_utc


def _must_last(environment: Environment, host: str, address: str, not_after: datetime) -> None:
    days = environment.ingress.certificate_days
    if not_after < datetime.now(UTC) + timedelta(days=days):
        raise CertificateExpired(host, address, not_after.isoformat(timespec="seconds"), days)


def _read(host: str, address: str, answer: _Answer) -> Health:
    if answer.status not in {HTTPStatus.OK, HTTPStatus.SERVICE_UNAVAILABLE}:
        raise Unhealthy(host, address, f"HTTP status {answer.status}")
    try:
        report = json.loads(answer.body)
        return Health(
            service=str(report["service"]),
            site=Side(report["site"]),
            build=str(report["build"]),
            database_answers=report["database"]["answers"] is True,
            accepts_writes=report["database"]["accepts_writes"] is True,
            certificate_not_after=answer.not_after,
            status=answer.status,
            latency_s=answer.latency_s,
        )
    except (ValueError, KeyError, TypeError) as error:
        raise Unhealthy(host, address, f"HTTP status {answer.status} without a health report") from error


def _silent(host: str, address: str, error: Exception) -> ProbeSilent:
    reason = f"silent for {TIMEOUT_S:g} s" if isinstance(error, TimeoutError) else str(error) or type(error).__name__
    return ProbeSilent(host, address, reason)
