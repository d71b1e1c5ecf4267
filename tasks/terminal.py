"""The approval and the review at a terminal, for when no Prefect server can be reached: two people, one keyboard."""

from enum import StrEnum

from pydantic import BaseModel
from rich.console import Console
from rich.markdown import Markdown
from rich.prompt import Prompt

from switchback.domain import rendering
from switchback.domain.approval import ApproverRole, Decision, NotApproved
from switchback.domain.model import Plan


def ask(text: str, plan: Plan) -> dict[str, str]:
    """Show the plan and read the answer; raises NotApproved when the plan's digest is not typed as shown."""
    console = Console(stderr=True)
    console.print(Markdown(text))
    typed = Prompt.ask("Type the plan's digest to show that you read it", console=console)
    if typed != plan.digest[: rendering.SHORT]:
        raise NotApproved("the digest typed is not that of the plan shown")
    return {
        "decision": Prompt.ask("Decision", choices=[choice.value for choice in Decision], console=console),
        "name": Prompt.ask("Your name, as listed in the descriptor", console=console),
        "role": Prompt.ask("Your role", choices=[role.value for role in ApproverRole], console=console),
        "reason": Prompt.ask("Reason", console=console),
    }


def fill_in(text: str, form: type[BaseModel]) -> dict[str, str]:
    """Show the text and ask for every field of a form, one by one."""
    console = Console(stderr=True)
    console.print(Markdown(text))
    answer = {}
    for name, field in form.model_fields.items():
        kind = field.annotation
        choices = [choice.value for choice in kind] if isinstance(kind, type) and issubclass(kind, StrEnum) else None
        console.print(f"[dim]{field.description}[/dim]")
        answer[name] = Prompt.ask(name.capitalize(), choices=choices, console=console)
    return form.model_validate(answer).model_dump(mode="json")
