"""What dies between the end of an attempt and the release of its environment: nobody is locked out for good."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta, tzinfo
from pathlib import Path

import pytest

from switchback import settings
from switchback.domain.approval import NotApproved
from switchback.domain.step import Runbook
from switchback.rollback import lifecycle
from switchback.rollback.attempt import Ended
from switchback.rollback.records import Request, Way
from switchback.systems import journal
from switchback.systems.journal.file import FileStore
from switchback.ways import ballot, conduct, runbooks
from switchback.ways.conduct import Attempt
from tasks._tries import this_try

RUN = "dns-switchback-dev-11111111"
VOTE = {"decision": "approve", "name": "Ada Example", "role": "incident_commander", "reason": "a test"}


class Died(BaseException):
    """The runner, just there."""


class Later(datetime):
    @classmethod
    def now(cls, tz: tzinfo | None = None) -> "Later":
        return super().now(tz) + timedelta(days=2)


@pytest.fixture
def attempt(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Attempt:
    """An attempt without any step, of which nothing was begun."""
    dev = settings.load("dev")
    kept = dev.journal.model_copy(update={"folder": str(tmp_path), "account": "", "container": ""})
    approvers = dev.approvers.model_copy(update={"incident_commander": (VOTE["name"],)})
    environment = replace(dev, journal=kept, approvers=approvers)
    monkeypatch.setattr(settings, "load", lambda _name: environment)
    monkeypatch.setattr(runbooks, "of_attempt", lambda *_: Runbook(title="", preconditions=(), items=()))
    request = Request(way=Way.DNS_SWITCHBACK, environment="dev", incident="errors", requested_by="Grace", run=RUN)
    lifecycle.begin(journal.open_store(environment), RUN, request)
    return Attempt(run=RUN, environment="dev")


def undone_and_killed(attempt: Attempt) -> None:
    """As a runner that has written the end down, and dies before it frees the environment."""
    with freeing_dies(), pytest.raises(Died):
        conduct.undo(attempt)
    assert holder(attempt)


@contextmanager
def freeing_dies() -> Iterator[None]:
    """While the block runs."""

    def die(_self: FileStore, _run: str) -> None:
        raise Died

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(FileStore, "unlock", die)
        yield


def holder(attempt: Attempt) -> object:
    return journal.open_store(settings.load(attempt.environment)).holder()


def test_undone_and_killed_the_next_call_frees(attempt: Attempt) -> None:
    """Undo says that it has ended, a resume too; and the environment is free."""
    undone_and_killed(attempt)
    with pytest.raises(Ended):
        conduct.undo(attempt)
    assert holder(attempt) is None


def test_undone_and_killed_a_resume_frees(attempt: Attempt) -> None:
    """Nothing else is done by it."""
    undone_and_killed(attempt)
    conduct.begin(conduct.request(attempt), key="", resume=RUN)
    assert holder(attempt) is None


def test_denied_and_killed_the_same_answer_frees(attempt: Attempt) -> None:
    """A task that is tried again gives the same answer again."""
    plan, denial = conduct.plan(attempt), VOTE | {"decision": "deny"}
    ballot.ask(attempt, plan, "gate")
    with freeing_dies(), pytest.raises(Died):
        ballot.cast(attempt, plan, "gate", denial)
    with pytest.raises(NotApproved):
        ballot.cast(attempt, plan, "gate", denial)
    assert holder(attempt) is None


def test_who_answers_too_late_is_asked_anew(attempt: Attempt, monkeypatch: pytest.MonkeyPatch) -> None:
    """At a terminal each try is a question of its own, and so its time begins anew."""
    plan, first, second = conduct.plan(attempt), this_try(), this_try()
    ballot.ask(attempt, plan, first)
    with monkeypatch.context() as later:
        later.setattr(ballot, "datetime", Later)
        with pytest.raises(NotApproved, match="older"):
            ballot.cast(attempt, plan, first, VOTE)
    ballot.ask(attempt, plan, second)
    ballot.cast(attempt, plan, second, VOTE)
    assert ballot.stands(attempt, plan)
