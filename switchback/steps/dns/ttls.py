"""TTLs: lowered ahead of a cutover, and waited out, so that users can be moved within seconds."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from switchback.domain.journal import Record
from switchback.domain.model import Change, Plan
from switchback.rollback.records import as_facts, intent, observed
from switchback.settings import Environment
from switchback.steps.dns import records
from switchback.steps.dns.records import RecordsSeen
from switchback.systems import dns
from switchback.systems.dns import RecordSet


class LowerTtls:
    """No record set keeps resolvers longer than the descriptor's ttl_s (defect 26)."""

    facts = RecordsSeen
    name = "lower the TTLs"

    def __init__(self, environment: Environment) -> None:
        self._environment = environment

    def look(self) -> RecordsSeen:
        """See Step."""
        environment = self._environment
        names = tuple(environment.record_name(service) for service in environment.services)
        return records.look(environment, dict.fromkeys(names, ()))

    def plan(self, seen: RecordsSeen) -> Plan:
        """See Step."""
        ttl_s = self._environment.dns.ttl_s
        changes = tuple(
            Change(system="dns", subject=f"TTL of {found.name}", before=f"{found.ttl_s} s", after=f"{ttl_s} s")
            for found in self._slow(seen)
        )
        return Plan(title=self.name, changes=changes)

    def refuse_if_unsafe(self, seen: RecordsSeen, planned: RecordsSeen | None) -> None:
        """See Step."""
        del planned  # a TTL that somebody else lowered meanwhile is as good
        records.must_be_switchable(seen)

    def apply(self, seen: RecordsSeen) -> None:
        """See Step."""
        zone = dns.open_zone(self._environment)
        for found in self._slow(seen):
            zone.put(replace(found, ttl_s=self._environment.dns.ttl_s))

    def undo(self, before: RecordsSeen) -> None:
        """See Step. Addresses are left as they are. Raises NotSwitchable."""
        zone = dns.open_zone(self._environment)
        for found, current in records.now(self._environment, before):
            if current.ttl_s != found.ttl_s:
                zone.put(replace(current, ttl_s=found.ttl_s))

    def _slow(self, seen: RecordsSeen) -> list[RecordSet]:
        return [found for found in seen.sets if found.ttl_s > self._environment.dns.ttl_s]


@dataclass(frozen=True, kw_only=True)
class Waited:
    """How long answers from before the TTLs were lowered could still be remembered."""

    longest_ttl_s: int


class LongTtlsRunOut:
    """No resolver may still hold an answer from before the TTLs were lowered (defect 26)."""

    facts = Waited
    name = "the longer TTLs have run out"

    def __init__(self, environment: Environment, own: Sequence[Record]) -> None:
        self._ttl_s = environment.dns.ttl_s
        self._lowered = intent(own, LowerTtls.name)
        self._since = observed(own, LowerTtls.name)

    def look(self) -> Waited:
        """See Check. Sleeps until the longest former TTL has passed since it was lowered."""
        if self._lowered is None or self._since is None:
            return Waited(longest_ttl_s=self._ttl_s)
        before = as_facts(RecordsSeen, self._lowered.data["before"])
        longest_s = max((found.ttl_s for found in before.sets), default=self._ttl_s)
        since = datetime.fromisoformat(self._since.at).timestamp()
        time.sleep(max(0.0, since + longest_s - time.time()))
        return Waited(longest_ttl_s=longest_s)
