"""Attempts: beginning, planning and ending them. The journal and the environment's lock are behind it."""

from uuid import uuid4

from prefect.runtime import flow_run

from switchback.domain.errors import SwitchbackError
from switchback.domain.model import Plan
from switchback.rollback.records import Request
from switchback.ways import conduct, timeline
from switchback.ways.conduct import Attempt, Result
from tasks import artifacts
from tasks._step import step


@step("begin {request.way} in {request.environment}")
def begin(request: Request, resume: str = "") -> Attempt:
    """Lock the environment and open a journal; the same Prefect run, or `resume`, continues its own attempt."""
    return conduct.begin(request, key=flow_run.id or uuid4().hex, resume=resume)


def plan(attempt: Attempt) -> Plan:
    """What this attempt would change in the world as it is now; kept in the journal with its digest.

    Where there is no plan to vote on, the attempt ends: whoever starts again is not told that it holds the environment.
    """
    try:
        return make_plan(attempt)
    except SwitchbackError as why:
        give_up(attempt, why)
        raise


@step("plan")
def make_plan(attempt: Attempt) -> Plan:
    """Look, plan, record."""
    planned = conduct.plan(attempt)
    artifacts.plan(planned)
    return planned


@step("nothing was begun: free the environment")
def give_up(attempt: Attempt, why: SwitchbackError) -> None:
    """End an attempt that could not be planned; see conduct.give_up."""
    conduct.give_up(attempt, why)


@step("rehearse {request.way} in {request.environment}")
def rehearse(request: Request) -> Plan:
    """The plan, and nothing else: no lock, no journal, no change."""
    planned = conduct.rehearse(request)
    artifacts.plan(planned)
    return planned


@step("finish")
def finish(attempt: Attempt) -> Result:
    """End the attempt and free the environment; artifacts show what happened and what came home."""
    result = conduct.finish(attempt)
    told = conduct.told(attempt).records
    artifacts.table("timeline", timeline.rows(told), f"{attempt.run}: {result.outcome}")
    if home := timeline.brought_home(told):
        artifacts.table("brought-home", home, "Rows written on new, by database")
    return result
