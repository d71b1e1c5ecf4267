"""What became of every acknowledged write, as the descriptor's `drill.audit` command prints it (docs/drill.md)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar

from pydantic import TypeAdapter, ValidationError

from switchback.domain.errors import HalfDone


@dataclass(eq=False)
class NotAnAudit(HalfDone):
    """The audit printed something else."""

    problem: ClassVar[str] = "The drill's audit command printed no audit: {faults}."
    remedy: ClassVar[str] = "See docs/drill.md for what it must print. The ledger is kept beside the report."
    faults: str


@dataclass(frozen=True, kw_only=True)
class Audit:
    """Every acknowledged write, accounted for: acknowledged = on_old + waiting_on_new + lost."""

    acknowledged: int
    on_old: int
    waiting_on_new: int  #: only on new
    waiting_rows: Mapping[str, int] = field(default_factory=dict)  #: database.table -> rows that wait because of those
    lost: int  #: on neither side
    duplicated: int  #: took effect twice
    unknown: int = 0  #: writes whose answer was lost: may be there or not
    refused_but_there: int = 0  #: writes that were refused and yet took effect

    @property
    def complete(self) -> bool:
        """Whether each acknowledged write is in exactly one place."""
        return self.acknowledged == self.on_old + self.waiting_on_new + self.lost


def parse(printed: str) -> Audit:
    """The audit in what the command printed; raises NotAnAudit. Fields we do not know are passed over."""
    try:
        return TypeAdapter(Audit).validate_json(printed.strip())
    except ValidationError as error:
        faults = error.errors(include_input=False, include_url=False)
        said = "; ".join(f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in faults)
        raise NotAnAudit(said.lstrip(": ")) from error
