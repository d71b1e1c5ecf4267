"""Names made from templates: another migration is another naming file, never other code."""

import re
from dataclasses import dataclass
from string import Formatter

from switchback.domain.errors import Refused


@dataclass(eq=False)
class BadTemplate(Refused):
    """A naming template asks for a field that nobody fills."""

    problem = "Naming template {template!r} uses the unknown field {field!r}."
    remedy = "Use one of: {known}."
    template: str
    field: str
    known: str


@dataclass(eq=False)
class BadName(Refused):
    """Azure would not take the name."""

    problem = "{kind} name {name!r} is not a name that Azure takes ({rule})."
    remedy = "Correct the naming template or its fields."
    kind: str
    name: str
    rule: str


#: Azure's own rules for the kinds of names we make.
RULES = {
    "resource_group": r"[-\w.()]{0,89}[-\w()]",
    "cluster": r"[A-Za-z0-9](?:[-\w]{0,61}[A-Za-z0-9])?",
    "vault": r"(?!.*--)[A-Za-z][A-Za-z0-9-]{1,22}[A-Za-z0-9]",
    "postgres": r"[a-z0-9][a-z0-9-]{1,61}[a-z0-9]",
    "namespace": r"[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?",
    "account": r"[a-z0-9]{3,24}",
}


def render(template: str, fields: dict[str, str]) -> str:
    """The template with its fields filled in; raises BadTemplate when one is unknown."""
    for _text, field, _spec, _conversion in Formatter().parse(template):
        if field is not None and field not in fields:
            raise BadTemplate(template, field, ", ".join(sorted(fields)))
    return template.format_map(fields)


def name(kind: str, template: str, fields: dict[str, str]) -> str:
    """A rendered name that holds Azure's rule for its kind; raises BadTemplate or BadName."""
    rendered = render(template, fields)
    if not re.fullmatch(RULES[kind], rendered):
        raise BadName(kind.replace("_", " "), rendered, RULES[kind])
    return rendered
