"""Proof that new is gone, and that old and the zone are as they were."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from switchback.domain.errors import HalfDone
from switchback.domain.journal import Record
from switchback.rollback.records import as_facts, intent
from switchback.settings import Environment
from switchback.steps.terraform import Destroy, DestroySeen
from switchback.systems import resources
from switchback.systems.resources import DeletedVault, Group

PATIENCE_S = 20.0  #: Azure takes a cluster's own group away a moment after the cluster
ASK_AGAIN_S = 1.0


@dataclass(frozen=True, kw_only=True)
class GoneSeen:
    """The groups that Azure does not know any more, and names that are not free yet."""

    groups: tuple[str, ...]
    vaults: tuple[DeletedVault, ...]


@dataclass(frozen=True, kw_only=True)
class BesideSeen:
    """Old's groups and the zone's, with what lies in them."""

    groups: tuple[Group, ...]


@dataclass(eq=False)
class StillThere(HalfDone):
    """Terraform knows nothing of new any more, Azure does."""

    problem: ClassVar[str] = "After the destroy, resource groups of new still exist: {groups}."
    remedy: ClassVar[str] = "Look at them in the portal; delete what is left of new, then resume."
    groups: str


@dataclass(eq=False)
class OldTouched(HalfDone):
    """Something of old's, or the zone, is not as it was before the destroy."""

    problem: ClassVar[str] = "While new was destroyed, this changed beside it: {changes}."
    remedy: ClassVar[str] = "Find out who did that, and whether old still serves; then resume."
    changes: str


class Gone:
    """Azure says of each of new's groups that there is none of that name; vaults that linger are listed."""

    facts = GoneSeen
    name = "new is gone"

    def __init__(self, environment: Environment) -> None:
        self._environment = environment

    def look(self) -> GoneSeen:
        """See Check. Raises StillThere; AzureDenied, AzureSilent and the like when Azure does not say."""
        new, deadline = self._environment.new, time.monotonic() + PATIENCE_S
        while left := resources.groups(self._environment, new.groups):
            if time.monotonic() > deadline:
                raise StillThere("; ".join(map(_words, left)))
            time.sleep(ASK_AGAIN_S)
        with resources.open_resources(self._environment) as found:
            vaults = tuple(vault for vault in found.deleted_vaults() if vault.name.casefold() == new.vault.casefold())
        return GoneSeen(groups=new.groups, vaults=vaults)


class OldUntouched:
    """Old's groups and the zone's hold what they held when the destroy began."""

    facts = BesideSeen
    name = "old is as it was"

    def __init__(self, environment: Environment, own: Sequence[Record]) -> None:
        self._environment, self._own = environment, own

    def look(self) -> BesideSeen:
        """See Check. Raises OldTouched."""
        environment = self._environment
        now = resources.groups(environment, (*environment.old.groups, environment.dns.resource_group))
        begun = intent(self._own, Destroy.name)
        before = as_facts(DestroySeen, begun.data["before"]).beside if begun else now
        if changes := [*_gone(before, now)]:
            raise OldTouched("; ".join(changes))
        return BesideSeen(groups=now)


def _gone(before: Sequence[Group], now: Sequence[Group]) -> list[str]:
    found = {group.name: group for group in now}
    changes = [f"the group {group.name} is gone" for group in before if group.name not in found]
    for group in before:
        left = found.get(group.name)
        missing = set(group.resources) - set(left.resources) if left else set()
        changes += [f"{each.kind} {each.name} is gone from {group.name}" for each in sorted(missing)]
    return changes


def _words(group: Group) -> str:
    holds = f" with {', '.join(each.name for each in group.resources)}" if group.resources else ""
    locks = f", locked by {'; '.join(map(str, group.locks))}" if group.locks else ""
    return f"{group.name}{holds}{locks}"
