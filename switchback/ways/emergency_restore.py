"""Emergency restore: old is gone. A proven backup takes its place, what users wrote since comes home, then they do.

Databases of new that are gone too are given up by whoever approves the plan that names them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, ClassVar

from switchback.domain.errors import Refused
from switchback.domain.journal import Record
from switchback.domain.model import Side
from switchback.domain.step import Check, Runbook, Step
from switchback.rollback.records import Option, Request
from switchback.settings import Environment
from switchback.steps import backup, dns, kubernetes, postgres, probe, recovery

Items = tuple[Step[Any] | Check[Any], ...]
OPEN = f"unfence {Side.OLD}"


@dataclass(eq=False)
class AllLost(Refused):
    """Nothing is left of new that could be brought home."""

    problem: ClassVar[str] = "All databases of new are named as lost: {databases}."
    remedy: ClassVar[str] = "Start again with the option accept_loss, which is for that, and without naming them."
    databases: str


def runbook(environment: Environment, own: Sequence[Record], before: Sequence[Record], request: Request) -> Runbook:
    """The steps in the order of `flows/emergency_restore.py`; `before` is the cutover that users go back from.

    Old stays closed until its data is proven against the backup's manifest and what new holds since is home, or, for
    databases of new that are gone too, somebody has signed for it.
    """
    choosing = backup.ChooseBackup(environment, datetime.fromisoformat(request.before), own)
    run = request.run if own else ""
    lost, told = lost_with_old(environment, request), recovery.ground(environment, own, before)
    facts = vars(told) | {"environment": environment.without(lost)}
    ground = backup.RestoredGround(**facts, choosing=choosing)
    alive = ground.environment.databases
    if not alive and request.option is Option.RECOVER:
        raise AllLost(", ".join(lost))
    return Runbook(
        title=f"Restore {environment.name} from a backup; {_fate(alive, lost)} ({request.option})",
        preconditions=(
            *((recovery.NewIsUp(ground),) if alive else ()),
            *((recovery.NewIsGone(told, lost),) if lost else ()),
        ),
        items=(
            choosing,
            _close_new(environment, own, lost) if alive else kubernetes.StopWhatAnswers(environment, Side.NEW),
            backup.FenceFormer(environment),
            kubernetes.StopApplications(environment, Side.OLD),
            backup.RestoreAside(environment, run, choosing),
            backup.PutInPlace(environment, run, choosing),
            *(_home(ground) if alive else ()),
            *(_loss(environment, told, lost, own, choosing) if lost else ()),
            backup.OpenRestored(environment, postgres.fenced_by(before, Side.OLD)),
            kubernetes.StartApplications(environment, Side.OLD, own),
            probe.Serves(environment, Side.OLD, writes=True),
            dns.SendUsersTo(environment, Side.OLD),
            dns.AnswersFollow(environment, Side.OLD),
            *(_left(environment, ground, own, before) if alive else ()),
        ),
        until=dict.fromkeys(
            (f"fence {Side.OLD}", f"stop the applications of {Side.OLD}", recovery.NewIsGone.name), OPEN
        ),
        no_return=OPEN,
    )


def lost_with_old(environment: Environment, request: Request) -> tuple[str, ...]:
    """The databases of new that are given up."""
    return environment.databases if request.option is Option.ACCEPT_LOSS else request.lost


def numbers(environment: Environment, own: Sequence[Record], request: Request) -> tuple[str, ...]:
    """For those who vote: how old the backup is, what is newer or given up, and which backups were refused."""
    choosing = backup.ChooseBackup(environment, datetime.fromisoformat(request.before), own)
    chosen, lost = choosing.chosen, lost_with_old(environment, request)
    age = (datetime.now(UTC) - chosen.taken_at).total_seconds() / 60
    refused = "".join(f"\n- refused: {one}" for one in chosen.refused)
    proven = f"{chosen.rows} rows, restored once and compared at {chosen.certified_at:%Y-%m-%d %H:%M:%S} UTC"
    of = f"of {chosen.taken_at:%Y-%m-%d %H:%M:%S} UTC, {age:.0f} minutes old"
    said = [f"Backup **{chosen.backup}** {of}; {proven}.{refused}"]
    if lost:
        said.append(f"**Given up: all that was written since in {', '.join(lost)}**; nobody knows how much.")
    if (alive := environment.without(lost)).services:
        rows = backup.known_newer(alive, choosing.manifest)
        newer = "new cannot be read" if rows is None else f"by new's row counts at least {rows} rows"
        said.append(f"Written since{' in the others' if lost else ''}: {newer}.")
    return tuple(said)


def _fate(alive: Sequence[str], lost: Sequence[str]) -> str:
    if not lost:
        return "what was written since comes home from new"
    given_up = f"what was written since in {', '.join(lost)} is given up"
    return f"{given_up}, the rest comes home from new" if alive else given_up


def _close_new(environment: Environment, own: Sequence[Record], lost: Sequence[str]) -> postgres.Fence:
    if lost:
        return postgres.FenceWhenItAnswers(environment, Side.NEW, lost, postgres.fenced_by(own, Side.NEW))
    return postgres.Fence(environment, Side.NEW)


def _home(ground: backup.RestoredGround) -> Items:
    return (recovery.Export(ground), backup.BringHomeSince(ground), backup.AdvanceRestored(ground.environment))


def _loss(
    environment: Environment,
    told: recovery.Ground,
    lost: Sequence[str],
    own: Sequence[Record],
    choosing: backup.ChooseBackup,
) -> Items:
    return (
        backup.AdvanceRestoredFar(environment.only(lost), told.sites),
        backup.LossSigned(lost, choosing, own),
        recovery.NewIsGone(told, lost),
    )


def _left(environment: Environment, ground: recovery.Ground, own: Sequence[Record], before: Sequence[Record]) -> Items:
    return (
        kubernetes.UsersHaveLeft(environment, Side.NEW),
        postgres.RowsWaiting(ground.environment, postgres.recorded(before), recovery.left_by(own)),
    )
