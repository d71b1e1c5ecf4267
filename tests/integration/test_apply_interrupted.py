"""The session dies in the middle of applying or undoing: old is as it was, and the next run ends it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest

from switchback.recovery import undo
from switchback.recovery.apply import apply
from tests import exactly
from tests.fix_recovery import Captured, command

STEPS = 12  #: deaths, spread over all statements


class Died(BaseException):
    """What a killed process would not even notice."""


@contextmanager
def dying_at(statement: int) -> Iterator[list[int]]:
    """Close the session's socket instead of sending that statement; counts the statements sent."""
    real, sent = psycopg.Cursor.execute, [0]

    def execute(cursor: psycopg.Cursor[Any], *given: Any, **named: Any) -> Any:  # noqa: ANN401 - as the driver's
        if sent[0] == statement:
            sent[0] += 1
            cursor.connection.close()
            raise Died
        sent[0] += 1
        return real(cursor, *given, **named)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(psycopg.Cursor, "execute", execute)
        yield sent


def there_and_back(old: str, folder: Path) -> None:
    """Apply, then undo."""
    apply(old, folder)
    undo.undo(old, folder)


def test_a_death_at_any_statement_leaves_all_or_nothing_and_the_next_run_ends_it(captured: Captured) -> None:
    """Everything is in one transaction: triggers, sequences and keys included; the lock goes with the session."""
    old, folder = captured.old, captured.folder
    looks = [side.conninfo("postgres") for side in (captured.pair.old, captured.pair.new)]
    assert command("review", "--bundle", folder).exit_code == 0
    made_so, (before, after) = exactly.making(looks[0]), map(exactly.contents, looks)
    with dying_at(-1) as sent:
        there_and_back(old, folder)
    for statement in range(0, sent[0], max(sent[0] // STEPS, 1)):
        with pytest.raises(Died), dying_at(statement):
            there_and_back(old, folder)
        assert exactly.contents(looks[0]) in (before, after), f"died at statement {statement} of {sent[0]}"
        undo.undo(old, folder)
        assert (exactly.contents(looks[0]), exactly.making(looks[0])) == (before, made_so)
    apply(old, folder)
    assert exactly.contents(looks[0]) == after
