"""A plan for people: the same text in the approval form, the artifact and the terminal."""

from switchback.domain.model import Plan

SHORT = 12  #: digits of a digest that people compare


def markdown(plan: Plan, *facts: str) -> str:
    """The plan as a Markdown table under its title, with facts for the decision and the digest to vote on."""
    rows = "\n".join(
        f"| {change.system} | {_cell(change.subject)} | {_cell(change.before)} | {_cell(change.after)} |"
        for change in plan.changes
    )
    table = (
        f"| system | what changes | now | afterwards |\n|---|---|---|---|\n{rows}" if rows else "Nothing would change."
    )
    return "\n\n".join([f"## {plan.title}", *facts, table, f"Plan `{plan.digest[:SHORT]}`"])


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
