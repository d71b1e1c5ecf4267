"""Votes on an attempt: asked, cast, and checked against the journal, whatever Prefect says.

A gate that timed out, was retried, or whose plan changed since is not approved: only a recorded
vote on this very plan, still fresh, opens it.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from pydantic import TypeAdapter

from switchback import settings
from switchback.domain import approval
from switchback.domain.approval import ApproverRole, Decision, NotApproved, Rules, Vote
from switchback.domain.journal import Kind
from switchback.domain.model import Plan
from switchback.rollback import lifecycle, records
from switchback.rollback.records import Outcome
from switchback.systems import journal
from switchback.ways import conduct
from switchback.ways.conduct import Attempt


def stands(attempt: Attempt, plan: Plan) -> bool:
    """Whether a vote carries this plan now. Once a step has begun, the vote that began it is enough."""
    told = conduct.told(attempt).records
    if records.begun(told) or records.outcome(told) is not None:
        return True
    voted = records.last(told, Kind.VOTED)
    if voted is None:
        return False
    try:
        _check(attempt, TypeAdapter(Vote).validate_python(voted.data), plan)
    except NotApproved:
        return False
    return True


def asked_at(attempt: Attempt, gate: str) -> datetime | None:
    """When people were asked at a gate; None when they were not."""
    asked = [r for r in conduct.told(attempt).records if r.kind is Kind.ASKED and r.data["gate"] == gate]
    return datetime.fromisoformat(asked[0].at) if asked else None


def must_be_fresh(attempt: Attempt, gate: str, at: datetime) -> None:
    """Raise NotApproved where an answer given at that instant comes too late, or nobody was asked."""
    asked, valid_s = asked_at(attempt, gate), settings.load(attempt.environment).policy.approval_valid_s
    if asked is None or at - asked > timedelta(seconds=valid_s):
        raise NotApproved(f"the question is older than {valid_s:g} s")


def rules(attempt: Attempt, role: ApproverRole = ApproverRole.INCIDENT_COMMANDER) -> Rules:
    """What the environment's descriptor holds a vote on this attempt to."""
    environment = settings.load(attempt.environment)
    return Rules(
        approvers=environment.approvers.model_dump(),
        requested_by=conduct.request(attempt).requested_by,
        valid_s=environment.policy.approval_valid_s,
        role=role,
    )


def ask(attempt: Attempt, plan: Plan, gate: str) -> None:
    """Record that people are asked about this plan; a second call for the same gate changes nothing."""
    if asked_at(attempt, gate) is None:
        conduct.note(attempt, Kind.ASKED, {"gate": gate, "digest": plan.digest})


def cast(attempt: Attempt, plan: Plan, gate: str, answer: Mapping[str, str]) -> None:
    """Record a person's answer to a gate; raises NotApproved unless it carries the plan.

    A denial of which nothing was begun ends the attempt, and frees the environment; one that goes on without new stays
    open behind its fences, to be asked about again or undone.
    """
    now = datetime.now(UTC)
    must_be_fresh(attempt, gate, now)
    vote = TypeAdapter(Vote).validate_python({**answer, "digest": plan.digest, "at": now})
    told = conduct.told(attempt).records
    if not records.closing(told):  # a second call of a denial only frees the environment
        conduct.note(attempt, Kind.VOTED, TypeAdapter(Vote).dump_python(vote, mode="json"))
    if vote.decision is Decision.DENY and records.last(told, Kind.INTENT) is None:
        store = journal.open_store(settings.load(attempt.environment))
        lifecycle.close(store, attempt.run, Outcome.UNDONE, {"denied_by": vote.name, "reason": vote.reason})
    _check(attempt, vote, plan)


def _check(attempt: Attempt, vote: Vote, plan: Plan) -> None:
    approval.check(vote, rules(attempt), digest=plan.digest, now=datetime.now(UTC))
