"""New's databases do not answer, none of them: that it is really so before anybody relies on it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from switchback.domain.errors import Refused, Unreachable
from switchback.domain.model import Side
from switchback.domain.together import together
from switchback.settings import Environment
from switchback.steps.postgres.access import databases
from switchback.systems.postgres import pipeline
from switchback.systems.postgres.errors import NoDatabase


@dataclass(eq=False)
class NewAnswers(Refused):
    """Rows are not left on new, or given up, while they are there to be brought home."""

    problem: ClassVar[str] = "New's databases answer ({databases}): what was written there can be brought home."
    remedy: ClassVar[str] = "Start again without saying that new is down, or gone."
    databases: str


@dataclass(frozen=True, kw_only=True)
class Silent:
    """Why databases of new cannot be read, by database."""

    databases: dict[str, str]


class NewIsGone:
    """No database of new can be read, so that nothing could be brought home."""

    facts = Silent
    name = "new is gone"

    def __init__(self, environment: Environment) -> None:
        self._environment = environment

    def look(self) -> Silent:
        """See Check. Raises NewAnswers when any of them answers."""
        names = databases(self._environment)
        found = silent(names, self._ask)
        if alive := [name for name in names if name not in found.databases]:
            raise NewAnswers(", ".join(alive))
        return found

    def _ask(self, name: str) -> None:
        with pipeline.session(self._environment, Side.NEW, name):
            pass


def silent(names: Sequence[str], ask: Callable[[str], object], also: type[Refused] = NoDatabase) -> Silent:
    """The databases of new that do not answer, are not there, or for which `ask` raises `also`; and why."""

    def why(name: str) -> str:
        try:
            ask(name)
        except (Unreachable, NoDatabase, also) as met:
            return str(met)
        return ""

    said = zip(names, together(names, why), strict=True)
    return Silent(databases={name: words for name, words in said if words})
