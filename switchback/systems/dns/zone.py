"""What a zone holds, in our words."""

from dataclasses import dataclass
from typing import ClassVar

from switchback.domain.errors import Refused

#: The record types that send users to an address.
ADDRESS_KINDS = ("A", "AAAA")


@dataclass(frozen=True, kw_only=True)
class RecordSet:
    """All records of one type at one name: read and written as a whole (defect 23)."""

    name: str  #: relative to the zone
    kind: str  #: "A", "AAAA", "CNAME", "TXT", ...
    ttl_s: int
    addresses: tuple[str, ...] = ()  #: of an A or AAAA set
    target: str = ""  #: what a CNAME names, or the resource that an alias set follows
    etag: str = ""  #: the version we saw; "" when the set does not exist
    metadata: tuple[tuple[str, str], ...] = ()  #: key and value pairs that Azure keeps beside the records

    @property
    def holds_addresses(self) -> bool:
        """Whether the set is a list of addresses, and so can be pointed elsewhere by writing others."""
        return self.kind in ADDRESS_KINDS and not self.target


@dataclass(eq=False)
class RecordSetChanged(Refused):
    """The record set is not the one that was planned with (412)."""

    problem: ClassVar[str] = "The {kind} record set {name} in {zone} was changed by someone else since it was read."
    remedy: ClassVar[str] = "Nothing was written to it. Find out who changes it, then plan again."
    zone: str
    kind: str
    name: str


@dataclass(eq=False)
class NotAddresses(Refused):
    """The record set is a CNAME, an alias, or another type that we do not write."""

    problem: ClassVar[str] = "The {kind} record set {name} in {zone} is not a list of addresses (it names {target!r})."
    remedy: ClassVar[str] = "Move it by hand, or replace it by an A record set before the next cutover."
    zone: str
    kind: str
    name: str
    target: str
