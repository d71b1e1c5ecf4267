"""A drill's numbers: what report.json holds."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from pydantic import TypeAdapter

from switchback.drill.audit import Audit
from switchback.drill.diary import Phase
from switchback.drill.outcomes import Served
from switchback.drill.steps import StepTaken
from switchback.rollback.records import Way


@dataclass(frozen=True, kw_only=True)
class PhaseSeen:
    """What users experienced in one phase."""

    phase: Phase
    started: datetime
    ended: datetime
    requests: Mapping[Served, int]

    @property
    def seconds(self) -> float:
        """How long it lasted."""
        return (self.ended - self.started).total_seconds()


@dataclass(frozen=True, kw_only=True)
class AttemptSeen:
    """One attempt of the drill, by its journal."""

    run: str
    outcome: str  #: done, undone, or unfinished
    approved: datetime  #: when the vote was given
    resumed: datetime | None  #: when the run, resumed, had recorded it
    ended: datetime


@dataclass(frozen=True, kw_only=True)
class Restored:
    """What an emergency restore restored from, by its journal."""

    backup: str
    backup_age_s: float  #: at the approval: how far back users would have gone without what new still held
    backup_rows: int
    rows_home: int  #: written since the backup, brought home from new
    refused: Mapping[str, str]  #: newer backups, and why each was not taken


@dataclass(frozen=True, kw_only=True)
class Measured:
    """What every drill is measured by. Durations count from the approval of the way back on."""

    id: str
    environment: str
    way_back: Way
    began: datetime
    ended: datetime
    proven: bool = False
    why_not_proven: tuple[str, ...] = ()
    acknowledged_writes: int
    lost_writes: int
    downtime_s: float  #: the longest in which some service gave nobody what they came for
    approval_to_first_served_s: float | None  #: by old; None when nobody was
    approval_to_done_s: float  #: until the way back was finished, proofs and counts included
    steps: tuple[StepTaken, ...]  #: of the way back
    phases: tuple[PhaseSeen, ...]
    audit: Audit


@dataclass(frozen=True, kw_only=True)
class Report(Measured):
    """A drill of a way back that users take, measured."""

    duplicated_writes: int
    waiting_on_new: int  #: rows, as the way back counted them
    waiting_rows: Mapping[str, int]  #: the same by database.table
    acknowledged_by_new_after_fence: int  #: writes sent after the fence was reported
    downtime_of: str  #: the service that was out for the longest
    downtime_began: datetime
    ttl_s: int
    writes_per_s: float  #: as asked for
    cutover_steps: tuple[StepTaken, ...]
    cutover: AttemptSeen
    switchback: AttemptSeen
    restored: Restored | None = None  #: of an emergency restore
    new_was_down: bool = False  #: users went back before anything could be brought home

    @property
    def acknowledged_per_s(self) -> float:
        """Acknowledged writes a second, over all phases in which there was traffic."""
        seconds = sum(phase.seconds for phase in self.phases if phase.phase is not Phase.AUDIT)
        return self.acknowledged_writes / seconds if seconds else 0.0


def dump(measured: Measured) -> str:
    """The report as JSON."""
    return TypeAdapter(type(measured)).dump_json(measured, indent=2).decode() + "\n"


def load(path: Path) -> Report:
    """The report that `dump` wrote there."""
    return TypeAdapter(Report).validate_json(path.read_bytes())
