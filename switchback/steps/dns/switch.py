"""Sending users to a site: whole record sets, conditionally, all of them or none."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

from switchback.domain.errors import HalfDone, Refused, SwitchbackError, Unreachable
from switchback.domain.model import Change, Plan, Side
from switchback.settings import Environment
from switchback.steps.dns import records
from switchback.steps.dns.records import RecordsSeen
from switchback.systems import dns, kubernetes
from switchback.systems.dns import RecordSet


@dataclass(eq=False)
class ChangedSincePlan(Refused):
    """Somebody else changed a record set after people saw the plan."""

    problem: ClassVar[str] = "Record {name} is not as it was when the plan was made: {planned} then, {seen} now."
    remedy: ClassVar[str] = "Find out who changed it, then plan and approve again."
    name: str
    planned: str
    seen: str


@dataclass(eq=False)
class RecordsHalfSwitched(HalfDone):
    """Some record sets were switched, and could not be put back."""

    problem: ClassVar[str] = "Switched but not put back after a failure: {names}."
    remedy: ClassVar[str] = "Resume to switch the rest, or switchback undo to put these back."
    names: str


class SendUsersTo:
    """All services' record sets point to one site's ingress addresses: whole sets, If-Match, all or none."""

    facts = RecordsSeen

    def __init__(self, environment: Environment, side: Side) -> None:
        self._environment = environment
        self._side = side

    @property
    def name(self) -> str:
        """See Step."""
        return f"send users to {self._side}"

    def look(self) -> RecordsSeen:
        """See Step. The addresses are those of each host's own ingress, never of the first one (defect 22)."""
        environment = self._environment
        names = {environment.host(service): environment.record_name(service) for service in environment.services}
        addresses = kubernetes.open_cluster(environment, self._side).ingress_addresses(tuple(names))
        return records.look(environment, {names[host]: found for host, found in addresses.items()})

    def plan(self, seen: RecordsSeen) -> Plan:
        """See Step."""
        return Plan(title=self.name, changes=tuple(_change(found, seen) for found in _off(seen)))

    def refuse_if_unsafe(self, seen: RecordsSeen, planned: RecordsSeen | None) -> None:
        """See Step. Raises NotSwitchable or ChangedSincePlan."""
        records.must_be_switchable(seen)
        if planned is not None:
            if planned.wanted != seen.wanted:
                raise ChangedSincePlan("addresses of the ingress", str(planned.wanted), str(seen.wanted))
            for then, now in zip(planned.sets, seen.sets, strict=True):
                if _content(now) not in (_content(then), _content(_switched(then, seen))):
                    raise ChangedSincePlan(now.name, _words(then), _words(now))

    def apply(self, seen: RecordsSeen) -> None:
        """See Step. When one set cannot be switched, those switched by this call are put back (defect 24).

        Raises RecordSetChanged; RecordsHalfSwitched when putting back failed; Unreachable, after which the
        next call looks again at what has happened.
        """
        zone = dns.open_zone(self._environment)
        done: list[tuple[RecordSet, RecordSet]] = []
        try:
            for found in _off(seen):
                done.append((found, zone.put(_switched(found, seen))))  # noqa: PERF401 - needed if a later one fails
        except SwitchbackError as failure:
            left = _put_back(zone, done)
            if left and not isinstance(failure, Unreachable):
                raise RecordsHalfSwitched(", ".join(left)) from failure
            raise

    def undo(self, before: RecordsSeen) -> None:
        """See Step. A set that holds neither what was there before nor what we put is somebody else's: refused.

        Raises NotSwitchable or ChangedSincePlan.
        """
        zone = dns.open_zone(self._environment)
        for found, current in records.now(self._environment, before):
            if _content(current) == _content(found):
                continue
            if _content(current) != _content(_switched(found, before)):
                raise ChangedSincePlan(found.name, _words(found), _words(current))
            zone.put(replace(current, addresses=found.addresses))


def _off(seen: RecordsSeen) -> list[RecordSet]:
    return [found for found in seen.sets if set(found.addresses) != set(seen.wanted[found.name])]


def _switched(found: RecordSet, seen: RecordsSeen) -> RecordSet:
    return replace(found, addresses=seen.wanted[found.name])


def _change(found: RecordSet, seen: RecordsSeen) -> Change:
    subject = f"{found.kind} record set {found.name}"
    return Change(system="dns", subject=subject, before=_words(found), after=_words(_switched(found, seen)))


def _words(found: RecordSet) -> str:
    return f"{', '.join(found.addresses) or found.target or 'nothing'} (TTL {found.ttl_s} s)"


def _content(found: RecordSet) -> tuple[object, ...]:
    return found.name, found.kind, found.addresses, found.target  # not the TTL: our own step may have lowered it


def _put_back(zone: dns.AzureZone, done: Sequence[tuple[RecordSet, RecordSet]]) -> list[str]:
    left = []
    for before, after in done:
        try:
            zone.put(replace(before, etag=after.etag))
        except SwitchbackError:
            left.append(before.name)
    return left
