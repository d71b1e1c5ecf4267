"""What name servers say. Asks one server one question; no caches, no system resolver in between."""

import socket
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from switchback.domain.errors import Unreachable
from switchback.settings import Environment
from switchback.systems.dns.azure import open_zone

if TYPE_CHECKING:
    from dns.message import Message

TIMEOUT_S = 2.0
KIND = "A"  #: of record sets: the descriptor's names have no others
ATTEMPTS = 2  # a lost datagram is not a dead server


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What one server says about one name."""

    addresses: tuple[str, ...]  #: sorted; empty when the name does not exist or has no addresses
    ttl_s: int  #: how long it may be cached: the shortest of the chain; 0 when empty


@dataclass(eq=False)
class NameServerSilent(Unreachable):
    """A name server gave no answer that can be used."""

    problem: ClassVar[str] = "The name server {server} did not answer for {name}: {reason}."
    remedy: ClassVar[str] = "Ask again, or ask another server."
    server: str
    name: str
    reason: str


def answers(server: str, name: str) -> Answer:
    """Ask `server` ("address:port") for the addresses of `name`, over UDP and, when truncated, TCP.

    A name that does not exist is an empty answer. Raises NameServerSilent after two timeouts, or
    when the server fails or refuses.
    """
    import dns.rcode

    reply = _ask(server, name)
    if reply.rcode() not in {dns.rcode.NOERROR, dns.rcode.NXDOMAIN}:
        raise NameServerSilent(server, name, f"it says {dns.rcode.to_text(reply.rcode())}")
    sets = [rrset for rrset in reply.answer if rrset.rdtype.name in {KIND, "CNAME"}]
    addresses = sorted(record.to_text() for rrset in sets if rrset.rdtype.name == KIND for record in rrset)
    return Answer(
        addresses=tuple(addresses),
        ttl_s=min((rrset.ttl for rrset in sets), default=0),
    )


def authorities(environment: Environment) -> tuple[str, ...]:
    """The zone's own servers as "address:port": the descriptor's, else those that Azure names, at port 53."""
    if environment.dns.authorities:
        return environment.dns.authorities
    with open_zone(environment) as zone:
        return tuple(f"{_address_of(server, environment.dns.zone)}:53" for server in zone.name_servers())


def _ask(server: str, name: str) -> "Message":
    import dns.exception
    import dns.message
    import dns.query

    host, _, port = server.rpartition(":")
    question = dns.message.make_query(name, KIND)
    for attempt in range(1, ATTEMPTS + 1):
        try:
            reply, _used_tcp = dns.query.udp_with_fallback(question, host.strip("[]"), TIMEOUT_S, int(port))
        except dns.exception.Timeout as error:
            if attempt == ATTEMPTS:
                raise NameServerSilent(server, name, f"silent for {ATTEMPTS} times {TIMEOUT_S:g} s") from error
        except (dns.exception.DNSException, OSError, EOFError) as error:
            raise NameServerSilent(server, name, f"{type(error).__name__}: {error}") from error
        else:
            return reply
    raise AssertionError(ATTEMPTS)  # the last attempt returned or raised


def _address_of(server: str, zone: str) -> str:
    try:
        found = socket.getaddrinfo(server, 53, socket.AF_INET, socket.SOCK_DGRAM)
    except socket.gaierror as error:
        raise NameServerSilent(server, zone, f"its own address is unknown ({error.strerror})") from error
    return str(found[0][4][0])
