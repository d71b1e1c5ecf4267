"""The rehearsal: what a runbook would change in the world as it is now. Changes nothing."""

from switchback.domain.journal import Json
from switchback.domain.model import Change, Plan
from switchback.domain.step import Runbook
from switchback.domain.together import together
from switchback.rollback import records


def survey(runbook: Runbook) -> tuple[Plan, dict[str, Json]]:
    """What the runbook would change in the world as it is now, and what each precondition and step saw.

    Raises whatever a precondition or an unsafe step refuses for.
    """
    looked_at = together([*runbook.preconditions, *runbook.steps], lambda one: one.look())
    held = zip(runbook.preconditions, looked_at[: len(runbook.preconditions)], strict=True)
    seen = {check.name: records.as_json(check.facts, facts) for check, facts in held}
    changes: list[Change] = []
    for step, facts in zip(runbook.steps, looked_at[len(runbook.preconditions) :], strict=True):
        plan = step.plan(facts)
        if plan.changes:
            step.refuse_if_unsafe(facts, None)
        changes.extend(plan.changes)
        seen[step.name] = records.as_json(step.facts, facts)
    return Plan(title=runbook.title, changes=tuple(changes)), seen
