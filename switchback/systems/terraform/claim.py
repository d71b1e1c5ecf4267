"""A lock that an apply inherits: it tells whether it, or anything it started, still lives."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO


class Claim:
    """One file; whoever has it open and locked is at work."""

    def __init__(self, path: Path) -> None:
        self._path = path

    @contextmanager
    def taken(self) -> Iterator[IO[str]]:
        """Ours, and that of whatever process is given the file; waits while somebody has it."""
        with self._path.open("w", encoding="utf-8") as held:
            fcntl.flock(held, fcntl.LOCK_EX)
            yield held

    def is_free(self) -> bool:
        """Whether nobody is at work; changes nothing."""
        with self._path.open("w", encoding="utf-8") as held:
            try:
                fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return False
        return True
