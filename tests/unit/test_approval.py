"""Votes: bound to a plan, a person, a role and a time."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from switchback.domain import approval
from switchback.domain.approval import ApproverRole, Decision, NotApproved, Rules, Vote

NOW = datetime(2026, 1, 1, 3, 0, tzinfo=UTC)
RULES = Rules(approvers={"incident_commander": ("Ada", "Grace")}, requested_by="Grace", valid_s=900)
VOTE = Vote(
    decision=Decision.APPROVE,
    name="Ada",
    role=ApproverRole.INCIDENT_COMMANDER,
    reason="users see errors",
    digest="d" * 64,
    at=NOW,
)


def test_a_listed_person_carries_the_plan_they_saw() -> None:
    """The plain case passes, to the last second of its validity."""
    approval.check(VOTE, RULES, digest=VOTE.digest, now=NOW + timedelta(seconds=900))


@pytest.mark.parametrize(
    ("vote", "why"),
    [
        (replace(VOTE, decision=Decision.DENY), "denied it"),
        (replace(VOTE, digest="e" * 64), "voted on plan"),
        (replace(VOTE, name="Mallory"), "not listed"),
        (replace(VOTE, name="Grace"), "nobody approves their own request"),
        (replace(VOTE, reason="  "), "no reason"),
        (replace(VOTE, at=NOW - timedelta(seconds=901)), "older than 900 s"),
    ],
)
def test_any_other_vote_does_not_count(vote: Vote, why: str) -> None:
    """Each rule refuses by itself, and says which it is."""
    with pytest.raises(NotApproved, match=why):
        approval.check(vote, RULES, digest=VOTE.digest, now=NOW)
