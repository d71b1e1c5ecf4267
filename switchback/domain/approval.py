"""When a vote counts: bound to the plan that was shown, by a person who may, for as long as was agreed.

Prefect does not know who clicked; these rules are ours and are checked by us (defects 6, 7).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import ClassVar

from switchback.domain.errors import Refused
from switchback.domain.rendering import SHORT


class Decision(StrEnum):
    """A person's answer."""

    APPROVE = "approve"
    DENY = "deny"


class ApproverRole(StrEnum):
    """In which role a person answers."""

    INCIDENT_COMMANDER = "incident_commander"  # for the plan
    DATA_STEWARD = "data_steward"  # for the rows that come home, or stay behind


@dataclass(frozen=True, kw_only=True)
class Vote:
    """One person's answer to one plan."""

    decision: Decision
    name: str
    role: ApproverRole
    reason: str
    digest: str  #: of the plan that was shown
    at: datetime


@dataclass(frozen=True, kw_only=True)
class Rules:
    """What a vote is held to."""

    approvers: Mapping[str, Sequence[str]]  #: names by role
    requested_by: str
    valid_s: float  #: how long a vote stands
    role: ApproverRole = ApproverRole.INCIDENT_COMMANDER  #: in which one must answer


@dataclass(eq=False)
class NotApproved(Refused):
    """The plan has no vote that counts."""

    problem: ClassVar[str] = "Not approved: {why}."
    remedy: ClassVar[str] = (
        "The answer changed nothing. Resume the attempt to be asked again: `switchback status` names it; one that was "
        "denied before its first step has ended."
    )
    why: str


@dataclass(eq=False)
class NotASteward(Refused):
    """What was written on new is signed away by those who answer for the data, and by nobody else."""

    problem: ClassVar[str] = "{name!r} is not listed as data_steward in the descriptor of {environment}."
    remedy: ClassVar[str] = "Nothing was signed. Ask one of those who are listed there, below [approvers]."
    name: str
    environment: str


def check(vote: Vote, rules: Rules, *, digest: str, now: datetime) -> None:
    """Raise NotApproved unless the vote carries the plan with this digest, now."""
    allowed = rules.approvers.get(vote.role.value, ())
    if vote.decision is Decision.DENY:
        raise NotApproved(f"{vote.name} denied it as {vote.role.value}: {vote.reason}")
    if vote.role is not rules.role:
        raise NotApproved(f"{vote.name} answered as {vote.role.value}, it takes a {rules.role.value}")
    if vote.digest != digest:
        raise NotApproved(f"{vote.name} voted on plan {vote.digest[:SHORT]}, this is plan {digest[:SHORT]}")
    if vote.name not in allowed:
        raise NotApproved(f"{vote.name!r} is not listed as {vote.role.value} in the environment's descriptor")
    if vote.name == rules.requested_by:
        raise NotApproved(f"{vote.name} asked for it; nobody approves their own request")
    if not vote.reason.strip():
        raise NotApproved("the vote gives no reason")
    if now - vote.at > timedelta(seconds=rules.valid_s):
        raise NotApproved(f"the vote of {vote.name} is older than {rules.valid_s:g} s")
