"""Whether anybody is on new: counted four ways, each with its evidence. This module only looks."""

from switchback.ways import conduct, evidence
from switchback.ways.conduct import Attempt
from tasks import artifacts
from tasks._step import step

CHECKS = ("nobody is sent to new", "nobody has come to new", "nobody is inside new's databases")


@step("prove that nobody is on new")
def prove_nobody(attempt: Attempt) -> None:
    """DNS answers, requests and sessions: all zero; unknown is not zero."""
    for check in CHECKS:
        conduct.prove(attempt, check)


@step("prove that no row exists only on new")
def prove_no_rows(attempt: Attempt) -> None:
    """Every table of every database on new's server; keeps what was found as a table."""
    conduct.prove(attempt, "no row exists only on new")
    found = evidence.proven(conduct.told(attempt).records)
    rows: list[dict[str, str | int]] = [
        {"check": name, "found": each.found, "what": each.of, "looked at": "; ".join(each.looked_at)}
        for name, each in found.items()
    ]
    artifacts.table("nobody-on-new", rows, "What was counted on new, and where")
