"""What an attempt has proven before people are asked, in words: a line for each count, and where it was counted."""

from collections.abc import Sequence

from switchback.domain.evidence import Evidence
from switchback.domain.journal import Kind, Record
from switchback.rollback.records import as_facts

FIELDS = set(Evidence.__dataclass_fields__)


def proven(told: Sequence[Record]) -> dict[str, Evidence]:
    """The latest evidence of each check, by the check's name."""
    kept = [record for record in told if record.kind is Kind.OBSERVED]
    seen = {record.step: record.data["seen"] for record in kept}
    return {name: as_facts(Evidence, value) for name, value in seen.items() if _is_evidence(value)}


def lines(told: Sequence[Record]) -> tuple[str, ...]:
    """One text with a bullet for each; empty where nothing was counted."""
    found = (f"- {name}: {each.found} {each.of} ({'; '.join(each.looked_at)})" for name, each in proven(told).items())
    text = "\n".join(found)
    return (text,) if text else ()


def _is_evidence(value: object) -> bool:
    return isinstance(value, dict) and value.keys() == FIELDS
