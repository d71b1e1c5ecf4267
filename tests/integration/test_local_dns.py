"""The local DNS servers, asked by dnspython over UDP and TCP, fed by azure-mgmt-dns."""

import time

import dns.exception
import dns.flags
import dns.message
import dns.query
import dns.rcode
import pytest
from azure.mgmt.dns.models import ARecord, CnameRecord, RecordSet, SubResource

from infra.local.layout import Endpoint
from switchback.domain.model import Side
from tests.fix_azure import AzureSite


def ask(endpoint: Endpoint, name: str, kind: str = "A", *, tcp: bool = False) -> dns.message.Message:
    """One question, one answer."""
    query = dns.query.tcp if tcp else dns.query.udp
    return query(dns.message.make_query(name, kind), endpoint.host, timeout=3, port=endpoint.port)


def texts(answer: dns.message.Message) -> list[str]:
    """The records of an answer, in their order."""
    return [item.to_text() for rrset in answer.answer for item in rrset]


def point(azure: AzureSite, name: str, *addresses: str, ttl: int = 5) -> str:
    """Makes an address set and returns its full name."""
    zone = azure.environment.dns
    wanted = RecordSet(ttl=ttl, a_records=[ARecord(ipv4_address=address) for address in addresses])
    azure.dns.record_sets.create_or_update(zone.resource_group, zone.zone, name, "A", wanted)
    return f"{name}.{zone.zone}"


@pytest.mark.parametrize("tcp", [False, True], ids=["UDP", "TCP"])
def test_the_authority_follows_the_record_set_at_once(fresh_azure: AzureSite, *, tcp: bool) -> None:
    """A change is in the next answer, with the set's own TTL and the authority's mark."""
    host = fresh_azure.environment.host(fresh_azure.environment.services[0])
    authority = fresh_azure.layout.authority
    before = ask(authority, host, tcp=tcp)
    assert texts(before) == [fresh_azure.layout.ingress(Side.OLD).host]
    assert before.flags & dns.flags.AA
    point(fresh_azure, fresh_azure.environment.record_name(fresh_azure.environment.services[0]), "192.0.2.7", ttl=7)
    after = ask(authority, host, tcp=tcp)
    assert (texts(after), after.answer[0].ttl) == (["192.0.2.7"], 7)


def test_records_keep_their_order(fresh_azure: AzureSite) -> None:
    """No rotation: the same question has the same answer."""
    addresses = ["192.0.2.3", "192.0.2.1", "192.0.2.2"]
    name = point(fresh_azure, "order", *addresses)
    assert [texts(ask(fresh_azure.layout.authority, name)) for _ in range(3)] == [addresses] * 3


def test_names_that_are_not_there_are_told_apart(fresh_azure: AzureSite) -> None:
    """No such name: NXDOMAIN. A name without that type, or above another: no data. Both with the SOA."""
    authority, zone = fresh_azure.layout.authority, fresh_azure.environment.dns.zone
    host = fresh_azure.environment.host(fresh_azure.environment.services[0])
    missing = ask(authority, f"nothing.{zone}")
    assert missing.rcode() == dns.rcode.NXDOMAIN
    for name, kind in ((host, "AAAA"), (host.split(".", 1)[1], "A"), (host, "MX")):
        answer = ask(authority, name, kind)
        assert (answer.rcode(), texts(answer)) == (dns.rcode.NOERROR, [])
        assert answer.authority[0].rdtype == dns.rdatatype.SOA
    assert missing.authority[0][0].minimum <= 5


def test_other_zones_are_refused(azure: AzureSite) -> None:
    """By the authority, and so by the resolver."""
    for endpoint in (azure.layout.authority, azure.layout.resolver):
        assert ask(endpoint, "www.elsewhere.test").rcode() == dns.rcode.REFUSED


def test_a_cname_is_followed_within_the_zone(fresh_azure: AzureSite) -> None:
    """The answer holds the alias and the address."""
    zone = fresh_azure.environment.dns
    target = point(fresh_azure, "target", "192.0.2.9")
    alias = RecordSet(ttl=5, cname_record=CnameRecord(cname=target))
    fresh_azure.dns.record_sets.create_or_update(zone.resource_group, zone.zone, "alias", "CNAME", alias)
    assert texts(ask(fresh_azure.layout.authority, f"ALIAS.{zone.zone}")) == [f"{target}.", "192.0.2.9"]


def test_the_apex_names_the_zones_servers(fresh_azure: AzureSite) -> None:
    """NS as the zone resource says; an alias set, which follows a resource, has no data here."""
    zone = fresh_azure.environment.dns
    servers = fresh_azure.dns.zones.get(zone.resource_group, zone.zone).name_servers
    assert texts(ask(fresh_azure.layout.authority, zone.zone, "NS")) == servers
    followed = RecordSet(ttl=5, target_resource=SubResource(id="/subscriptions/x"))
    fresh_azure.dns.record_sets.create_or_update(zone.resource_group, zone.zone, "followed", "A", followed)
    assert ask(fresh_azure.layout.authority, f"followed.{zone.zone}").rcode() == dns.rcode.NOERROR


def test_a_group_that_is_gone_takes_its_zone_along(fresh_azure: AzureSite) -> None:
    """The authority then refuses the zone."""
    zone = fresh_azure.environment.dns
    fresh_azure.resources.resource_groups.begin_delete(zone.resource_group).result()
    assert ask(fresh_azure.layout.authority, zone.zone, "SOA").rcode() == dns.rcode.REFUSED


@pytest.mark.parametrize("tcp", [False, True], ids=["UDP", "TCP"])
def test_the_resolver_keeps_an_answer_for_its_ttl(fresh_azure: AzureSite, *, tcp: bool) -> None:
    """It counts down, serves the old address until then and not a moment longer than the TTL."""
    resolver, label = fresh_azure.layout.resolver, f"kept-{tcp}"
    name = point(fresh_azure, label, "192.0.2.1", ttl=2)
    begun = time.monotonic()
    assert ask(resolver, name, tcp=tcp).answer[0].ttl == 2
    point(fresh_azure, label, "192.0.2.2", ttl=2)
    time.sleep(0.2)
    kept = ask(resolver, name, tcp=tcp)
    assert (texts(kept), kept.answer[0].ttl) == (["192.0.2.1"], 1)
    assert not kept.flags & dns.flags.AA
    while texts(ask(resolver, name, tcp=tcp)) == ["192.0.2.1"]:
        assert time.monotonic() - begun < 2.5
        time.sleep(0.1)
    assert time.monotonic() - begun > 1.9


def test_the_resolver_keeps_no_such_name_too(fresh_azure: AzureSite) -> None:
    """For as long as the SOA says: a name asked too early stays away for a while."""
    resolver = fresh_azure.layout.resolver
    assert ask(resolver, f"early.{fresh_azure.environment.dns.zone}").rcode() == dns.rcode.NXDOMAIN
    name = point(fresh_azure, "early", "192.0.2.1")
    assert ask(resolver, name).rcode() == dns.rcode.NXDOMAIN
    deadline = time.monotonic() + 4
    while ask(resolver, name).rcode() == dns.rcode.NXDOMAIN:
        assert time.monotonic() < deadline
        time.sleep(0.2)
    assert texts(ask(resolver, name)) == ["192.0.2.1"]
