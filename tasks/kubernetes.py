"""Kubernetes: what the clusters' ingress controllers saw."""

from switchback.domain.model import Side
from switchback.ways import conduct
from switchback.ways.conduct import Attempt
from tasks._step import step


@step("prove that the users have left {side}")
def prove_traffic_gone(attempt: Attempt, side: Side) -> None:
    """No request of a user on `side` for a while; stragglers are listed."""
    conduct.prove(attempt, f"users have left {side}")
