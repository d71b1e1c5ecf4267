"""The local site's DNS: an authoritative server over live record sets, and a caching resolver in front of it.

The authority holds no data: each answer is read from the control plane's record sets, so a change
there is in the next answer. The resolver keeps answers, also negative ones, for as long as their TTL
says and counts down, as users' resolvers do. Both serve UDP and TCP; records keep their order.
"""

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from dnslib import AAAA, CNAME, NS, QTYPE, RCODE, RD, RR, SOA, TXT, A, DNSError, DNSRecord
from dnslib.server import BaseResolver, DNSHandler, DNSLogger, DNSServer

from infra.local.azure.records import Kind, RecordSet, SoaRecord, Zone
from infra.local.layout import Endpoint, Layout

_ALIASES = 8  #: a CNAME chain longer than this is a loop
_PATIENCE_S = 2.0


class Authority(BaseResolver):  # type: ignore[misc] # dnslib ships no types
    """Answers for the zones it is given, and refuses all others."""

    def __init__(self, zones: Callable[[], Iterable[Zone]]) -> None:
        self._zones = zones

    def resolve(self, request: DNSRecord, _handler: DNSHandler) -> DNSRecord:
        """What the record sets say now; the SOA when they say nothing."""
        reply = request.reply(ra=0, aa=1)
        asked = str(request.q.qname).rstrip(".").lower()
        zone = self._zone(asked)
        if zone is None:
            reply.header.aa, reply.header.rcode = 0, RCODE.REFUSED
            return reply
        for _ in range(_ALIASES):
            name = _relative(asked, zone)
            alias = zone.find(name, Kind.CNAME)
            found = zone.find(name, Kind(word)) if (word := QTYPE[request.q.qtype]) in list(Kind) else None
            for each in _records(found or alias, asked):
                reply.add_answer(each)
            if found or not alias:
                break
            asked = str(reply.rr[-1].rdata.label).rstrip(".").lower()
            if self._zone(asked) is not zone:
                return reply
        if not found:
            reply.header.rcode = RCODE.NOERROR if _known(name, zone) else RCODE.NXDOMAIN
            reply.add_auth(*_records(zone.find("@", Kind.SOA), zone.name))
        return reply

    def _zone(self, asked: str) -> Zone | None:
        matching = [zone for zone in self._zones() if f".{asked}".endswith(f".{zone.name.lower()}")]
        return max(matching, key=lambda zone: len(zone.name), default=None)


def _relative(asked: str, zone: Zone) -> str:
    return asked[: -len(zone.name)].rstrip(".") or "@"


def _known(name: str, zone: Zone) -> bool:
    names = {each.name.lower() for each in zone.sets.values()}
    return name in names or any(each.endswith(f".{name}") for each in names)


def _records(record_set: RecordSet | None, name: str) -> Iterator[RR]:
    if record_set is not None:
        kind = getattr(QTYPE, record_set.kind)
        for data in _data(record_set):
            yield RR(name, kind, rdata=data, ttl=record_set.properties.ttl)


def _data(record_set: RecordSet) -> Iterator[RD]:
    held = record_set.properties
    yield from (A(str(record.address)) for record in held.a or ())
    yield from (AAAA(str(record.address)) for record in held.aaaa or ())
    yield from (TXT([part.encode() for part in record.value]) for record in held.txt or ())
    yield from (NS(record.host) for record in held.ns or ())
    if held.cname:
        yield CNAME(held.cname.target)
    if held.soa:
        yield _soa(held.soa)


def _soa(soa: SoaRecord) -> RD:
    return SOA(soa.host, soa.email, (soa.serial, soa.refresh, soa.retry, soa.expire, soa.negative_ttl))


@dataclass(frozen=True, kw_only=True)
class _Kept:
    answer: DNSRecord
    at: float

    def life(self) -> float:
        """For how many seconds the answer may be kept; an error not at all."""
        if self.answer.rr:
            return float(min(record.ttl for record in self.answer.rr))
        negative = [min(each.ttl, each.rdata.times[4]) for each in self.answer.auth if each.rtype == QTYPE.SOA]
        return float(min(negative, default=0))


class CachingResolver(BaseResolver):  # type: ignore[misc] # dnslib ships no types
    """Asks one authority and keeps its answers until their TTL has run down."""

    def __init__(self, authority: Endpoint) -> None:
        self._authority = authority
        self._kept: dict[tuple[str, int], _Kept] = {}

    def resolve(self, request: DNSRecord, _handler: DNSHandler) -> DNSRecord:
        """The kept or fetched answer with what is left of its TTLs; SERVFAIL when the authority is silent."""
        reply = request.reply(ra=1, aa=0)
        key = (str(request.q.qname).lower(), request.q.qtype)
        now = time.monotonic()
        kept = self._kept.get(key)
        if kept is None or now - kept.at >= kept.life():
            try:
                kept = self._kept[key] = _Kept(answer=self._ask(request), at=now)
            except (OSError, DNSError):
                reply.header.rcode = RCODE.SERVFAIL
                return reply
        reply.header.rcode = kept.answer.header.rcode
        age = now - kept.at
        reply.add_answer(*(_aged(record, age) for record in kept.answer.rr))
        reply.add_auth(*(_aged(record, age) for record in kept.answer.auth))
        return reply

    def _ask(self, request: DNSRecord) -> DNSRecord:
        question = DNSRecord(q=request.q)
        host, port = self._authority.host, self._authority.port
        answer = DNSRecord.parse(question.send(host, port, timeout=_PATIENCE_S))
        if answer.header.tc:
            answer = DNSRecord.parse(question.send(host, port, tcp=True, timeout=_PATIENCE_S))
        return answer


def _aged(record: RR, age: float) -> RR:
    return RR(record.rname, record.rtype, record.rclass, int(record.ttl - age), record.rdata)


class _Handler(DNSHandler):  # type: ignore[misc] # dnslib ships no types
    udplen = 1232  # a longer answer is cut, and asked for again by TCP


@contextmanager
def serving(layout: Layout, zones: Callable[[], Iterable[Zone]]) -> Iterator[None]:
    """Both servers answer while the block runs. Raises OSError when an address is taken."""
    with ExitStack() as stack:
        parts = ((Authority(zones), layout.authority), (CachingResolver(layout.authority), layout.resolver))
        for resolver, endpoint in parts:
            for tcp in (True, False):  # TCP first: a second UDP server would share the port, and nobody would know
                stack.enter_context(_server(resolver, endpoint, tcp=tcp))
        yield


@contextmanager
def _server(resolver: BaseResolver, endpoint: Endpoint, *, tcp: bool) -> Iterator[None]:
    silent = DNSLogger("-request,-reply,-truncated,-error")
    server = DNSServer(resolver, endpoint.host, endpoint.port, tcp, silent, _Handler)
    server.start_thread()
    try:
        yield
    finally:
        server.stop()
        server.server.server_close()
