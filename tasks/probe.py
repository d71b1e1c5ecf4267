"""Probes: what a site answers when asked at its own address, whatever DNS says."""

from switchback.domain.model import Side
from switchback.ways import conduct
from switchback.ways.conduct import Attempt
from tasks._step import step


@step("prove that {side} serves")
def prove_serving(attempt: Attempt, side: Side) -> None:
    """Every service at the pinned address: certificate, identity of the site, and a write."""
    conduct.prove(attempt, f"{side} serves")
