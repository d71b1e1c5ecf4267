"""Approvals: the question is put as a form in the Prefect UI, or at the terminal where there is no server.

Prefect's form is the door only; whether a plan is approved is read from our own journal.
"""

from prefect import suspend_flow_run
from prefect.context import FlowRunContext
from prefect.input import RunInput
from prefect.runtime import flow_run
from pydantic import Field

from switchback import settings
from switchback.domain import rendering
from switchback.domain.approval import ApproverRole, Decision
from switchback.domain.model import Plan
from switchback.steps.recovery import NewStillSilent
from switchback.ways import ballot, conduct, evidence, moving
from switchback.ways.conduct import Attempt
from tasks import terminal
from tasks._step import step
from tasks._tries import this_try


class Approval(RunInput):
    """The form. No field has a default: a gate that nobody answered must never look answered."""

    decision: Decision = Field(description="approve carries out exactly the plan above; deny ends what has not begun.")
    name: str = Field(min_length=2, description="Your name, as it is listed in the environment's descriptor.")
    role: ApproverRole = Field(title="Role", description="In which role you answer.")
    reason: str = Field(min_length=3, description="Why; it goes into the journal and the post-mortem.")


def require(attempt: Attempt, plan: Plan) -> None:
    """Return only when a vote carries this very plan; otherwise ask, and suspend until somebody answers.

    Raises NotApproved. The gate's name holds the plan's digest and the try: an answer to another plan,
    or to a try that timed out, answers nothing; who comes too late is asked anew.
    """
    if carried(attempt, plan):
        return
    gate = f"approve-{plan.digest[: rendering.SHORT]}-{this_try()}"
    ask(attempt, plan, gate)
    text = question(attempt, plan)
    if FlowRunContext.get() is None:
        record(attempt, plan, gate, terminal.ask(text, plan, Approval))
        return
    form = Approval.with_initial_data(description=text)
    timeout_s = settings.load(attempt.environment).policy.approval_valid_s
    answer = suspend_flow_run(wait_for_input=form, timeout=int(timeout_s), key=gate)
    record(attempt, plan, gate, answer.model_dump(mode="json", include=set(Approval.model_fields)))


def wait_for_new(attempt: Attempt) -> None:
    """Return only when new's databases answer; until then the run is suspended, and somebody resumes it.

    Raises NewStillSilent where there is no Prefect server.
    """
    why = why_new_is_silent(attempt)
    if not why:
        return
    if FlowRunContext.get() is None:
        raise NewStillSilent(attempt.run, why)
    kept_s = settings.load(attempt.environment).policy.keep_new_s
    suspend_flow_run(timeout=int(kept_s), key=f"new-answers-{flow_run.run_count or 0}")


@step("does new answer again?")
def why_new_is_silent(attempt: Attempt) -> str:
    """Ask every database of new; empty when all of them answer."""
    return moving.why_new_is_silent(attempt)


@step("is it approved?")
def carried(attempt: Attempt, plan: Plan) -> bool:
    """Whether the journal holds a vote that carries this plan."""
    return ballot.stands(attempt, plan)


@step("ask for approval")
def ask(attempt: Attempt, plan: Plan, gate: str) -> None:
    """Write the question down."""
    ballot.ask(attempt, plan, gate)


@step("record the vote")
def record(attempt: Attempt, plan: Plan, gate: str, answer: dict[str, str]) -> None:
    """Write the answer down and hold it against the rules; raises NotApproved."""
    ballot.cast(attempt, plan, gate, answer)


def question(attempt: Attempt, plan: Plan) -> str:
    """The text above the form."""
    request = conduct.request(attempt)
    asked = f"**{request.requested_by}** asks for **{request.way}** in **{request.environment}**: {request.incident}"
    return rendering.markdown(plan, asked, *numbers(attempt))


@step("numbers for those who vote")
def numbers(attempt: Attempt) -> list[str]:
    """What should be known before voting and is not in the plan, because it moves."""
    return [*moving.numbers(attempt), *evidence.lines(conduct.told(attempt).records)]
