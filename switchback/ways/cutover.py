"""Cutover: what must be so before users are sent to new, and what every way back will need."""

from collections.abc import Callable, Sequence

from switchback.domain.journal import Record
from switchback.domain.model import Side
from switchback.domain.step import Runbook
from switchback.rollback import records
from switchback.rollback.records import Way
from switchback.settings import Environment
from switchback.steps import dns, kubernetes, postgres, probe, recovery
from switchback.steps.postgres.sites import BackAgain
from switchback.ways import emergency_restore

OPEN = f"unfence {Side.NEW}"


def runbook(
    environment: Environment,
    own: Sequence[Record],
    before: Sequence[Record],
    undone: Sequence[Sequence[Record]],
    earlier: Callable[[], Sequence[Record]] = tuple,
) -> Runbook:
    """The steps in their order; `before` is the rollback before this cutover, `earlier` reads what that went back from.

    Filling new replaces what it holds, so nothing may wait there from the last time (defect 14); `undone` are
    the cutovers that were begun and undone since. What was given up, and is there again, is for those who vote.
    """
    nothing_waits = postgres.NothingWaits(
        environment, postgres.accounted(before, undone), lambda: recovery.signed(environment, before)
    )
    # after a rollback new is fenced already: what it had before is in that rollback's journal
    open_before = postgres.open_before(environment, own, before)
    return Runbook(
        title=f"Send the users of {environment.name} to new",
        preconditions=(probe.Serves(environment, Side.OLD, writes=True), nothing_waits),
        items=(
            dns.LowerTtls(environment),
            dns.LongTtlsRunOut(environment, own),
            postgres.Fence(environment, Side.NEW),
            postgres.Fence(environment, Side.OLD),
            nothing_waits,
            postgres.LoadNew(environment, lambda: _given_up(environment, before, undone, earlier)),
            postgres.RecordSites(environment),
            recovery.OpenNew(environment, open_before, own),
            kubernetes.StartApplications(environment, Side.NEW, before),
            probe.Serves(environment, Side.NEW, writes=True),
            dns.SendUsersTo(environment, Side.NEW),
            dns.AnswersFollow(environment, Side.NEW),
        ),
        until=dict.fromkeys((f"fence {Side.NEW}", nothing_waits.name, postgres.LoadNew.name), OPEN),
    )


def _given_up(
    environment: Environment,
    before: Sequence[Record],
    undone: Sequence[Sequence[Record]],
    earlier: Callable[[], Sequence[Record]],
) -> dict[str, BackAgain]:
    found: dict[str, BackAgain] = {}
    if names := _lost(environment, before):
        found |= recovery.back_again(environment, earlier(), names)
    for one in undone:
        if names := records.given_up(one):
            found |= recovery.back_again(environment, one, names)
    return found


def _lost(environment: Environment, told: Sequence[Record]) -> Sequence[str]:
    if not told:
        return ()
    request = records.request(told)
    if request.way is Way.EMERGENCY_RESTORE:
        return emergency_restore.lost_with_old(environment, request)
    return records.given_up(told)
