"""The descriptor's own commands, run by list: the traffic in a process group of its own, the others to their end."""

import fcntl
import os
import signal
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from switchback.domain.errors import HalfDone

PATIENCE_S = 20.0
TIMEOUT_S = 600.0
SHOWN = 600  #: characters of a command's last words that an error shows


@dataclass(eq=False)
class CommandFailed(HalfDone):
    """One of the drill's commands did not do its work."""

    problem: ClassVar[str] = "The drill's {what} command {command} {how}."
    remedy: ClassVar[str] = "Correct it, or its line in the descriptor's [drill] table."
    what: str
    command: str
    how: str


def run(what: str, command: Sequence[str]) -> str:
    """Run a command to its end; what it printed. Raises CommandFailed."""
    try:
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, timeout=TIMEOUT_S
        )
    except subprocess.TimeoutExpired as error:
        raise CommandFailed(what, command[0], f"was not done after {TIMEOUT_S:g} s") from error
    except OSError as error:
        raise CommandFailed(what, command[0], f"cannot be started: {error.strerror}") from error
    if done.returncode:
        said = (done.stderr or done.stdout).strip()[-SHOWN:] or "it said nothing"
        raise CommandFailed(what, command[0], f"ended with {done.returncode}: {said}")
    return done.stdout


class Traffic:
    """Load on the environment, from `start` to `stop`.

    The process inherits a lock on `held`, so the lock tells whether it lives, also when its drill was killed.
    """

    def __init__(self, command: Sequence[str], log: Path, held: Path) -> None:
        self._command, self._log, self._held = command, log, held
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start the process; does nothing while it runs. Raises CommandFailed."""
        if self._process is not None:
            return
        with self._held.open("w") as held, self._log.open("wb") as log:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
            try:
                self._process = subprocess.Popen(
                    self._command,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,
                    pass_fds=[held.fileno()],
                )
            except OSError as error:
                raise CommandFailed("traffic", self._command[0], f"cannot be started: {error.strerror}") from error
            held.write(str(self._process.pid))

    def must_live(self) -> None:
        """Raise CommandFailed when the process ended by itself."""
        code = self._process.poll() if self._process else None
        if code is not None:
            self._process = None
            raise CommandFailed("traffic", self._command[0], f"ended by itself with {code}: {self._last_words()}")

    def stop(self) -> None:
        """Let the process end by SIGTERM, and wait for it; a second call does nothing. Raises CommandFailed."""
        process, self._process = self._process, None
        if process is None:
            return
        _signal(process.pid, signal.SIGTERM)
        try:
            code = process.wait(PATIENCE_S)
        except subprocess.TimeoutExpired as error:
            _signal(process.pid, signal.SIGKILL)
            process.wait()
            raise CommandFailed("traffic", self._command[0], f"did not end {PATIENCE_S:g} s after SIGTERM") from error
        if code not in (0, -signal.SIGTERM):
            raise CommandFailed("traffic", self._command[0], f"ended with {code}: {self._last_words()}")

    def _last_words(self) -> str:
        return self._log.read_text(encoding="utf-8", errors="replace").strip()[-SHOWN:] or "it said nothing"


def end_orphan(held: Path) -> bool:
    """End the traffic that a killed drill left running; whether there was any. Raises CommandFailed."""
    if not held.exists():
        return False
    with held.open() as file:
        group = file.read()
        if _free(file.fileno()):
            return False
        for number in (signal.SIGTERM, signal.SIGKILL) if group else ():
            _signal(int(group), number)
            deadline = time.monotonic() + PATIENCE_S
            while time.monotonic() < deadline:
                if _free(file.fileno()):
                    return True
                time.sleep(0.1)
    raise CommandFailed("traffic", f"(process group {group})", f"still holds {held} and cannot be ended")


def _free(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _signal(group: int, number: signal.Signals) -> None:
    try:
        os.killpg(group, number)
    except ProcessLookupError:
        return  # it has ended
