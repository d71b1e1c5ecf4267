"""Pre-cutover destroy: prove that nobody is on new, close it, destroy by the saved plan, prove that it is gone."""

from collections.abc import Sequence

from switchback.domain.journal import Record
from switchback.domain.model import Side
from switchback.domain.step import Runbook
from switchback.rollback.records import observed
from switchback.settings import Environment
from switchback.steps import dns, kubernetes, postgres, probe, recovery, resources, terraform


def runbook(environment: Environment, own: Sequence[Record], before: Sequence[Record]) -> Runbook:
    """The steps in the order of `flows/pre_cutover_destroy.py`; `before` is the rollback or undone cutover before it.

    Rows are counted a second time behind the fence: what was proven then cannot change any more.
    """
    loaded = postgres.recorded(before) if observed(before, postgres.RecordSites.name) else None
    rows = postgres.NothingOnlyThere(
        environment,
        own,
        left=postgres.counted(before),
        loaded=loaded,
        signed=lambda: recovery.signed(environment, before),
    )
    unused = (
        dns.NobodySent(environment),
        kubernetes.NobodyCame(environment, own),
        postgres.NobodyInside(environment, own),
        rows,
    )
    return Runbook(
        title=f"Destroy new of {environment.name}, which nobody uses",
        preconditions=(probe.Serves(environment, Side.OLD, writes=True), *unused),
        items=(
            *unused,
            postgres.CloseUnused(environment, own),
            terraform.Destroy(environment, own),
            resources.Gone(environment),
            resources.OldUntouched(environment, own),
            probe.Serves(environment, Side.OLD, writes=True),
        ),
    )
