"""Once the destroy of new has begun, half of new cannot be asked any more: what was proven before it stands."""

from collections.abc import Sequence

from switchback.domain.evidence import Evidence
from switchback.domain.journal import Record
from switchback.rollback.records import as_facts, intent, observed
from switchback.settings import Environment
from switchback.systems import resources

DESTROY = "destroy new"


def stands(own: Sequence[Record], check: str) -> Evidence | None:
    """What a check proved before the destroy began; None while it has not begun."""
    kept = observed(own, check)
    if kept is None or intent(own, DESTROY) is None:
        return None
    return as_facts(Evidence, kept.data["seen"])


def has(environment: Environment, kind: str) -> bool:
    """Whether new's group holds such a resource: a deployment that failed may never have made it."""
    found = resources.groups(environment, [environment.new.resource_group])
    return any(group.holds(kind) for group in found)
