"""Postgres: who may write, and what is where. Both sites' databases, by the pipeline's role."""

from switchback.domain.model import Side
from switchback.ways import conduct
from switchback.ways.conduct import Attempt
from tasks._step import step


@step("fence {side}")
def fence(attempt: Attempt, side: Side) -> None:
    """Stop the applications' writes on one site, proven by a hostile writer."""
    conduct.carry_out(attempt, f"fence {side}")


@step("unfence {side}")
def unfence(attempt: Attempt, side: Side) -> None:
    """Give the applications of one site back exactly what the fence took."""
    conduct.carry_out(attempt, f"unfence {side}")


@step("advance the sequences of old")
def advance_sequences(attempt: Attempt) -> None:
    """Set old's sequences past everything that both sites ever handed out (defect 16)."""
    conduct.carry_out(attempt, "advance the sequences of old")


@step("advance the sequences of old, far")
def advance_sequences_far(attempt: Attempt) -> None:
    """Set old's sequences past what new can have handed out, where nobody can ask it."""
    conduct.carry_out(attempt, "advance the sequences of old, far")


@step("prove that nothing waits on new")
def prove_nothing_waits(attempt: Attempt) -> None:
    """Filling new replaces what it holds: nothing may exist only there (defect 14)."""
    conduct.prove(attempt, "nothing waits on new")


@step("load new")
def load_new(attempt: Attempt) -> None:
    """Fill new from old with the migration's own tooling, and compare both sites."""
    conduct.carry_out(attempt, "load new")


@step("record both sites")
def record_sites(attempt: Attempt) -> None:
    """Keep positions, snapshots and sequences of both sites, before new's first write."""
    conduct.carry_out(attempt, "record both sites")


@step("count the rows that wait on new")
def count_waiting(attempt: Attempt) -> None:
    """Count, per table, what exists only on new."""
    conduct.prove(attempt, "rows waiting on new")
