"""Terraform: destroys what the approved plan names. This module decides nothing and makes nothing."""

from switchback.ways import conduct
from switchback.ways.conduct import Attempt
from tasks._step import step


@step("destroy new")
def destroy(attempt: Attempt) -> None:
    """Apply exactly the saved plan that was approved; from here on there is only forward."""
    conduct.carry_out(attempt, "destroy new")
