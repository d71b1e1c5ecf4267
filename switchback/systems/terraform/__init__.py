"""Terraform: the state that new was made from, a saved destroy plan of it, and applying exactly that plan.

It never makes anything, never answers a prompt and never forces a lock.
"""

from switchback.systems.terraform.binary import TerraformMissing, TerraformTooOld
from switchback.systems.terraform.output import (
    Diagnostic,
    NoStack,
    PartlyDestroyed,
    PlanStale,
    StateLocked,
    TerraformFailed,
)
from switchback.systems.terraform.plan import Doomed, Saved
from switchback.systems.terraform.stack import Stack, State, open_stack

__all__ = [
    "Diagnostic",
    "Doomed",
    "NoStack",
    "PartlyDestroyed",
    "PlanStale",
    "Saved",
    "Stack",
    "State",
    "StateLocked",
    "TerraformFailed",
    "TerraformMissing",
    "TerraformTooOld",
    "open_stack",
]
