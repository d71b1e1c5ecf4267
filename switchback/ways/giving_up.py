"""New never answers again after users went back without it: a data steward signs for all that was written there."""

from dataclasses import dataclass
from typing import ClassVar

from switchback import settings
from switchback.domain.errors import Refused
from switchback.domain.model import Side
from switchback.rollback import lifecycle, records
from switchback.rollback.records import Outcome
from switchback.steps import dns, recovery
from switchback.systems import journal
from switchback.ways import conduct, reviewing


@dataclass(eq=False)
class NotLost(Refused):
    """Nobody signs away what can still be brought home."""

    problem: ClassVar[str] = "What was written in {databases} can still be brought home."
    remedy: ClassVar[str] = "Resume {run}: it fences new and brings the rows home."
    databases: str
    run: str


@dataclass(eq=False)
class UsersStillOnNew(Refused):
    """Going back comes first: it does not need new."""

    problem: ClassVar[str] = "{run}: users have not been sent to old yet."
    remedy: ClassVar[str] = "Resume it; when it waits for new, what was written there can be given up."
    run: str


def give_up_new(run: str, name: str, reason: str) -> bool:
    """End an attempt that waits for new, with the loss signed for; False where it does not wait for new.

    A second call changes nothing. Raises NotApproved, UsersStillOnNew, or NotLost while a database of new is readable.
    """
    attempt = conduct.attempt_of(run)
    reviewing.must_be_steward(attempt, name)
    ground, own = conduct.ground(attempt)
    if records.closing(own).get("given_up_by"):
        return True
    waits = records.request(own).new_is_down and records.observed(own, recovery.BringHome.name) is None
    if records.outcome(own) or not waits:
        return False
    environment = settings.load(attempt.environment)
    if records.observed(own, dns.AnswersFollow(environment, Side.OLD).name) is None:
        raise UsersStillOnNew(run)
    lost = recovery.unreadable(ground).databases
    if there := [database for database in ground.databases if database not in lost]:
        raise NotLost(", ".join(there), run)
    signed = {"given_up_by": name, "reason": reason, "lost": ", ".join(lost)}
    lifecycle.close(journal.open_store(environment), run, Outcome.DONE, signed)
    return True
