"""DNS zones and record sets of the stand-in, driven by azure-mgmt-dns."""

import pytest
from azure.core.exceptions import HttpResponseError, ResourceExistsError, ResourceNotFoundError
from azure.mgmt.dns.models import AaaaRecord, ARecord, CnameRecord, RecordSet, SubResource, TxtRecord

from tests.fix_azure import AzureSite

ADDRESS = ARecord(ipv4_address="192.0.2.1")


def status(azure: AzureSite, wanted: RecordSet, name: str = "www", kind: str = "A") -> int | None:
    """The status with which a PUT is refused."""
    with pytest.raises(HttpResponseError) as caught:
        put(azure, wanted, name, kind)
    return caught.value.status_code


def put(azure: AzureSite, wanted: RecordSet, name: str = "www", kind: str = "A", **conditions: str) -> RecordSet:
    """Creates or replaces a record set."""
    dns = azure.environment.dns
    return azure.dns.record_sets.create_or_update(dns.resource_group, dns.zone, name, kind, wanted, **conditions)


def get(azure: AzureSite, name: str = "www", kind: str = "A") -> RecordSet:
    """The record set as it is."""
    dns = azure.environment.dns
    return azure.dns.record_sets.get(dns.resource_group, dns.zone, name, kind)


def test_the_zone_begins_with_every_service_on_old(fresh_azure: AzureSite) -> None:
    """One address set a service, and the zone's own NS and SOA."""
    dns, zone = fresh_azure.environment.dns, fresh_azure.dns.zones
    found = list(fresh_azure.dns.record_sets.list_all_by_dns_zone(dns.resource_group, dns.zone))
    wanted = {fresh_azure.environment.record_name(service) for service in fresh_azure.environment.services}
    assert {each.name for each in found if each.type.endswith("/A")} == wanted
    assert {each.name for each in found if each.type.endswith(("/NS", "/SOA"))} == {"@"}
    assert zone.get(dns.resource_group, dns.zone).number_of_record_sets == len(found)


def test_a_stale_etag_changes_nothing(fresh_azure: AzureSite) -> None:
    """412, and the record set stays as the other writer left it."""
    first = put(fresh_azure, RecordSet(ttl=5, a_records=[ADDRESS]))
    second = put(fresh_azure, RecordSet(ttl=6, a_records=[ADDRESS]), if_match=first.etag)
    assert second.etag != first.etag
    with pytest.raises(HttpResponseError) as caught:
        put(fresh_azure, RecordSet(ttl=7, a_records=[ADDRESS]), if_match=first.etag)
    assert caught.value.status_code == 412
    assert get(fresh_azure).ttl == 6
    dns = fresh_azure.environment.dns
    with pytest.raises(HttpResponseError, match="PreconditionFailed"):
        fresh_azure.dns.record_sets.delete(dns.resource_group, dns.zone, "www", "A", if_match=first.etag)


def test_if_none_match_only_creates(fresh_azure: AzureSite) -> None:
    """The second creation is refused with 412, and If-Match * needs an existing set."""
    put(fresh_azure, RecordSet(ttl=5, a_records=[ADDRESS]), if_none_match="*")
    with pytest.raises(HttpResponseError, match="PreconditionFailed"):
        put(fresh_azure, RecordSet(ttl=5, a_records=[ADDRESS]), if_none_match="*")
    with pytest.raises(HttpResponseError, match="PreconditionFailed"):
        put(fresh_azure, RecordSet(ttl=5, a_records=[ADDRESS]), name="other", if_match="*")


def test_a_patch_changes_only_what_it_names(fresh_azure: AzureSite) -> None:
    """The addresses stay when the TTL and the metadata change; a missing set is a 404."""
    put(fresh_azure, RecordSet(ttl=60, a_records=[ADDRESS]))
    dns = fresh_azure.environment.dns
    change = RecordSet(ttl=5, metadata={"rollback-id": "r1"})
    fresh_azure.dns.record_sets.update(dns.resource_group, dns.zone, "www", "A", change)
    after = get(fresh_azure)
    assert (after.ttl, after.metadata, after.a_records[0].ipv4_address) == (5, {"rollback-id": "r1"}, "192.0.2.1")
    with pytest.raises(ResourceNotFoundError):
        fresh_azure.dns.record_sets.update(dns.resource_group, dns.zone, "nothing", "A", change)


def test_a_delete_is_done_once(fresh_azure: AzureSite) -> None:
    """The second delete finds nothing and is not an error; a get then is."""
    put(fresh_azure, RecordSet(ttl=5, a_records=[ADDRESS]))
    dns = fresh_azure.environment.dns
    for _ in range(2):
        fresh_azure.dns.record_sets.delete(dns.resource_group, dns.zone, "www", "A")
    with pytest.raises(ResourceNotFoundError) as caught:
        get(fresh_azure)
    assert caught.value.error.code == "NotFound"


def test_a_cname_stands_alone(fresh_azure: AzureSite) -> None:
    """Neither a CNAME beside an address, nor an address beside a CNAME, nor one at the apex."""
    alias = RecordSet(ttl=5, cname_record=CnameRecord(cname="elsewhere.test"))
    put(fresh_azure, RecordSet(ttl=5, a_records=[ADDRESS]))
    with pytest.raises(ResourceExistsError, match="Conflict"):
        put(fresh_azure, alias, kind="CNAME")
    put(fresh_azure, alias, name="alias", kind="CNAME")
    assert status(fresh_azure, RecordSet(ttl=5, a_records=[ADDRESS]), name="alias") == 409
    assert status(fresh_azure, alias, name="@", kind="CNAME") == 400


@pytest.mark.parametrize(
    "wanted",
    [
        RecordSet(ttl=0, a_records=[ADDRESS]),
        RecordSet(ttl=2**31, a_records=[ADDRESS]),
        RecordSet(a_records=[ADDRESS]),
        RecordSet(ttl=5, a_records=[]),
        RecordSet(ttl=5, a_records=[ARecord(ipv4_address="300.1.1.1")]),
        RecordSet(ttl=5, a_records=[ADDRESS, ADDRESS]),
        RecordSet(ttl=5, a_records=[ARecord(ipv4_address=f"192.0.2.{n}") for n in range(21)]),
        RecordSet(ttl=5, txt_records=[TxtRecord(value=["text"])]),
        RecordSet(ttl=5, a_records=[ADDRESS], target_resource=SubResource(id="/subscriptions/x")),
    ],
    ids=["no ttl at all", "long ttl", "ttl missing", "empty", "no address", "twice", "too many", "wrong type", "both"],
)
def test_what_azure_would_not_take_is_a_400(fresh_azure: AzureSite, wanted: RecordSet) -> None:
    """And nothing is written."""
    assert status(fresh_azure, wanted) == 400
    with pytest.raises(ResourceNotFoundError):
        get(fresh_azure)


def test_other_types_come_back_as_they_were_put(fresh_azure: AzureSite) -> None:
    """AAAA, TXT and an alias set keep their content."""
    put(fresh_azure, RecordSet(ttl=5, aaaa_records=[AaaaRecord(ipv6_address="2001:db8::1")]), kind="AAAA")
    put(fresh_azure, RecordSet(ttl=5, txt_records=[TxtRecord(value=["one", "two"])]), kind="TXT")
    put(fresh_azure, RecordSet(ttl=5, target_resource=SubResource(id="/subscriptions/x")), name="alias")
    assert get(fresh_azure, kind="AAAA").aaaa_records[0].ipv6_address == "2001:db8::1"
    assert get(fresh_azure, kind="TXT").txt_records[0].value == ["one", "two"]
    assert get(fresh_azure, name="alias").target_resource.id == "/subscriptions/x"
    assert get(fresh_azure, name="alias").a_records is None


def test_a_list_comes_in_pages(fresh_azure: AzureSite) -> None:
    """The SDK follows the links, and sees each set once."""
    dns = fresh_azure.environment.dns
    pages = list(fresh_azure.dns.record_sets.list_by_dns_zone(dns.resource_group, dns.zone, top=2).by_page())
    names = [each.fqdn + each.type for page in pages for each in page]
    assert (len(pages), len(names), len(set(names))) == (3, 5, 5)


def test_a_missing_zone_is_not_found(fresh_azure: AzureSite) -> None:
    """With ARM's own code."""
    with pytest.raises(ResourceNotFoundError) as caught:
        fresh_azure.dns.zones.get(fresh_azure.environment.dns.resource_group, "other.test")
    assert caught.value.error.code == "ResourceNotFound"


def test_record_sets_survive_a_crash(fresh_azure: AzureSite) -> None:
    """A killed stand-in that starts again has every record set, with its etag."""
    made = put(fresh_azure, RecordSet(ttl=5, a_records=[ADDRESS]))
    fresh_azure.kill()
    fresh_azure.start()
    assert get(fresh_azure).etag == made.etag
