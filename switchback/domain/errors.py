"""Every way the road back can be blocked.

The class says what kind of stop it is and so what happens next; the fields say where; the
remedy says what a person does. Prefect pickles errors between processes, so each one must
survive that journey (tests/unit/test_errors.py holds the whole family to it). Fields never
hold a secret, a connection string or a row value.
"""

from dataclasses import dataclass, fields
from typing import ClassVar


@dataclass(eq=False)
class SwitchbackError(Exception):
    """Anything this project stops for on purpose."""

    problem: ClassVar[str] = "The rollback stopped."
    remedy: ClassVar[str] = "Call the migration lead."
    exit_code: ClassVar[int] = 1

    def __post_init__(self) -> None:
        self.args = tuple(getattr(self, field.name) for field in fields(self))  # pickle rebuilds from args

    def __str__(self) -> str:
        return f"{self.problem.format_map(vars(self))} {self.remedy.format_map(vars(self))}".strip()


class Refused(SwitchbackError):
    """A precondition does not hold. Nothing was changed; never retried."""

    exit_code: ClassVar[int] = 2


class Unreachable(SwitchbackError):
    """A touched system did not answer. Asked again: the only kind that is retried."""

    exit_code: ClassVar[int] = 4


class HalfDone(SwitchbackError):
    """A step changed something and could not finish. Never retried; a person looks first."""

    exit_code: ClassVar[int] = 5
