"""New's databases do not answer: which of them, and that it is really so before anybody relies on it."""

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


@dataclass(eq=False)
class NewStillSilent(Unreachable):
    """What waits on new cannot be brought home yet."""

    problem: ClassVar[str] = "Users are served by old. New's databases still do not answer: {why}"
    remedy: ClassVar[str] = "What was written on new waits there. Resume {run} when they answer: the rest is done then."
    run: str
    why: str


@dataclass(frozen=True, kw_only=True)
class Silent:
    """Why databases of new cannot be read, by database."""

    databases: dict[str, str]


class NewIsDown:
    """Some database of new cannot be read, so that new can neither be fenced nor exported."""

    facts = Silent
    name = "new is down"

    def __init__(self, environment: Environment) -> None:
        self._environment = environment

    def look(self) -> Silent:
        """See Check. Raises NewAnswers when all of them answer."""
        found = silent(self._environment)
        if not found.databases:
            raise NewAnswers(", ".join(databases(self._environment)))
        return found


class NewIsGone(NewIsDown):
    """No database of new can be read, so that nothing could be brought home."""

    name = "new is gone"

    def look(self) -> Silent:
        """See Check. Raises NewAnswers when any of them answers."""
        found = super().look()
        if alive := [name for name in databases(self._environment) if name not in found.databases]:
            raise NewAnswers(", ".join(alive))
        return found


def silent(environment: Environment) -> Silent:
    """The databases of new that do not answer, or are not there."""
    names = databases(environment)
    why = together(names, lambda name: _why_silent(environment, name))
    return Silent(databases={name: words for name, words in zip(names, why, strict=True) if words})


def _why_silent(environment: Environment, name: str) -> str:
    try:
        with pipeline.session(environment, Side.NEW, name):
            return ""
    except (Unreachable, NoDatabase) as met:
        return str(met)
