"""The review pause: what people are asked about the rows of new, and what their answer does. Kept in the journal.

An answer counts once what was returned has been taken and sealed; a refused review is recorded and asked again.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path

from switchback import settings
from switchback.domain import approval
from switchback.domain.approval import ApproverRole, Decision, NotApproved, NotASteward, Vote
from switchback.domain.errors import Refused
from switchback.domain.journal import Json, Kind, Record
from switchback.recovery.summary import Line, lines
from switchback.rollback import records
from switchback.rollback.records import Option
from switchback.steps import recovery
from switchback.steps.recovery.seal import Conflicts, OtherFiles, Signer, fetch, give, returned_code, seal, sign_loss
from switchback.steps.recovery.seal import sign_left as sign_left_rows
from switchback.ways import ballot, conduct
from switchback.ways.conduct import Attempt

SUBJECT = {Option.RECOVER: recovery.REVIEWS, Option.ACCEPT_LOSS: "the loss"}


class ReviewDecision(StrEnum):
    """An answer to the review."""

    APPLY_REVIEWED = "apply_reviewed"
    DENY = "deny"


class LossDecision(StrEnum):
    """An answer to the question whether rows are given up."""

    SIGN_LOSS = "sign_loss"
    DENY = "deny"


@dataclass(frozen=True, kw_only=True)
class Question:
    """What the pause is about: each database's tables with changes, and the digest over what was exported."""

    run: str
    option: Option
    digest: str
    tries: int  #: reviews so far, refused or outdated
    refusal: str  #: why the last one does not count; empty for the first
    returned: str  #: the code of the files that were returned so far
    databases: dict[str, tuple[Line, ...]]


def question(attempt: Attempt) -> Question:
    """The question as it stands now; raises KeyError before anything was exported."""
    ground, own = conduct.ground(attempt)
    tables, reviews = {}, [r for r in own if r.kind is Kind.REVIEWED]
    for name in ground.environment.databases:
        with recovery.Kept(ground, name, recovery.Part.EXPORTED).noted() as noted:
            if noted is None:
                raise KeyError(name)
            tables[name] = tuple(line for line in lines(noted[0].manifest, None) if line.changes or line.kept_on_old)
    return Question(
        run=attempt.run,
        option=records.request(own).option,
        digest=recovery.Export(ground).look().digest,
        tries=len(reviews),
        refusal=_why_again(reviews[-1]) if reviews else "",
        returned=returned_code(ground),
        databases=tables,
    )


def stands(attempt: Attempt) -> bool:
    """Whether somebody has signed for exactly what is sealed now."""
    ground, own = conduct.ground(attempt)
    option = records.request(own).option
    signed = recovery.voted(own, SUBJECT[option])
    sealed = recovery.Apply(ground, own) if option is Option.RECOVER else recovery.Export(ground)
    return bool(signed) and signed == sealed.look().digest


def ask(attempt: Attempt, asked: Question, gate: str) -> None:
    """Record that people are asked; a second call for the same gate changes nothing."""
    if ballot.asked_at(attempt, gate) is None:
        conduct.note(attempt, Kind.ASKED, {"gate": gate, "digest": asked.digest, "subject": "the exported bundle"})


def answer(attempt: Attempt, asked: Question, gate: str, given: Mapping[str, str]) -> bool:
    """Take an answer: review, seal, record the vote. False when the review was refused: ask again.

    Raises NotApproved where the person may not answer, answered too late, or denied; nothing was applied then.
    """
    ground, _ = conduct.ground(attempt)
    refused = given["decision"] == ReviewDecision.DENY
    vote = Vote(
        decision=Decision.DENY if refused else Decision.APPROVE,
        name=given["name"],
        role=ApproverRole(given["role"]),
        reason=given["reason"],
        digest=asked.digest,
        at=datetime.now(UTC),
    )
    _check(attempt, vote, gate)
    signer, digest = Signer(name=vote.name, reason=vote.reason), asked.digest
    try:
        if asked.option is Option.ACCEPT_LOSS:
            sign_loss(ground, signer)
        else:
            _must_be_meant(ground, given["returned"])
            digest = seal(ground, Conflicts(given["conflicts"]), signer)
            _must_be_meant(ground, given["returned"])
            _reviewed(attempt, asked, "")
    except Refused as refusal:
        _reviewed(attempt, asked, str(refusal))
        return False
    _vote(attempt, vote, digest, SUBJECT[asked.option])
    return True


def fetch_bundles(run: str, folder: Path) -> tuple[Path, ...]:
    """The bundles of an attempt for the data team, below `folder`; raises FolderTaken."""
    return fetch(conduct.ground(conduct.attempt_of(run))[0], folder)


def return_bundles(run: str, folder: Path) -> tuple[int, str]:
    """Return the files that the data team has worked on: how many, and the code that whoever signs for them says.

    Raises BadReview, NotInTheBundle or OnOldAlready.
    """
    ground, _ = conduct.ground(conduct.attempt_of(run))
    return give(ground, folder), returned_code(ground)


def sign_left(run: str, name: str, reason: str) -> int:
    """A data steward signs for the rows that a DNS switchback left on new; how many. Raises NotASteward."""
    attempt = conduct.attempt_of(run)
    must_be_steward(attempt, name)
    return sign_left_rows(conduct.ground(attempt)[0], Signer(name=name, reason=reason))


def must_be_steward(attempt: Attempt, name: str) -> None:
    """Raise NotASteward unless the environment's descriptor lists the name as data steward."""
    if name not in settings.load(attempt.environment).approvers.data_steward:
        raise NotASteward(name, attempt.environment)


def _must_be_meant(ground: recovery.Ground, code: str) -> None:
    if code.strip().lower() != (now := returned_code(ground)):
        raise OtherFiles(now)


def _why_again(review: Record) -> str:
    return "files were returned after it was answered" if review.data["taken"] else str(review.data["why"])


def _check(attempt: Attempt, vote: Vote, gate: str) -> None:
    ballot.must_be_fresh(attempt, gate, vote.at)
    rules = ballot.rules(attempt, ApproverRole.DATA_STEWARD)
    try:
        approval.check(vote, rules, digest=vote.digest, now=vote.at)
    except NotApproved:
        _vote(attempt, vote, vote.digest, "the exported bundle")
        raise


def _reviewed(attempt: Attempt, asked: Question, why: str) -> None:
    data: dict[str, Json] = {
        "taken": not why,
        "why": why or "taken",
        "digest": asked.digest,
        "subject": "the exported bundle",
    }
    conduct.note(attempt, Kind.REVIEWED, data)


def _vote(attempt: Attempt, vote: Vote, digest: str, subject: str) -> None:
    told = {"decision": vote.decision.value, "name": vote.name, "role": vote.role.value, "reason": vote.reason}
    conduct.note(attempt, Kind.VOTED, told | {"digest": digest, "at": vote.at.isoformat(), "subject": subject})
