"""Terraform steps: destroy new, by a saved plan that holds nothing else."""

from switchback.steps.terraform.destroy import Destroy, DestroySeen
from switchback.steps.terraform.gate import (
    CannotComeBack,
    Locked,
    MoreThanExpected,
    NotNews,
    NotOnlyDestroyed,
    Stowaway,
)

__all__ = [
    "CannotComeBack",
    "Destroy",
    "DestroySeen",
    "Locked",
    "MoreThanExpected",
    "NotNews",
    "NotOnlyDestroyed",
    "Stowaway",
]
