"""Kubernetes: what the clusters' ingress controllers saw, and how many pods the applications have."""

from switchback.domain.model import Side
from switchback.ways import conduct
from switchback.ways.conduct import Attempt
from tasks._step import step


@step("prove that the users have left {side}")
def prove_traffic_gone(attempt: Attempt, side: Side) -> None:
    """No request of a user on `side` for a while; stragglers are listed."""
    conduct.prove(attempt, f"users have left {side}")


@step("stop the applications of {side}")
def stop_applications(attempt: Attempt, side: Side) -> None:
    """Scale every deployment of the platform to nothing; the counts are in the journal."""
    conduct.carry_out(attempt, f"stop the applications of {side}")


@step("start the applications of {side}")
def start_applications(attempt: Attempt, side: Side) -> None:
    """Give every deployment the count that it had, and wait until its pods are ready."""
    conduct.carry_out(attempt, f"start the applications of {side}")
