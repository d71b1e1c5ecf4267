"""Databases of new whose rows cannot be brought home now: they do not answer, or are not those that users wrote to."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from switchback.domain.errors import Unreachable
from switchback.domain.model import Side
from switchback.steps.postgres import NewAnswers, Silent, silent
from switchback.steps.recovery.continuity import AnotherNew
from switchback.steps.recovery.ground import Ground
from switchback.systems.postgres.access import NoSuchDatabases


@dataclass(eq=False)
class NewStillSilent(Unreachable):
    """What waits on new cannot be brought home yet."""

    problem: ClassVar[str] = "Users are served by old. New's databases still cannot be read: {why}"
    remedy: ClassVar[str] = (
        "What was written on new waits there. Resume {run} when they answer: the rest is done then. If they are lost "
        "for good, a data steward signs for that: switchback accept-loss {run}, with --database NAME if only some are."
    )
    run: str
    why: str


@dataclass(eq=False)
class NewSilent(Unreachable):
    """A way back that begins with new's rows cannot begin."""

    problem: ClassVar[str] = "New's databases cannot be read: {why}"
    remedy: ClassVar[str] = (
        "If users cannot wait for them, take dns-switchback and say that new is down (new_is_down, --new-is-down): "
        "what was written there comes home when they answer. If old is gone as well, name those that are lost to "
        "emergency-restore (lost_databases, --lost-database), or sign for all of new (accept_loss)."
    )
    why: str


class NewIsDown:
    """Some database of new cannot be read, so that new can neither be fenced nor exported."""

    facts = Silent
    name = "new is down"

    def __init__(self, ground: Ground) -> None:
        self._ground = ground

    def look(self) -> Silent:
        """See Check. Raises NewAnswers when all of them can be read."""
        found = unreadable(self._ground)
        if not found.databases:
            raise NewAnswers(", ".join(self._ground.environment.databases))
        return found


class NewIsUp:
    """Every database of new can be read, and is the one that users wrote to."""

    facts = Silent
    name = "new is up"

    def __init__(self, ground: Ground) -> None:
        self._ground = ground

    def look(self) -> Silent:
        """See Check. Raises NewSilent."""
        found = unreadable(self._ground)
        if found.databases:
            raise NewSilent(" ".join(found.databases.values()))
        return found


class NewIsGone:
    """Databases of new that are to be given up cannot be read: nothing of them could be brought home."""

    facts = Silent
    name = "what is given up of new is gone"

    def __init__(self, ground: Ground, lost: Sequence[str]) -> None:
        self._ground = ground
        self._lost = lost

    def look(self) -> Silent:
        """See Check. Raises NoSuchDatabases, or NewAnswers when any of them can be read."""
        known = {one.database for one in self._ground.sites.new}
        if unknown := [name for name in self._lost if name not in known]:
            raise NoSuchDatabases(str(Side.NEW), ", ".join(unknown))
        found = silent(self._lost, self._ground.new_now, also=AnotherNew)
        if alive := [name for name in self._lost if name not in found.databases]:
            raise NewAnswers(", ".join(alive))
        return found


def unreadable(ground: Ground) -> Silent:
    """The databases of new that do not answer, are not there, or are others than at the cutover."""
    return silent(ground.environment.databases, ground.new_now, also=AnotherNew)
