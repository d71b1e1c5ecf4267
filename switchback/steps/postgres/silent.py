"""Which databases of new do not answer: that it is really so before anybody relies on it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from switchback.domain.errors import Refused, Unreachable
from switchback.domain.together import side_by_side
from switchback.systems.keyvault import SecretDenied, SecretNotFound
from switchback.systems.postgres.errors import LockHeld, LoginClosed, NoDatabase, WrongPassword

#: A server that was deleted, rebuilt with other passwords, or whose vault is gone.
UNREADABLE = (Unreachable, NoDatabase, WrongPassword, LoginClosed, SecretNotFound, SecretDenied)


@dataclass(eq=False)
class NewAnswers(Refused):
    """Rows are not left on new, or given up, while they are there to be brought home."""

    problem: ClassVar[str] = "New's databases answer ({databases}): what was written there can be brought home."
    remedy: ClassVar[str] = (
        "Start again without saying that new is down, or gone; an attempt that is under way is undone first."
    )
    databases: str


@dataclass(frozen=True, kw_only=True)
class Silent:
    """Why databases of new cannot be read, by database."""

    databases: dict[str, str]


def silent(names: Sequence[str], ask: Callable[[str], object], also: type[Refused]) -> Silent:
    """The databases of new that do not answer, are not there, or for which `ask` raises `also`; and why.

    One where somebody holds a lock answers: LockHeld is raised as it is.
    """

    def why(name: str) -> str:
        try:
            ask(name)
        except LockHeld:
            raise
        except (*UNREADABLE, also) as met:
            return str(met)
        return ""

    return Silent(databases={name: words for name, words in side_by_side(names, why).items() if words})
