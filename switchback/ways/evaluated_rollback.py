"""Evaluated rollback: fence, export, review, bring home, prove, and only then open old and move users back."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from switchback.domain.journal import Record
from switchback.domain.model import Side
from switchback.domain.step import Check, Runbook, Step
from switchback.rollback.records import Option
from switchback.settings import Environment
from switchback.steps import dns, kubernetes, postgres, probe, recovery

OPEN = f"unfence {Side.OLD}"


def runbook(
    environment: Environment,
    own: Sequence[Record],
    before: Sequence[Record],
    undone: Sequence[Sequence[Record]],
    option: Option,
) -> Runbook:
    """The steps in the order of `flows/evaluated_rollback.py`.

    Old stays fenced until its data is proven, or somebody has signed for what stays behind. `before` is the cutover
    that users go back from, `undone` are the ways back that were begun and undone since.
    """
    ground = recovery.ground(environment, own, before)
    ground = replace(ground, sites=recovery.put_back(undone, ground.sites))
    data: dict[Option, tuple[Step[Any] | Check[Any], ...]] = {
        Option.RECOVER: (recovery.Apply(ground, own), recovery.Verify(ground)),
        Option.ACCEPT_LOSS: (recovery.LossSigned(ground),),
    }
    return Runbook(
        title=f"Bring the data of {environment.name} home, then its users ({option})",
        preconditions=(
            probe.Serves(environment, Side.OLD, writes=False),
            recovery.OldIsTheSame(ground),
            recovery.NewIsUp(ground),
        ),
        items=(
            postgres.Fence(environment, Side.NEW),
            postgres.Fence(environment, Side.OLD),
            recovery.Export(ground),
            *data[option],
            postgres.AdvanceSequences(environment),
            postgres.Unfence(environment, Side.OLD, postgres.fenced_by(before, Side.OLD)),
            probe.Serves(environment, Side.OLD, writes=True),
            dns.SendUsersTo(environment, Side.OLD),
            dns.AnswersFollow(environment, Side.OLD),
            kubernetes.UsersHaveLeft(environment, Side.NEW),
            postgres.RowsWaiting(environment, postgres.recorded(before), left={}),
        ),
        until={f"fence {Side.OLD}": OPEN, recovery.Verify.name: OPEN},
    )
