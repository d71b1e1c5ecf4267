"""Resource groups: what is left of new, and what stands beside it."""

from switchback.domain.journal import Json
from switchback.rollback.records import as_facts, observed
from switchback.steps.resources import GoneSeen
from switchback.ways import conduct
from switchback.ways.conduct import Attempt
from tasks import artifacts
from tasks._step import step


@step("prove that new is gone")
def prove_gone(attempt: Attempt) -> None:
    """Azure knows none of new's groups any more; keeps a table of the vaults whose names are still taken."""
    conduct.prove(attempt, "new is gone")
    kept = observed(conduct.told(attempt).records, "new is gone")
    artifacts.table("deleted-vaults", _vaults(kept.data["seen"] if kept else None), "Names that are not free yet")


@step("prove that old is as it was")
def prove_old_untouched(attempt: Attempt) -> None:
    """Old's groups and the zone's hold what they held before."""
    conduct.prove(attempt, "old is as it was")


def _vaults(seen: Json) -> list[dict[str, str | int]]:
    vaults = as_facts(GoneSeen, seen).vaults if seen else ()
    return [
        {
            "vault": vault.name,
            "free on": f"{vault.free_on:%Y-%m-%d}",
            "may be purged": "no" if vault.protected else "yes",
        }
        for vault in vaults
    ]
