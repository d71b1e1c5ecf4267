"""The approval and the review at a terminal, for when no Prefect server can be reached: two people, one keyboard."""

from enum import StrEnum

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo
from rich.console import Console
from rich.markdown import Markdown
from rich.prompt import Prompt

from switchback.domain import rendering
from switchback.domain.approval import NotApproved
from switchback.domain.model import Plan


def ask(text: str, plan: Plan, form: type[BaseModel]) -> dict[str, str]:
    """`fill_in` by somebody who has read the plan; raises NotApproved when its digest is not typed as shown."""
    console = _shown(text)
    typed = Prompt.ask("Type the plan's digest to show that you read it", console=console)
    if typed != plan.digest[: rendering.SHORT]:
        raise NotApproved("the digest typed is not that of the plan shown")
    return _filled(form, console)


def fill_in(text: str, form: type[BaseModel]) -> dict[str, str]:
    """Show the text and ask for every field of a form, one by one; all again where it does not take one of them."""
    return _filled(form, _shown(text))


def _shown(text: str) -> Console:
    console = Console(stderr=True)
    console.print(Markdown(text))
    return console


def _filled(form: type[BaseModel], console: Console) -> dict[str, str]:
    while True:
        answer = {name: _field(name, field, console) for name, field in form.model_fields.items()}
        try:
            return form.model_validate(answer).model_dump(mode="json", include=set(answer))
        except ValidationError as error:
            for fault in error.errors():
                console.print(f"[red]{'.'.join(map(str, fault['loc']))}: {fault['msg']}[/red]")


def _field(name: str, field: FieldInfo, console: Console) -> str:
    kind = field.annotation
    choices = [choice.value for choice in kind] if isinstance(kind, type) and issubclass(kind, StrEnum) else None
    console.print(f"[dim]{field.description}[/dim]")
    return Prompt.ask(name.capitalize(), choices=choices, console=console)
