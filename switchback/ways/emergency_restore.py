"""Emergency restore: old is gone. A proven backup takes its place, what users wrote since comes home, then they do."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from switchback.domain.journal import Record
from switchback.domain.model import Side
from switchback.domain.step import Check, Runbook, Step
from switchback.rollback.records import Option, Request
from switchback.settings import Environment
from switchback.steps import backup, dns, kubernetes, postgres, probe, recovery

Items = tuple[Step[Any] | Check[Any], ...]


def runbook(environment: Environment, own: Sequence[Record], before: Sequence[Record], request: Request) -> Runbook:
    """The steps in the order of DESIGN's fourth way back; `before` is the cutover that users go back from.

    Old stays closed until its data is proven against the backup's manifest and what new holds since is home, or,
    where new is gone too, somebody has signed for it.
    """
    choosing = backup.ChooseBackup(environment, datetime.fromisoformat(request.before), own)
    run = request.run if own else ""
    alive = request.option is Option.RECOVER
    fate = "what was written since comes home from new" if alive else "what was written since is given up"
    return Runbook(
        title=f"Restore {environment.name} from a backup; {fate} ({request.option})",
        preconditions=() if alive else (postgres.NewIsGone(environment),),
        items=(
            choosing,
            *((postgres.Fence(environment, Side.NEW),) if alive else ()),
            backup.FenceFormer(environment),
            kubernetes.StopApplications(environment, Side.OLD),
            backup.RestoreAside(environment, run, choosing),
            backup.PutInPlace(environment, run, choosing),
            *(_home(environment, own, before, choosing) if alive else _loss(environment, own, choosing)),
            backup.OpenRestored(environment, postgres.fenced_by(before, Side.OLD)),
            kubernetes.StartApplications(environment, Side.OLD, own),
            probe.Serves(environment, Side.OLD, writes=True),
            dns.SendUsersTo(environment, Side.OLD),
            dns.AnswersFollow(environment, Side.OLD),
            *(_left(environment, own, before) if alive else ()),
        ),
        until=dict.fromkeys((f"fence {Side.OLD}", f"stop the applications of {Side.OLD}"), f"unfence {Side.OLD}"),
    )


def numbers(environment: Environment, own: Sequence[Record], request: Request) -> tuple[str, ...]:
    """For those who vote: how old the backup is, what is known to be newer, and which backups were refused."""
    choosing = backup.ChooseBackup(environment, datetime.fromisoformat(request.before), own)
    chosen = choosing.chosen
    age = (datetime.now(UTC) - chosen.taken_at).total_seconds() / 60
    rows = backup.known_newer(environment, choosing.manifest)
    newer = "new cannot be read: nobody knows how much" if rows is None else f"by new's row counts at least {rows} rows"
    refused = "".join(f"\n- refused: {one}" for one in chosen.refused)
    proven = f"{chosen.rows} rows, restored once and compared at {chosen.certified_at:%Y-%m-%d %H:%M:%S} UTC"
    of = f"of {chosen.taken_at:%Y-%m-%d %H:%M:%S} UTC, {age:.0f} minutes old"
    return f"Backup **{chosen.backup}** {of}; {proven}.{refused}", f"Written since: {newer}."


def _home(
    environment: Environment, own: Sequence[Record], before: Sequence[Record], choosing: backup.ChooseBackup
) -> Items:
    told = recovery.ground(environment, own, before)
    ground = backup.RestoredGround(**vars(told), choosing=choosing)
    return (recovery.Export(ground), backup.BringHomeSince(ground), backup.AdvanceRestored(environment))


def _loss(environment: Environment, own: Sequence[Record], choosing: backup.ChooseBackup) -> Items:
    return (backup.LossSigned(environment, choosing, own),)


def _left(environment: Environment, own: Sequence[Record], before: Sequence[Record]) -> Items:
    return (
        kubernetes.UsersHaveLeft(environment, Side.NEW),
        postgres.RowsWaiting(environment, postgres.recorded(before), recovery.left_by(own)),
    )
