"""What a journal store can do, and how it says no."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import ClassVar, Protocol

from switchback.domain.errors import Refused
from switchback.domain.journal import Head


@dataclass(frozen=True, kw_only=True)
class Holder:
    """Whose attempt an environment is locked for."""

    run: str  #: the attempt's id
    by: str  #: who asked for it
    since: str  #: ISO 8601, UTC


@dataclass(eq=False)
class AlreadyHeld(Refused):
    """One rollback per environment, also while it waits for approval."""

    problem: ClassVar[str] = "{environment} is taken by {run}, asked for by {by} at {since}."
    remedy: ClassVar[str] = "Finish it (resume {run}) or take it back (switchback undo {run}) first."
    environment: str
    run: str
    by: str
    since: str


@dataclass(eq=False)
class RunnerAlive(Refused):
    """Two runners of one attempt would do things twice."""

    problem: ClassVar[str] = "{run} has a runner that is alive."
    remedy: ClassVar[str] = "Let it finish, or stop that process and try again in 15 seconds."
    run: str


@dataclass(eq=False)
class LostTurn(Refused):
    """Another runner wrote to the journal, or took our lease: we may not act any more."""

    problem: ClassVar[str] = "{run}: another runner has taken over; this one stops."
    remedy: ClassVar[str] = "Look at switchback status: the other runner carries on."
    run: str


@dataclass(eq=False)
class NoJournal(Refused):
    """There is no attempt of this name."""

    problem: ClassVar[str] = "There is no journal {run} in {environment}."
    remedy: ClassVar[str] = "See switchback status for the attempts there are."
    run: str
    environment: str


class Turn(Protocol):
    """One runner's exclusive right to write to a journal."""

    def append(self, line: bytes, head: Head) -> None:
        """Add a line durably; raises LostTurn when somebody else wrote or holds the turn, or Unreachable."""


class Store(Protocol):
    """The journals and the lock of one environment."""

    def runs(self) -> tuple[str, ...]:
        """The ids of all attempts, oldest first."""

    def read(self, run: str) -> tuple[bytes, Head]:
        """A journal's bytes and its head; raises NoJournal."""

    @contextmanager
    def turn(self, run: str) -> Iterator[Turn]:
        """Hold the journal, made when it is not there, as its only writer; raises RunnerAlive.

        The turn of a killed runner ends by itself (15 seconds on blob storage, at once on files).
        """

    def holder(self) -> Holder | None:
        """Whose attempt the environment is locked for, if any."""

    def lock(self, holder: Holder) -> None:
        """Lock the environment; taking it again for the same attempt changes nothing; raises AlreadyHeld."""

    def unlock(self, run: str) -> None:
        """Free the environment if it is locked for this attempt; otherwise change nothing."""
