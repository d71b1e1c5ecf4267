"""Drills: the runs that are rehearsed, asked for as deployments and answered through their forms, as people do it."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import ClassVar
from uuid import UUID

from prefect import State

from switchback.domain.approval import ApproverRole, Decision
from switchback.domain.errors import HalfDone
from switchback.drill import diary, evidence
from switchback.drill.diary import Event, Phase
from switchback.drill.rehearsal import REQUESTED_BY, Rehearsal
from switchback.rollback.records import Option, Way
from switchback.steps.recovery.seal import Conflicts
from switchback.ways import reviewing
from switchback.ways.conduct import Attempt
from switchback.ways.reviewing import ReviewDecision
from tasks import _runs, drills
from tasks._step import step

LOOK_EVERY_S = 0.3
BEGUN_WITHIN_S = 120.0
READING_S = 3.0  #: nobody answers sooner; the run that asks has ended by then, and does not slow down what is measured
PHASES = {
    Way.CUTOVER: Phase.CUTOVER,
    Way.DNS_SWITCHBACK: Phase.SWITCHBACK,
    Way.EVALUATED_ROLLBACK: Phase.EVALUATED,
    Way.PRE_CUTOVER_DESTROY: Phase.DESTROY,
    Way.EMERGENCY_RESTORE: Phase.RESTORE,
}
RECOVER = {"option": Option.RECOVER.value}
OPTIONS = {Way.EVALUATED_ROLLBACK: RECOVER, Way.EMERGENCY_RESTORE: RECOVER}


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A run that waits for its approval, and the attempt that it makes."""

    way: Way
    flow_run: UUID
    attempt: Attempt


@dataclass(frozen=True, kw_only=True)
class Approved:
    """An attempt and when the vote on it was given."""

    asked: Asked
    at: datetime


@dataclass(eq=False)
class RunStopped(HalfDone):
    """A rehearsed run did not come as far as it had to."""

    problem: ClassVar[str] = "The {way} run {flow_run} is {state}, wanted was {wanted}: {why}"
    remedy: ClassVar[str] = "The end of its log:\n{log}\n"
    way: str
    flow_run: str
    state: str
    wanted: str
    why: str
    log: str


def cut_over(rehearsal: Rehearsal) -> Approved:
    """Have users sent to new, and let them be there for the descriptor's time."""
    cutover = ask_and_approve(rehearsal, Way.CUTOVER)
    wait_for(rehearsal, cutover)
    drills.let_users_be(rehearsal, Phase.ON_NEW)
    return cutover


def ask_and_approve(rehearsal: Rehearsal, way: Way, *, new_is_down: bool = False) -> Approved:
    """Ask for a run of this way, and vote for it."""
    return approve(rehearsal, ask_for(rehearsal, way, new_is_down=new_is_down))


@step("{way}: ask for it")
def ask_for(rehearsal: Rehearsal, way: Way, *, new_is_down: bool) -> Asked:
    """Start the deployment's run and wait until it is suspended with its question; raises RunStopped."""
    rehearsal.begin(PHASES[way])
    name = rehearsal.environment.name
    asked = {"environment": name, "incident": rehearsal.incident, "requested_by": REQUESTED_BY, **OPTIONS.get(way, {})}
    options = {"rehearse": False} | ({"new_is_down": True} if new_is_down else {})
    flow_run = _runs.start(f"{way}/{name}", {**asked, **options}, key=f"{rehearsal.folder.id}-{way}")
    _wait(rehearsal, way, flow_run, wanted="Suspended")
    attempt = evidence.held_attempt(rehearsal.environment, rehearsal.incident)
    diary.note(rehearsal.folder.diary, Event.ATTEMPT, attempt.run)
    return Asked(way=way, flow_run=flow_run, attempt=attempt)


@step("{asked.way}: approve it")
def approve(rehearsal: Rehearsal, asked: Asked) -> Approved:
    """Vote as the drill's commander, through the run's form, once it could have been read."""
    rehearsal.let_pass(READING_S)
    vote = {
        "decision": Decision.APPROVE.value,
        "name": rehearsal.drill.commander,
        "role": ApproverRole.INCIDENT_COMMANDER.value,
        "reason": rehearsal.incident,
    }
    at = _runs.answer(asked.flow_run, vote)
    diary.note(rehearsal.folder.diary, Event.APPROVED, asked.attempt.run, at)
    return Approved(asked=asked, at=at)


@step("{approved.asked.way}: review what was written on new")
def review(rehearsal: Rehearsal, approved: Approved) -> None:
    """Fetch the bundles, return their files, and sign for them as the first data steward listed; raises RunStopped."""
    asked = approved.asked
    _wait(rehearsal, asked.way, asked.flow_run, wanted="Suspended")
    with TemporaryDirectory(prefix="switchback-review-") as folder:
        bundles = Path(folder) / "bundles"
        reviewing.fetch_bundles(asked.attempt.run, bundles)
        _, code = reviewing.return_bundles(asked.attempt.run, bundles)
    signed = {
        "decision": ReviewDecision.APPLY_REVIEWED.value,
        "conflicts": Conflicts.LEAVE.value,
        "returned": code,
        "name": rehearsal.environment.approvers.data_steward[0],
        "role": ApproverRole.DATA_STEWARD.value,
        "reason": rehearsal.incident,
    }
    _runs.answer(asked.flow_run, signed)


@step("{approved.asked.way}: wait until it waits for new")
def wait_for_home(rehearsal: Rehearsal, approved: Approved) -> None:
    """Return when users are on old and the run is suspended until new answers; raises RunStopped."""
    _wait(rehearsal, approved.asked.way, approved.asked.flow_run, wanted="Suspended")


@step("{approved.asked.way}: resume it")
def resume(approved: Approved) -> None:
    """New answers again: let the suspended run go on."""
    _runs.answer(approved.asked.flow_run, {})


@step("{approved.asked.way}: sign for what both sites changed")
def sign_for_conflicts(rehearsal: Rehearsal, approved: Approved) -> None:
    """As the first data steward listed, sign for the rows that are left on new; there may be none."""
    steward = rehearsal.environment.approvers.data_steward[0]
    reviewing.sign_left(approved.asked.attempt.run, steward, rehearsal.incident)


@step("{approved.asked.way}: wait for its end")
def wait_for(rehearsal: Rehearsal, approved: Approved) -> None:
    """Return when the run is completed; raises RunStopped when it ends otherwise, or asks again."""
    _wait(rehearsal, approved.asked.way, approved.asked.flow_run, wanted="Completed")


@step("backup: take one, prove it")
def back_up(rehearsal: Rehearsal) -> None:
    """Run the deployment of backups, under load, to its end; raises RunStopped."""
    rehearsal.begin(Phase.BACKUP)
    name = rehearsal.environment.name
    flow_run = _runs.start(f"backup/{name}", {"environment": name}, key=f"{rehearsal.folder.id}-backup")
    _wait(rehearsal, "backup", flow_run, wanted="Completed")


def _wait(rehearsal: Rehearsal, way: str, flow_run: UUID, *, wanted: str) -> None:
    waited_s = 0.0
    while (state := _runs.state(flow_run)).name != wanted:
        waited_s += LOOK_EVERY_S
        late = not (state.is_running() or state.is_paused()) and waited_s > BEGUN_WITHIN_S
        if state.is_final() or state.is_paused() or late:
            raise RunStopped(
                way, str(flow_run), str(state.name), wanted, _why(state, late=late), _runs.last_words(flow_run)
            )
        rehearsal.let_pass(LOOK_EVERY_S)


def _why(state: State, *, late: bool) -> str:
    if late:
        return f"no worker took it within {BEGUN_WITHIN_S:g} s"
    return state.message or "it gave no reason"
