"""The review pause: the rows of new are shown in numbers, people work on the files, a data steward answers.

Prefect's form, or the terminal, is the door only; what counts is sealed on the shelf and voted in our own journal.
"""

from prefect import suspend_flow_run
from prefect.context import FlowRunContext
from prefect.input import RunInput
from pydantic import Field

from switchback import settings
from switchback.domain import rendering
from switchback.domain.approval import ApproverRole
from switchback.rollback.records import Option
from switchback.steps.recovery.seal import NOTHING, Conflicts
from switchback.ways import reviewing
from switchback.ways.conduct import Attempt
from switchback.ways.reviewing import LossDecision, Question, ReviewDecision
from tasks import artifacts, review_text, terminal
from tasks._step import step
from tasks._tries import this_try

NAME = Field(min_length=2, description="Your name, as it is listed in the environment's descriptor.")
ROLE = Field(title="Role", description="In which role you answer: it takes a data steward.")
REASON = Field(min_length=3, description="Why; it goes into the journal, and with it you sign for what stays behind.")


class Review(RunInput):
    """The form. No field has a default: a gate that nobody answered must never look answered."""

    decision: ReviewDecision = Field(
        title="Decision", description="apply_reviewed takes the files as they were returned; deny applies nothing."
    )
    conflicts: Conflicts = Field(
        title="Conflicts",
        description="Those that nobody decided: leave old's row, or take new's (files returned only).",
    )
    returned: str = Field(
        title="Returned files",
        min_length=4,
        description=f"The code that `bundle return` printed last; {NOTHING} where no file was returned.",
    )
    name: str = NAME
    role: ApproverRole = ROLE
    reason: str = REASON


class Loss(RunInput):
    """The form of the option accept_loss. No field has a default either."""

    decision: LossDecision = Field(title="Decision", description="sign_loss leaves every row above behind.")
    name: str = NAME
    role: ApproverRole = ROLE
    reason: str = REASON


FORMS: dict[Option, type[Review] | type[Loss]] = {Option.RECOVER: Review, Option.ACCEPT_LOSS: Loss}


def require(attempt: Attempt) -> None:
    """Return only when somebody has signed for exactly what is sealed; otherwise ask, and suspend until they answer.

    A refused review is recorded, and asked again with what was refused. Raises NotApproved. The gate's name holds the
    exported digest, the try, and how many reviews there were: no answer is taken twice.
    """
    while not signed(attempt):
        asked = ask_about(attempt)
        gate = f"review-{asked.digest[: rendering.SHORT]}-{this_try()}-{asked.tries}"
        ask(attempt, asked, gate)
        take(attempt, asked, gate, _answer(attempt, asked, gate))


@step("is it reviewed?")
def signed(attempt: Attempt) -> bool:
    """Whether the journal holds a vote on exactly what is sealed."""
    return reviewing.stands(attempt)


@step("what was written on new")
def ask_about(attempt: Attempt) -> Question:
    """The numbers of the exported bundles; an artifact shows them as a table."""
    asked = reviewing.question(attempt)
    artifacts.table("rows-of-new", review_text.rows(asked), review_text.title(asked))
    return asked


@step("ask for the review")
def ask(attempt: Attempt, asked: Question, gate: str) -> None:
    """Write the question down."""
    reviewing.ask(attempt, asked, gate)


@step("take the review")
def take(attempt: Attempt, asked: Question, gate: str, given: dict[str, str]) -> bool:
    """Review what was returned, seal it and record the vote; false when it was refused. Raises NotApproved."""
    return reviewing.answer(attempt, asked, gate, given)


def _answer(attempt: Attempt, asked: Question, gate: str) -> dict[str, str]:
    text, form = review_text.markdown(attempt, asked), FORMS[asked.option]
    if FlowRunContext.get() is None:
        return terminal.fill_in(text, form)
    timeout_s = settings.load(attempt.environment).policy.approval_valid_s
    answer = suspend_flow_run(wait_for_input=form.with_initial_data(description=text), timeout=int(timeout_s), key=gate)
    return answer.model_dump(mode="json", include=set(form.model_fields))
