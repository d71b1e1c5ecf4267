"""Nobody signs for what can still be read."""

import pytest

from switchback.domain.errors import Refused
from switchback.steps.postgres import silent
from switchback.systems.postgres.errors import LockHeld, ServerUnreachable

DATABASES = ("ledger", "library")


def test_a_database_that_does_not_answer_is_named_with_its_reason() -> None:
    """The other one is not."""

    def ask(name: str) -> None:
        if name == "ledger":
            raise ServerUnreachable("new:5432/ledger", "nobody listens there")

    assert list(silent(DATABASES, ask, Refused).databases) == ["ledger"]


def test_a_database_in_which_somebody_holds_a_lock_answers() -> None:
    """It is no more lost than it is slow."""

    def ask(name: str) -> None:
        raise LockHeld(f"new:5432/{name}")

    with pytest.raises(LockHeld):
        silent(DATABASES, ask, Refused)
