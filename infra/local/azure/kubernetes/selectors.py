"""Label selectors of the equality kind: `a=b`, `a!=b`, `a`, `!a`, joined by commas."""

from collections.abc import Mapping

from infra.local.azure.answers import Problem


def matches(selector: str, labels: Mapping[str, str]) -> bool:
    """Whether the labels fit the selector; a 400 for the set-based kind, which is not served."""
    if "(" in selector:
        raise Problem(400, "BadRequest", f"The stand-in does not know the selector '{selector}'.")
    return all(_term(term.strip(), labels) for term in selector.split(",") if term.strip())


def _term(term: str, labels: Mapping[str, str]) -> bool:
    if "!=" in term:
        key, value = term.split("!=", 1)
        return labels.get(key.strip()) != value.strip()
    if "=" in term:
        key, value = term.replace("==", "=").split("=", 1)
        return labels.get(key.strip()) == value.strip()
    if term.startswith("!"):
        return term[1:].strip() not in labels
    return term in labels
