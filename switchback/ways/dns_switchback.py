"""DNS switchback: fence new, bring its rows home while nobody writes, open old, prove it, move users back."""

from collections.abc import Sequence
from dataclasses import replace

from switchback.domain.journal import Record
from switchback.domain.model import Side
from switchback.domain.step import Runbook
from switchback.settings import Environment
from switchback.steps import dns, kubernetes, postgres, probe, recovery


def runbook(
    environment: Environment, own: Sequence[Record], before: Sequence[Record], undone: Sequence[Sequence[Record]]
) -> Runbook:
    """The steps in the order of DESIGN's second way back.

    `before` is the cutover that users go back from, `undone` are the ways back that were begun and undone since.
    """
    ground = recovery.ground(environment, own, before)
    ground = replace(ground, sites=recovery.put_back(undone, ground.sites))
    return Runbook(
        title=f"Send the users of {environment.name} back to old",
        preconditions=(probe.Serves(environment, Side.OLD, writes=False),),
        items=(
            postgres.Fence(environment, Side.NEW),
            recovery.Export(ground),
            recovery.BringHome(ground),
            postgres.AdvanceSequences(environment),
            postgres.Unfence(environment, Side.OLD, postgres.fenced_by(before, Side.OLD)),
            probe.Serves(environment, Side.OLD, writes=True),
            dns.SendUsersTo(environment, Side.OLD),
            dns.AnswersFollow(environment, Side.OLD),
            kubernetes.UsersHaveLeft(environment, Side.NEW),
            postgres.RowsWaiting(environment, postgres.recorded(before), recovery.left_by(own)),
        ),
    )
