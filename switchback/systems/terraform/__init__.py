"""Terraform: the state that new was made from, a saved destroy plan of it, and applying exactly that plan.

It never makes anything, never answers a prompt and never forces a lock.
"""

from switchback.systems.terraform.binary import TerraformMissing, TerraformTooOld
from switchback.systems.terraform.output import NoStack, PartlyDestroyed, PlanStale, StateLocked, TerraformFailed
from switchback.systems.terraform.plan import Doomed, Saved
from switchback.systems.terraform.stack import Stack, open_stack

__all__ = [
    "Doomed",
    "NoStack",
    "PartlyDestroyed",
    "PlanStale",
    "Saved",
    "Stack",
    "StateLocked",
    "TerraformFailed",
    "TerraformMissing",
    "TerraformTooOld",
    "open_stack",
]
