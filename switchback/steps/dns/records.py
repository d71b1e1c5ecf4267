"""The record sets that decide where users are sent, as a step sees them."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from switchback.domain.errors import Refused
from switchback.settings import Environment
from switchback.systems import dns
from switchback.systems.dns import RecordSet

#: The types that decide where users go.
DECIDING = ("A", "AAAA", "CNAME")


@dataclass(frozen=True, kw_only=True)
class RecordsSeen:
    """Every record set at the services' names, and the addresses they should hold."""

    sets: tuple[RecordSet, ...]
    wanted: dict[str, tuple[str, ...]]  #: addresses by record name


@dataclass(eq=False)
class NotSwitchable(Refused):
    """A name is not held by one plain A record set (defects 23, 27)."""

    problem: ClassVar[str] = "Record {name} cannot be switched: {why}."
    remedy: ClassVar[str] = "Make it one A record set with addresses, or take it out of the descriptor."
    name: str
    why: str


def look(environment: Environment, wanted: dict[str, tuple[str, ...]]) -> RecordsSeen:
    """The sets at the names of `wanted` that decide where users go; others (TXT and the like) are left alone."""
    found = dns.open_zone(environment).record_sets(tuple(wanted))
    return RecordsSeen(sets=tuple(each for each in found if each.kind in DECIDING), wanted=wanted)


def now(environment: Environment, before: RecordsSeen) -> Iterator[tuple[RecordSet, RecordSet]]:
    """Each set as it was, and as it is; raises NotSwitchable where it is gone, or no longer the name's only one."""
    seen = look(environment, before.wanted)
    must_be_switchable(seen)
    return zip(before.sets, seen.sets, strict=True)


def must_be_switchable(seen: RecordsSeen) -> None:
    """Raise NotSwitchable unless each name is held by exactly one A record set with addresses of its own."""
    for name in seen.wanted:
        _must_be_one_a_set(name, [found for found in seen.sets if found.name == name])


def _must_be_one_a_set(name: str, sets: list[RecordSet]) -> None:
    if not sets:
        raise NotSwitchable(name, "there is no record set of that name")
    for found in sets:
        if found.kind != "A":
            raise NotSwitchable(
                name, f"there is a {found.kind} record set{f' to {found.target}' if found.target else ''}"
            )
        if found.target:
            raise NotSwitchable(name, "it is an alias of an Azure resource")
