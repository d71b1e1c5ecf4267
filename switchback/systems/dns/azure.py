"""A zone in Azure DNS. Writes whole record sets, conditionally, and only sets that hold addresses."""

from collections.abc import Iterable
from dataclasses import replace
from types import TracebackType
from typing import TYPE_CHECKING, Self

from switchback.settings import Environment
from switchback.systems import azure_errors, credentials
from switchback.systems.dns.zone import NotAddresses, RecordSet, RecordSetChanged

if TYPE_CHECKING:
    from azure.core.pipeline import PipelineResponse
    from azure.mgmt.dns import DnsManagementClient, models


def open_zone(environment: Environment) -> "AzureZone":
    """The environment's zone; contacts nobody yet. Usable as a context manager, which closes connections."""
    from azure.mgmt.dns import DnsManagementClient

    client = DnsManagementClient(
        credentials.credential(environment),
        environment.azure.subscription,
        base_url=environment.azure.management,
        credential_scopes=[credentials.management_scope(environment)],
        **credentials.client_options(environment),
    )
    return AzureZone(client, environment.dns.resource_group, environment.dns.zone)


class AzureZone:
    """One zone of Azure DNS. Every method raises AzureRefused or AzureSilent besides what it names."""

    def __init__(self, client: "DnsManagementClient", resource_group: str, zone: str) -> None:
        self._client = client
        self._resource_group = resource_group
        self._zone = zone

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._client.close()

    def record_sets(self, names: Iterable[str]) -> tuple[RecordSet, ...]:
        """Every record set, of every type, at these names, in the order of name and type."""
        wanted = {name.casefold() for name in names}
        with azure_errors.translated(f"zone {self._zone}", "list its record sets"):
            every = tuple(self._client.record_sets.list_all_by_dns_zone(self._resource_group, self._zone))
        found = (_read(record) for record in every if (record.name or "").casefold() in wanted)
        return tuple(sorted(found, key=lambda record: (record.name, record.kind)))

    def put(self, record: RecordSet) -> RecordSet:
        """Replace the whole set if its etag still is `record.etag`; with "" create it if there is none.

        Returns what Azure says it holds, with the new etag. A second call with the old etag raises
        RecordSetChanged. When an answer was lost, the write may have happened: AzureSilent, look again.
        """
        if not record.holds_addresses:
            raise NotAddresses(self._zone, record.kind, record.name, record.target)
        sent = _Attempts()
        try:
            with azure_errors.translated(f"zone {self._zone}", f"write its {record.kind} record set {record.name}"):
                written = self._client.record_sets.create_or_update(
                    self._resource_group,
                    self._zone,
                    record.name,
                    record.kind,
                    _write(record),
                    if_match=record.etag or None,
                    if_none_match=None if record.etag else "*",
                    raw_response_hook=sent.count,
                )
        except azure_errors.AzureChanged as error:
            if sent.retried:  # an earlier attempt of ours may be the one who changed it
                raise azure_errors.AzureSilent(error.where, error.what, "an answer was lost on the way") from error
            raise RecordSetChanged(self._zone, record.kind, record.name) from error
        return _read(written)

    def name_servers(self) -> tuple[str, ...]:
        """The names of the servers that answer for the zone."""
        with azure_errors.translated(f"zone {self._zone}", "read its name servers"):
            zone = self._client.zones.get(self._resource_group, self._zone)
        return tuple(server.rstrip(".") for server in zone.name_servers or ())


class _Attempts:
    """Learns from the SDK whether it sent a request more than once."""

    retried = False

    def count(self, response: "PipelineResponse[object, object]") -> None:
        self.retried = bool(response.context.get("retry_count"))


def _read(record: "models.RecordSet") -> RecordSet:
    found = RecordSet(
        name=record.name or "",
        kind=(record.type or "").rpartition("/")[2],
        ttl_s=record.ttl or 0,
        etag=record.etag or "",
        metadata=tuple(sorted((record.metadata or {}).items())),
    )
    if record.target_resource and record.target_resource.id:
        return replace(found, target=record.target_resource.id)
    if record.cname_record:
        return replace(found, target=record.cname_record.cname or "")
    addresses = [entry.ipv4_address or "" for entry in record.a_records or ()]
    addresses += [entry.ipv6_address or "" for entry in record.aaaa_records or ()]
    return replace(found, addresses=tuple(sorted(addresses)))


def _write(record: RecordSet) -> "models.RecordSet":
    from azure.mgmt.dns import models

    written = models.RecordSet(ttl=record.ttl_s, metadata=dict(record.metadata) or None)
    if record.kind == "A":
        written.a_records = [models.ARecord(ipv4_address=address) for address in record.addresses]
    else:
        written.aaaa_records = [models.AaaaRecord(ipv6_address=address) for address in record.addresses]
    return written
