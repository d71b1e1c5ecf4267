"""Journals in a folder, where there is no storage: fsync, a file lock for the turn, a lock file per environment."""

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

from switchback.domain.journal import GENESIS, Head
from switchback.systems.journal.store import AlreadyHeld, Holder, LostTurn, NoJournal, RunnerAlive


class FileStore:
    """See Store. One folder per environment, owner-only."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)

    def runs(self) -> tuple[str, ...]:
        """See Store."""
        paths = sorted(self._folder.glob("*.jsonl"), key=lambda path: (path.stat().st_ctime_ns, path.name))
        return tuple(path.stem for path in paths)

    def read(self, run: str) -> tuple[bytes, Head]:
        """See Store."""
        try:
            content = self._journal(run).read_bytes()
        except FileNotFoundError as error:
            raise NoJournal(run, self._folder.name) from error
        return content, self._head(run)

    @contextmanager
    def turn(self, run: str) -> Iterator["FileTurn"]:
        """See Store."""
        descriptor = os.open(self._journal(run), os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise RunnerAlive(run) from error
            yield FileTurn(run, descriptor, self._folder / f"{run}.head")
        finally:
            os.close(descriptor)

    def holder(self) -> Holder | None:
        """See Store."""
        try:
            return Holder(**json.loads((self._folder / "lock").read_text(encoding="utf-8")))
        except FileNotFoundError:
            return None

    def lock(self, holder: Holder) -> None:
        """See Store."""
        written = self._folder / f"lock.{holder.run}"
        _write_durably(written, json.dumps(asdict(holder)).encode())
        try:
            os.link(written, self._folder / "lock")  # whole or not at all
        except FileExistsError:
            current = self.holder()
            if current is not None and current.run != holder.run:
                raise AlreadyHeld(self._folder.name, current.run, current.by, current.since) from None
        finally:
            written.unlink()

    def unlock(self, run: str) -> None:
        """See Store."""
        current = self.holder()
        if current is not None and current.run == run:
            (self._folder / "lock").unlink()

    def _journal(self, run: str) -> Path:
        return self._folder / f"{run}.jsonl"

    def _head(self, run: str) -> Head:
        try:
            return Head(**json.loads((self._folder / f"{run}.head").read_text(encoding="utf-8")))
        except FileNotFoundError:
            return Head(records=0, hash=GENESIS)


class FileTurn:
    """See Turn."""

    def __init__(self, run: str, descriptor: int, head: Path) -> None:
        self._run = run
        self._descriptor = descriptor
        self._head = head
        self._size = os.fstat(descriptor).st_size

    def append(self, line: bytes, head: Head) -> None:
        """See Turn."""
        if os.fstat(self._descriptor).st_size != self._size:
            raise LostTurn(self._run)
        os.write(self._descriptor, line)
        os.fsync(self._descriptor)
        self._size += len(line)
        _write_durably(self._head, json.dumps(asdict(head)).encode())


def _write_durably(path: Path, content: bytes) -> None:
    written = path.with_name(path.name + ".new")
    with written.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    written.replace(path)
