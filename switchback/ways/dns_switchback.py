"""DNS switchback: fence new, bring its rows home while nobody writes, open old, prove it, move users back.

Where new's databases do not answer, the users go first: new's applications are stopped instead, old's sequences leave
room, and new is fenced and brought home when it answers, three-way, because users write on old by then. Databases for
which a data steward has signed meanwhile, because they are lost, are left out of that.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from switchback.domain.errors import Unreachable
from switchback.domain.journal import Record
from switchback.domain.model import Side
from switchback.domain.step import Check, Runbook, Step
from switchback.rollback.records import Request, given_up
from switchback.settings import Environment
from switchback.steps import dns, kubernetes, postgres, probe, recovery
from switchback.systems.azure_errors import AzureNotFound

Items = tuple[Step[Any] | Check[Any], ...]
STAYS = (
    "What users wrote there stays there. **Nobody knows how many rows that is.** They come home when new answers "
    "again, three-way; what both sides changed by then is a conflict. Until then this attempt goes on."
)


def runbook(
    environment: Environment,
    own: Sequence[Record],
    before: Sequence[Record],
    undone: Sequence[Sequence[Record]],
    request: Request,
) -> Runbook:
    """The steps in the order of `flows/dns_switchback.py`.

    `before` is the cutover that users go back from, `undone` are the ways back that were begun and undone since.
    """
    ground = recovery.ground(environment, own, before)
    ground = replace(ground, sites=recovery.put_back(undone, ground.sites))
    serves = probe.Serves(environment, Side.OLD, writes=False)
    first, later = _without_new(environment, ground, own) if request.new_is_down else _with_new(environment, ground)
    return Runbook(
        title=f"Send the users of {environment.name} back to old{', new is down' if request.new_is_down else ''}",
        preconditions=(
            serves,
            recovery.OldIsTheSame(ground),
            (recovery.NewIsDown if request.new_is_down else recovery.NewIsUp)(ground),
        ),
        items=(
            *first,
            postgres.Unfence(environment, Side.OLD, postgres.fenced_by(before, Side.OLD)),
            probe.Serves(environment, Side.OLD, writes=True),
            dns.SendUsersTo(environment, Side.OLD),
            dns.AnswersFollow(environment, Side.OLD),
            *later,
            kubernetes.UsersHaveLeft(environment, Side.NEW),
            postgres.RowsWaiting(ground.environment, postgres.recorded(before), recovery.left_by(own)),
        ),
    )


def numbers(ground: recovery.Ground) -> tuple[str, ...]:
    """For those who vote on going back without new: what cannot be read, and what that means."""
    down = recovery.unreadable(ground).databases
    why = "\n".join(f"- {name}: {words}" for name, words in down.items())
    return (
        f"New's databases cannot be read:\n{why}",
        STAYS,
        _applications(ground.environment),
    )


def _with_new(environment: Environment, ground: recovery.Ground) -> tuple[Items, Items]:
    first = (
        postgres.Fence(environment, Side.NEW),
        recovery.Export(ground),
        recovery.BringHome(ground),
        postgres.AdvanceSequences(environment),
    )
    return first, ()


def _without_new(environment: Environment, ground: recovery.Ground, own: Sequence[Record]) -> tuple[Items, Items]:
    first = (
        kubernetes.StopWhatAnswers(environment, Side.NEW),
        postgres.AdvanceSequencesFar(environment, ground.sites),
    )
    later = (
        postgres.FenceWhenItAnswers(environment, Side.NEW, given_up(own), postgres.fenced_by(own, Side.NEW)),
        recovery.Export(ground, fenced=(Side.NEW,)),
        recovery.BringHome(ground),
    )
    return first, later


def _applications(environment: Environment) -> str:
    try:
        kubernetes.StopApplications(environment, Side.NEW).look()
    except (Unreachable, AzureNotFound) as met:
        return (
            f"New's cluster does not answer either, so **its applications cannot be stopped**: {met} What they "
            "acknowledge after users have moved waits on new as well."
        )
    return "New's applications are stopped before users move, so that nothing more is written there."
