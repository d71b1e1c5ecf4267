"""What a drill may leave behind: traffic and incident of a killed one, and an attempt that is not finished."""

from dataclasses import dataclass
from pathlib import Path

from switchback.domain.errors import SwitchbackError
from switchback.drill import archive, commands
from switchback.settings import Drill, Environment
from switchback.systems import journal
from switchback.ways import history


@dataclass(frozen=True)
class Notes:
    """Where a drill notes what it has begun, for the one after it."""

    environment: str

    @property
    def traffic(self) -> Path:
        """Locked by the traffic while it lives; holds its process group."""
        return archive.root() / f".{self.environment}.traffic"

    @property
    def incident(self) -> Path:
        """There while an incident is, or may be, going on."""
        return archive.root() / f".{self.environment}.incident"


def end(environment: str, drill: Drill) -> None:
    """End traffic and incident of a drill that was killed; does nothing when there is neither. Raises CommandFailed."""
    notes = Notes(environment)
    commands.end_orphan(notes.traffic)
    relieve(notes, drill)


def relieve(notes: Notes, drill: Drill) -> None:
    """End the incident that the notes tell of; does nothing when they tell of none. Raises CommandFailed."""
    if notes.incident.exists():
        commands.run("relief", drill.relief)
        notes.incident.unlink()


def unfinished(environment: Environment) -> str:
    """Which attempt a person has to look after now, and how; looks only."""
    still = "The incident on new goes on: run the descriptor's relief command. "
    incident = still if Notes(environment.name).incident.exists() else ""
    try:
        return incident + _unfinished(environment)
    except SwitchbackError as stop:
        return f"{incident}What is unfinished cannot be seen ({stop}): switchback status {environment.name}."


def _unfinished(environment: Environment) -> str:
    store = journal.open_store(environment)
    holder = store.holder()
    if holder is not None:
        return f"{holder.run} is unfinished: take it back with switchback undo {holder.run}."
    if latest := history.on_new_by(store):
        return f"Users are on new by {latest.run}: go back with switchback dns-switchback {environment.name}."
    return "No attempt is unfinished; users are on old."
