"""New, or some of its databases, never answers again after users went back without it: a data steward signs for it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from typing import ClassVar

from switchback import settings
from switchback.domain.errors import Refused
from switchback.domain.journal import Json, Kind, Record
from switchback.domain.model import Side
from switchback.rollback import lifecycle, records
from switchback.rollback.records import Outcome, Way
from switchback.steps import dns, recovery
from switchback.systems import journal
from switchback.ways import conduct, reviewing
from switchback.ways.conduct import Attempt


@dataclass(eq=False)
class NotLost(Refused):
    """Nobody signs away what can still be brought home."""

    problem: ClassVar[str] = "What was written in {databases} can still be brought home."
    remedy: ClassVar[str] = (
        "Resume {run}: it fences new and brings the rows home. If only some databases are lost, name each: "
        "--database NAME."
    )
    databases: str
    run: str


@dataclass(eq=False)
class NoSuchDatabase(Refused):
    """A signature is for what it names, and nothing else."""

    problem: ClassVar[str] = "{run} does not wait for a database {database} of new."
    remedy: ClassVar[str] = "Nothing was signed. It waits for: {awaited}."
    run: str
    database: str
    awaited: str


@dataclass(eq=False)
class UsersStillOnNew(Refused):
    """Going back comes first: it does not need new."""

    problem: ClassVar[str] = "{run}: users have not been sent to old yet."
    remedy: ClassVar[str] = "Resume it; when it waits for new, what was written there can be given up."
    run: str


class GivenUp(Enum):
    """What a signature was for."""

    NOTHING = auto()  #: the attempt does not wait for new
    SOME = auto()  #: databases that are lost; it goes on without them
    OPENED = auto()  #: all that users wrote where a cutover let them in: it can be undone without new
    ALL = auto()  #: nothing is left that it could wait for: it has ended


def give_up_new(run: str, name: str, reason: str, databases: Sequence[str] = ()) -> GivenUp:
    """Sign for all that was written on new, or in these databases of it, while none of it can be read.

    A second call changes nothing. Raises NotASteward, UsersStillOnNew, NoSuchDatabase, or NotLost where one of them is
    readable.
    """
    attempt = conduct.attempt_of(run)
    reviewing.must_be_steward(attempt, name)
    ground, own = conduct.ground(attempt)
    if records.request(own).way is Way.CUTOVER:
        return _give_up_opened(attempt, ground, own, databases, {"name": name, "reason": reason})
    if records.closing(own).get("given_up_by"):
        return GivenUp.ALL
    waits = records.request(own).new_is_down and records.observed(own, recovery.BringHome.name) is None
    if records.outcome(own) or not waits:
        if databases:
            raise NoSuchDatabase(run, databases[0], "none")
        return GivenUp.NOTHING
    environment = settings.load(attempt.environment)
    if records.observed(own, dns.AnswersFollow(environment, Side.OLD).name) is None:
        raise UsersStillOnNew(run)
    given = [one for one in databases or ground.environment.databases if one not in records.given_up(own)]
    if unknown := [one for one in given if one not in ground.environment.databases]:
        raise NoSuchDatabase(run, unknown[0], ", ".join(ground.environment.databases))
    lost = recovery.unreadable(ground).databases
    if there := [one for one in given if one not in lost]:
        raise NotLost(", ".join(there), run)
    if set(ground.environment.databases) <= set(given):
        signed: dict[str, Json] = {"given_up_by": name, "reason": reason, "databases": given}
        lifecycle.close(journal.open_store(environment), run, Outcome.DONE, signed)
        return GivenUp.ALL
    if given:
        conduct.note(attempt, Kind.GIVEN_UP, {"databases": given, "name": name, "reason": reason})
    return GivenUp.SOME


def _give_up_opened(
    attempt: Attempt,
    ground: recovery.Ground,
    own: Sequence[Record],
    databases: Sequence[str],
    signed: Mapping[str, Json],
) -> GivenUp:
    """Sign for what users wrote on new by a cutover that is to be undone while new does not answer."""
    opened = f"unfence {Side.NEW}"
    if records.outcome(own) or records.intent(own, opened) is None or records.undone(own, opened):
        return GivenUp.NOTHING
    if databases:
        raise NoSuchDatabase(attempt.run, databases[0], "all of new, without --database")
    given = settings.load(attempt.environment).databases
    lost = recovery.unreadable(ground).databases
    if there := [one for one in given if one not in lost and one not in records.given_up(own)]:
        raise NotLost(", ".join(there), attempt.run)
    if set(given) - set(records.given_up(own)):
        conduct.note(attempt, Kind.GIVEN_UP, {**signed, "databases": list(given)})
    return GivenUp.OPENED
