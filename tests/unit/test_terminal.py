"""The forms at a terminal: what the Prefect UI would not take is not taken there either."""

from collections.abc import Callable

import pytest

from switchback.domain import rendering
from switchback.domain.approval import NotApproved
from switchback.domain.model import Plan
from tasks import terminal
from tasks.approvals import Approval
from tasks.reviews import Review

PLAN = Plan(title="the plan", changes=())
DIGEST = PLAN.digest[: rendering.SHORT]
Typing = Callable[..., None]


@pytest.fixture
def types(monkeypatch: pytest.MonkeyPatch) -> Typing:
    """What the person at the keyboard types, line by line."""

    def typing(*lines: str) -> None:
        typed = iter(lines)
        monkeypatch.setattr("builtins.input", lambda *_: next(typed))

    return typing


def test_the_plan_is_voted_on_as_in_the_ui(types: Typing) -> None:
    """Its digest first, then every field of the form."""
    types(DIGEST, "approve", "Priya Nair", "incident_commander", "users see errors")
    answer = terminal.ask("the plan", PLAN, Approval)
    assert answer == {
        "decision": "approve",
        "name": "Priya Nair",
        "role": "incident_commander",
        "reason": "users see errors",
    }


def test_who_has_not_read_the_plan_is_asked_no_more(types: Typing) -> None:
    """The digest is of another plan."""
    types("0" * rendering.SHORT)
    with pytest.raises(NotApproved, match="digest"):
        terminal.ask("the plan", PLAN, Approval)


def test_what_a_field_does_not_take_is_asked_again(types: Typing, capsys: pytest.CaptureFixture[str]) -> None:
    """No reason was given: the form says so, and is filled in once more."""
    first = ("deny", "leave", "none", "Sam Idowu", "data_steward", "")
    types(*first, *first[:-1], "not now")
    assert terminal.fill_in("the rows", Review)["reason"] == "not now"
    assert "reason: " in capsys.readouterr().err
