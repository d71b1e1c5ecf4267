"""The drills so far, a line each: what the trend of recovery times is drawn from."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from pydantic import TypeAdapter

from switchback.drill.report import Measured


@dataclass(frozen=True, kw_only=True)
class Past:
    """One drill, in short."""

    id: str
    environment: str
    way_back: str
    began: datetime
    proven: bool
    acknowledged_writes: int
    lost_writes: int
    downtime_s: float
    approval_to_first_served_s: float | None
    approval_to_done_s: float


_LINE = TypeAdapter(Past)


def add(path: Path, measured: Measured) -> None:
    """Append the drill; one that is there already is not added twice."""
    if any(past.id == measured.id for past in read(path)):
        return
    past = _LINE.validate_python({name: getattr(measured, name) for name in Past.__dataclass_fields__})
    with path.open("ab") as file:
        file.write(_LINE.dump_json(past) + b"\n")


def read(path: Path) -> tuple[Past, ...]:
    """Every drill so far, oldest first; a torn last line is passed over."""
    if not path.exists():
        return ()
    lines = path.read_bytes().splitlines(keepends=True)
    return tuple(_LINE.validate_json(line) for line in lines if line.endswith(b"\n"))


def like(past: tuple[Past, ...], measured: Measured) -> tuple[Past, ...]:
    """The drills of the same environment and way back."""
    alike = (measured.environment, measured.way_back.value)
    return tuple(drill for drill in past if (drill.environment, drill.way_back) == alike)
