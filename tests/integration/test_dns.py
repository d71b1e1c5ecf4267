"""The zone and its servers, through the real SDK and real DNS."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from socketserver import BaseRequestHandler, UDPServer

import dns.message
import pytest
from azure.mgmt.dns.models import AaaaRecord, CnameRecord, TxtRecord
from azure.mgmt.dns.models import RecordSet as AzureRecordSet

from infra.local.azure.faults import Fault
from switchback.domain.errors import Unreachable
from switchback.systems import credentials
from switchback.systems import dns as ours
from switchback.systems.azure_errors import AzureDenied, AzureNotFound, AzureSilent
from switchback.systems.dns import RecordSet, RecordSetChanged
from tests.fix_azure import AzureSite


@pytest.fixture
def zone(fresh_azure: AzureSite, monkeypatch: pytest.MonkeyPatch) -> Iterator[ours.AzureZone]:
    """The environment's zone as it was seeded, asked again without much waiting."""
    monkeypatch.setattr(credentials, "BACKOFF_S", 0.01)
    with ours.open_zone(fresh_azure.environment) as opened:
        yield opened


def first(azure: AzureSite, zone: ours.AzureZone) -> RecordSet:
    """The first service's record set as it is now."""
    (found,) = zone.record_sets([azure.environment.record_name(azure.environment.services[0])])
    return found


def put_directly(azure: AzureSite, name: str, kind: str, content: AzureRecordSet) -> None:
    """Somebody else writes to the zone."""
    azure.dns.record_sets.create_or_update(
        azure.environment.dns.resource_group, azure.environment.dns.zone, name, kind, content
    )


def writes(azure: AzureSite) -> int:
    """How many PUTs the zone has received."""
    return sum(call.method == "PUT" and "/dnszones/" in call.path.lower() for call in azure.faults.calls())


def test_every_set_of_every_type_at_the_names_is_read(zone: ours.AzureZone, fresh_azure: AzureSite) -> None:
    """AAAA sets would go on sending users to the other site (defect 27); neighbours are not ours."""
    put_directly(
        fresh_azure, "www", "AAAA", AzureRecordSet(ttl=9, aaaa_records=[AaaaRecord(ipv6_address="2001:db8::1")])
    )
    put_directly(fresh_azure, "www", "TXT", AzureRecordSet(ttl=9, txt_records=[TxtRecord(value=["x"])]))
    put_directly(
        fresh_azure, "alias", "CNAME", AzureRecordSet(ttl=9, cname_record=CnameRecord(cname="www.example.org"))
    )
    found = zone.record_sets(["WWW", "alias"])
    assert [(record.name, record.kind, record.target) for record in found] == [
        ("alias", "CNAME", "www.example.org"),
        ("www", "AAAA", ""),
        ("www", "TXT", ""),
    ]
    assert found[1].addresses == ("2001:db8::1",)
    assert [record.holds_addresses for record in found] == [False, True, False]


def test_a_whole_set_is_replaced_and_its_metadata_kept(zone: ours.AzureZone, fresh_azure: AzureSite) -> None:
    """Two addresses become two others, none is left behind (defect 23); what is there is reported."""
    before = first(fresh_azure, zone)
    wanted = replace(before, addresses=("192.0.2.1", "192.0.2.2"), ttl_s=7, metadata=(("owner", "web"),))
    written = zone.put(wanted)
    assert written == replace(wanted, etag=written.etag)
    after = zone.put(replace(written, addresses=("192.0.2.3",)))
    assert first(fresh_azure, zone) == after
    assert (after.addresses, after.metadata) == (("192.0.2.3",), (("owner", "web"),))


def test_a_set_that_someone_else_changed_is_left_alone(zone: ours.AzureZone, fresh_azure: AzureSite) -> None:
    """The refusal names the set (defect 25)."""
    seen = first(fresh_azure, zone)
    theirs = zone.put(replace(seen, addresses=("192.0.2.9",)))
    with pytest.raises(RecordSetChanged, match=f"{seen.name} .*changed by someone else"):
        zone.put(replace(seen, addresses=("192.0.2.1",)))
    assert first(fresh_azure, zone) == theirs


def test_a_set_is_created_only_when_there_is_none(zone: ours.AzureZone) -> None:
    """An empty etag means: it must not exist."""
    wanted = RecordSet(name="fresh", kind="AAAA", ttl_s=5, addresses=("2001:db8::2",))
    assert zone.put(wanted).etag
    with pytest.raises(RecordSetChanged):
        zone.put(wanted)


def test_a_write_whose_answer_was_lost_is_not_blamed_on_others(zone: ours.AzureZone, fresh_azure: AzureSite) -> None:
    """The SDK asks again and meets its own write: that is silence, and the write is there."""
    seen = first(fresh_azure, zone)
    fresh_azure.faults.add(Fault.LOSE, method="PUT", path="/dnszones/")
    with pytest.raises(AzureSilent):
        zone.put(replace(seen, addresses=("192.0.2.1",)))
    assert first(fresh_azure, zone).addresses == ("192.0.2.1",)


@pytest.mark.parametrize("fault", [Fault.ERROR, Fault.DROP, Fault.THROTTLE])
def test_a_write_that_was_not_done_is_done_on_asking_again(
    zone: ours.AzureZone, fresh_azure: AzureSite, fault: Fault
) -> None:
    """One bad answer does not stop a way back; Retry-After is honoured."""
    seen = first(fresh_azure, zone)
    fresh_azure.faults.add(fault, method="PUT", path="/dnszones/", seconds=1)
    assert zone.put(replace(seen, addresses=("192.0.2.1",))).addresses == ("192.0.2.1",)


def test_what_azure_keeps_failing_is_silence_after_a_few_attempts(zone: ours.AzureZone, fresh_azure: AzureSite) -> None:
    """Nothing was written."""
    seen = first(fresh_azure, zone)
    fresh_azure.faults.add(Fault.ERROR, method="PUT", path="/dnszones/", times=None)
    before = writes(fresh_azure)
    with pytest.raises(Unreachable):
        zone.put(replace(seen, addresses=("192.0.2.1",)))
    assert writes(fresh_azure) - before == 4
    fresh_azure.faults.clear()
    assert first(fresh_azure, zone) == seen


def test_a_denied_write_is_refused_at_once(zone: ours.AzureZone, fresh_azure: AzureSite) -> None:
    """403 stays 403."""
    seen = first(fresh_azure, zone)
    fresh_azure.faults.add(Fault.DENY, method="PUT", path="/dnszones/", times=None)
    before = writes(fresh_azure)
    with pytest.raises(AzureDenied, match=seen.name):
        zone.put(replace(seen, addresses=("192.0.2.1",)))
    assert writes(fresh_azure) - before == 1


def test_a_zone_that_is_not_there_is_refused_by_name(fresh_azure: AzureSite) -> None:
    """A wrong descriptor, not an empty zone."""
    here = fresh_azure.environment
    elsewhere = replace(here, dns=here.dns.model_copy(update={"zone": "nowhere.test"}))
    with ours.open_zone(elsewhere) as zone, pytest.raises(AzureNotFound, match=r"nowhere\.test"):
        zone.record_sets(["www"])


def test_name_servers_come_from_the_zone(zone: ours.AzureZone) -> None:
    """Without the final dot."""
    assert zone.name_servers() == tuple(f"ns{number}-01.azure-dns.test" for number in range(1, 5))


def test_an_authority_follows_the_record_sets(zone: ours.AzureZone, fresh_azure: AzureSite) -> None:
    """Its answer carries the set's TTL."""
    seen = first(fresh_azure, zone)
    zone.put(replace(seen, addresses=("192.0.2.2", "192.0.2.1"), ttl_s=5))
    (server,) = ours.authorities(fresh_azure.environment)
    host = fresh_azure.environment.host(fresh_azure.environment.services[0])
    assert ours.answers(server, host) == ours.Answer(addresses=("192.0.2.1", "192.0.2.2"), ttl_s=5)


def test_a_name_that_does_not_exist_is_an_empty_answer(fresh_azure: AzureSite) -> None:
    """It is no error of the server's."""
    (server,) = ours.authorities(fresh_azure.environment)
    assert ours.answers(server, f"nope.{fresh_azure.environment.dns.zone}").addresses == ()


def test_a_server_that_refuses_is_silent_for_us(fresh_azure: AzureSite) -> None:
    """It is not the place to learn anything about that name."""
    (server,) = ours.authorities(fresh_azure.environment)
    with pytest.raises(Unreachable, match="REFUSED"):
        ours.answers(server, "www.example.org")


@contextmanager
def name_server(answer: Callable[[bytes], bytes | None]) -> Iterator[str]:
    """A name server on UDP that answers what it is told."""

    class Handler(BaseRequestHandler):
        def handle(self) -> None:
            question, server = self.request
            if reply := answer(question):
                server.sendto(reply, self.client_address)

    with UDPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        yield f"127.0.0.1:{server.server_address[1]}"
        server.shutdown()


def test_a_lost_datagram_is_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first question vanishes, the second is answered; a server that never answers is silent."""
    monkeypatch.setattr("switchback.systems.dns.servers.TIMEOUT_S", 0.2)
    asked: list[bytes] = []

    def second_time(question: bytes) -> bytes | None:
        asked.append(question)
        return dns.message.make_response(dns.message.from_wire(question)).to_wire() if len(asked) == 2 else None

    with name_server(second_time) as server:
        assert ours.answers(server, "www.test").addresses == ()
        with pytest.raises(ours.NameServerSilent, match=r"silent for 2 times 0\.2 s"):
            ours.answers(server, "www.test")
    assert len(asked) == 4


def test_garbage_is_not_an_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nor is it a crash."""
    monkeypatch.setattr("switchback.systems.dns.servers.TIMEOUT_S", 0.2)
    with name_server(lambda _question: b"garbage") as server, pytest.raises(ours.NameServerSilent):
        ours.answers(server, "www.test")
