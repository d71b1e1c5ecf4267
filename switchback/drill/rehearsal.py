"""A drill while it goes on: one per environment, and whatever it began is ended, also when it fails or was killed."""

import logging
import shutil
import time
from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import ClassVar

from switchback import settings
from switchback.domain.approval import ApproverRole
from switchback.domain.errors import HalfDone, Refused, Unreachable
from switchback.domain.model import Side
from switchback.drill import archive, audit, commands, diary, leftovers, plant
from switchback.drill.alone import alone
from switchback.drill.archive import Folder
from switchback.drill.audit import Audit
from switchback.drill.commands import Traffic
from switchback.drill.diary import Event, Phase
from switchback.settings import Drill, Environment
from switchback.steps import probe
from switchback.systems import depot

LOG = logging.getLogger(__name__)
LOOK_EVERY_S = 0.2
REQUESTED_BY = "drill"
FOUND_WITHIN_S = 30.0
COMMANDS = {"traffic", "incident", "relief", "audit"}  #: that every drill runs


@dataclass(eq=False)
class CannotBeDrilled(Refused):
    """An environment that is not rehearsed, production above all; or not this way, or not from here."""

    problem: ClassVar[str] = "{environment} cannot be drilled: {why}."
    remedy: ClassVar[str] = (
        "Drill an environment whose descriptor has a [drill] table with a listed approver, where the commands that it "
        "names are installed (docs/drill.md)."
    )
    environment: str
    why: str


@dataclass(eq=False)
class DrillStopped(HalfDone):
    """A drill did not come to its end."""

    problem: ClassVar[str] = "{drill} stopped in phase {phase!r}. {left}"
    remedy: ClassVar[str] = "Why it stopped: {why}"
    drill: str
    phase: str
    why: str
    left: str


@dataclass(eq=False)
class NoFault(HalfDone):
    """The incident that a drill caused does not show."""

    problem: ClassVar[str] = "{environment}: new was broken, and for {waited_s:g} s no probe found a fault."
    remedy: ClassVar[str] = "Look at the descriptor's incident command: it must break what a probe sees."
    environment: str
    waited_s: float


class Rehearsal:
    """A drill of one environment, from its first phase to its audit. Made by `rehearsing`."""

    def __init__(self, environment: Environment, drill: Drill, folder: Folder, rate: float) -> None:
        self.environment, self.drill, self.folder, self.rate = environment, drill, folder, rate
        self._notes = leftovers.Notes(environment.name)
        files = ("--ledger", str(folder.ledger), "--outcomes", str(folder.outcomes))
        command = (*drill.traffic, "--rate", f"{rate:g}", *files)
        self._traffic = Traffic(command, folder.traffic_log, self._notes.traffic)
        self.planted: tuple[str, ...] = ()  #: backups that must be refused

    @property
    def incident(self) -> str:
        """What the attempts of this drill give as their reason."""
        return f"drill {self.folder.id}"

    def begin(self, phase: Phase) -> None:
        """From now on the drill is in this phase."""
        diary.note(self.folder.diary, Event.PHASE, phase)

    def start_traffic(self) -> None:
        """Put load on the environment; raises CommandFailed."""
        self._traffic.start()

    def stop_traffic(self) -> None:
        """End the load; every write under way is finished and in the ledger. Raises CommandFailed."""
        self._traffic.stop()

    def let_pass(self, seconds: float) -> None:
        """Let users be users for a while; raises CommandFailed when the traffic ends by itself."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            self._traffic.must_live()
            time.sleep(LOOK_EVERY_S)

    def cause_incident(self) -> None:
        """Break new; raises CommandFailed."""
        self._notes.incident.touch()
        commands.run("incident", self.drill.incident)

    def cause_outage(self) -> None:
        """Stop new's database server; raises CommandFailed."""
        self._notes.incident.touch()
        commands.run("outage", self.drill.outage)

    def destroy_old(self) -> None:
        """Delete old's server with all its data; raises CommandFailed."""
        commands.run("destroy_old", self.drill.destroy_old)

    def plant(self) -> None:
        """Put bad backups beside the newest good one; raises NoBackup when there is none."""
        kept = depot.open_depot(self.environment)
        good, proof = plant.newest(kept, self.environment.name)
        self.planted = plant.plant(kept, good, proof, datetime.now(UTC))

    def uproot(self) -> None:
        """Remove the bad backups; a second call does nothing."""
        if self.planted:
            plant.uproot(depot.open_depot(self.environment), self.environment.name, self.planted)
            self.planted = ()

    def relieve(self) -> None:
        """End the incident; a second call does nothing. Raises CommandFailed."""
        leftovers.relieve(self._notes, self.drill)

    def deploy(self) -> None:
        """Make new where it is not; raises CommandFailed."""
        commands.run("deploy", self.drill.deploy)

    def find_fault(self) -> str:
        """What is wrong with new, by the probe that precedes every cutover; raises NoFault when it finds nothing.

        What keeps us from looking is no fault of new: it is raised, or met again.
        """
        deadline = time.monotonic() + FOUND_WITHIN_S
        while time.monotonic() < deadline:
            try:
                probe.Serves(self.environment, Side.NEW, writes=False).look()
            except probe.FAULTS as fault:
                return str(fault)
            except Unreachable as met:
                LOG.warning("looked at new in vain: %s", met)
            time.sleep(LOOK_EVERY_S)
        raise NoFault(self.environment.name, FOUND_WITHIN_S)

    def audit(self) -> Audit:
        """What became of every acknowledged write; raises CommandFailed or NotAnAudit."""
        return audit.parse(commands.run("audit", (*self.drill.audit, "--ledger", str(self.folder.ledger))))


@contextmanager
def rehearsing(name: str, rate: float, *needs: str) -> Iterator[Rehearsal]:
    """A drill of the environment of that name; `needs` are commands of its [drill] table that not every drill runs.

    Ends first what a killed drill left running. Raises UnknownEnvironment, CannotBeDrilled or DrillRunning, and
    DrillStopped for whatever stops the drill on its way.
    """
    environment = settings.load(name)
    drill = _must_be_drilled(environment, {*COMMANDS, *needs})
    with alone(environment.name):
        leftovers.end(environment.name, drill)
        rehearsal = Rehearsal(environment, drill, archive.make(environment.name, datetime.now(UTC)), rate)
        with _telling(rehearsal), ExitStack() as ends:
            ends.callback(rehearsal.uproot)
            ends.callback(rehearsal.relieve)
            ends.callback(rehearsal.stop_traffic)
            yield rehearsal


@contextmanager
def _telling(rehearsal: Rehearsal) -> Iterator[None]:
    try:
        yield
    except Exception as stop:
        file = rehearsal.folder.diary
        phase = next((e.subject for e in reversed(diary.read(file)) if e.event is Event.PHASE), "beginning")
        diary.note(file, Event.ENDED, str(stop).partition("\n")[0])
        left = leftovers.unfinished(rehearsal.environment)
        raise DrillStopped(rehearsal.folder.id, phase, str(stop), left) from stop


def _must_be_drilled(environment: Environment, needs: AbstractSet[str]) -> Drill:
    drill = environment.drill
    if drill is None:
        raise CannotBeDrilled(environment.name, "its descriptor has no [drill] table")
    if drill.commander not in environment.approvers.model_dump()[ApproverRole.INCIDENT_COMMANDER]:
        raise CannotBeDrilled(environment.name, f"{drill.commander!r} is not listed as incident commander")
    for name in sorted(needs):
        command: tuple[str, ...] = getattr(drill, name)
        if not command:
            raise CannotBeDrilled(environment.name, f"its [drill] table has no command {name}")
        if shutil.which(command[0]) is None:
            raise CannotBeDrilled(environment.name, f"{command[0]}, its command {name}, is not on this machine")
    return drill
