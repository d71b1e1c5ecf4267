"""Record sets and zones as data: what a record set may hold, under Azure's names and limits."""

import re
from collections.abc import Mapping
from enum import StrEnum
from ipaddress import IPv4Address, IPv6Address
from typing import Annotated
from uuid import uuid4

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from infra.local.azure.answers import Json, Problem, malformed
from infra.local.azure.state import Entry

RECORDS_PER_SET = 20
_LABEL = r"(?:\*|[A-Za-z0-9_](?:[-\w]{0,61}[A-Za-z0-9_])?)"
_NAME = re.compile(rf"@|{_LABEL}(?:\.{_LABEL})*")


class Kind(StrEnum):
    """The record types that the stand-in keeps."""

    A = "A"
    AAAA = "AAAA"
    CNAME = "CNAME"
    TXT = "TXT"
    NS = "NS"  # the zone's own, at its apex; fixed
    SOA = "SOA"  # likewise


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True, populate_by_name=True)


class ARecord(_Record):
    """An IPv4 address."""

    address: IPv4Address = Field(alias="ipv4Address")


class AAAARecord(_Record):
    """An IPv6 address."""

    address: IPv6Address = Field(alias="ipv6Address")


class TxtRecord(_Record):
    """A text, in parts of at most 255 characters."""

    value: tuple[Annotated[str, Field(max_length=255)], ...] = Field(min_length=1)


class NsRecord(_Record):
    """A name server."""

    host: str = Field(alias="nsdname")


class CnameRecord(_Record):
    """Another name."""

    target: str = Field(alias="cname", min_length=1)


class SoaRecord(_Record):
    """The zone's start of authority; `negative_ttl` is how long "no such name" may be kept, in seconds."""

    host: str
    email: str
    serial: int = Field(default=1, alias="serialNumber")
    refresh: int = Field(default=3600, alias="refreshTime")
    retry: int = Field(default=300, alias="retryTime")
    expire: int = Field(default=2419200, alias="expireTime")
    negative_ttl: int = Field(default=300, alias="minimumTTL")


class TargetResource(_Record):
    """The resource that an alias record set follows."""

    id: str | None = None


class Properties(_Record):
    """What a record set says. Extra fields of a request are ignored, as read-only ones come back in it."""

    ttl: int = Field(alias="TTL", ge=1, le=2147483647)
    metadata: dict[str, str] | None = None
    target: TargetResource | None = Field(default=None, alias="targetResource")
    a: tuple[ARecord, ...] | None = Field(default=None, alias="ARecords", max_length=RECORDS_PER_SET)
    aaaa: tuple[AAAARecord, ...] | None = Field(default=None, alias="AAAARecords", max_length=RECORDS_PER_SET)
    txt: tuple[TxtRecord, ...] | None = Field(default=None, alias="TXTRecords", max_length=RECORDS_PER_SET)
    ns: tuple[NsRecord, ...] | None = Field(default=None, alias="NSRecords")
    cname: CnameRecord | None = Field(default=None, alias="CNAMERecord")
    soa: SoaRecord | None = Field(default=None, alias="SOARecord")


class RecordSet(Entry):
    """All records of one name and type, replaced as a whole."""

    name: str  #: relative to the zone; "@" is the zone itself
    kind: Kind
    etag: str = Field(default_factory=lambda: str(uuid4()))
    properties: Properties


class Zone(Entry):
    """A public zone."""

    name: str
    group: str
    etag: str = Field(default_factory=lambda: str(uuid4()))
    name_servers: tuple[str, ...]
    sets: dict[str, RecordSet]  #: by `key`

    def find(self, name: str, kind: Kind) -> RecordSet | None:
        """The record set, if there is one."""
        return self.sets.get(key(name, kind))

    def named(self, name: str) -> list[RecordSet]:
        """All record sets of a name."""
        return [found for kind in Kind if (found := self.find(name, kind))]


def key(name: str, kind: Kind) -> str:
    """Where a zone keeps a record set."""
    return f"{kind}/{name}".lower()


def parse(name: str, kind: Kind, properties: Mapping[str, object]) -> RecordSet:
    """The record set that a request describes; a 400 that says what Azure would not take."""
    try:
        parsed = Properties.model_validate(properties)
    except ValidationError as error:
        raise malformed(error) from error
    held = {field for field in Kind if getattr(parsed, field.lower())}
    alias = parsed.target is not None and parsed.target.id
    if not _NAME.fullmatch(name):
        raise Problem(400, "BadRequest", f"The record set name '{name}' is not valid.")
    if held - {kind}:
        raise Problem(400, "BadRequest", f"A record set of type {kind} cannot hold {', '.join(held - {kind})} records.")
    if alias and held:
        raise Problem(400, "BadRequest", "A record set cannot have both records and a target resource.")
    if not alias and not held:
        raise Problem(400, "BadRequest", "The record set has no records.")
    if kind is Kind.CNAME and name == "@":
        raise Problem(400, "BadRequest", "A CNAME record set cannot be made at the zone apex.")
    records = getattr(parsed, kind.lower())
    if isinstance(records, tuple) and len(set(records)) < len(records):
        raise Problem(400, "BadRequest", "The record set holds the same record twice.")
    return RecordSet(name=name, kind=kind, properties=parsed)


def wire(record_set: RecordSet) -> Json:
    """A record set's properties under Azure's names, only those that it has."""
    return record_set.properties.model_dump(mode="json", by_alias=True, exclude_none=True)
