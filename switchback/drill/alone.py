"""One drill of an environment at a time."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import ClassVar

from switchback.domain.errors import Refused
from switchback.drill import archive


@dataclass(eq=False)
class DrillRunning(Refused):
    """One drill at a time."""

    problem: ClassVar[str] = "A drill of {environment} is going on: {held}."
    remedy: ClassVar[str] = "Wait until it has ended."
    environment: str
    held: str


@contextmanager
def alone(environment: str) -> Iterator[None]:
    """While this lasts, no other drill of the environment begins on this machine; raises DrillRunning."""
    path = archive.root() / f".{environment}.drill"
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+", encoding="utf-8") as held:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            held.seek(0)
            raise DrillRunning(environment, held.read()) from error
        held.truncate(0)
        held.write(f"since {datetime.now(UTC):%Y-%m-%d %H:%M:%S} UTC")
        held.flush()
        yield
