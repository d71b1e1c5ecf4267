"""The end of a log file of JSON lines, read backwards, so that its length does not matter."""

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import BinaryIO

BLOCK = 64 * 1024
#: writers on several threads may put lines down in a slightly other order than their times
_DISORDER = timedelta(seconds=2)


@dataclass(frozen=True, kw_only=True)
class Window:
    """Which lines are asked for; None where there is no limit."""

    since: datetime | None = None
    lines: int | None = None
    timestamps: bool = False  #: each line begins with its time


def read(path: Path, window: Window) -> str:
    """The whole lines of the file that lie in the window, oldest first; nothing when there is no file.

    A line that is still being written is left out.
    """
    try:
        with path.open("rb") as file:
            kept = list(_newest(file, window))
    except FileNotFoundError:
        return ""
    return "".join(f"{line}\n" for line in reversed(kept))


def _newest(file: BinaryIO, window: Window) -> Iterator[str]:
    count = 0
    for raw in _backwards(file):
        if count == window.lines:
            return
        time = _time(raw)
        if window.since and time and time < window.since:
            if time < window.since - _DISORDER:
                return
            continue
        count += 1
        text = raw.decode(errors="replace")
        yield f"{_stamp(time)} {text}" if window.timestamps else text


def _backwards(file: BinaryIO) -> Iterator[bytes]:
    end = file.seek(0, os.SEEK_END)
    held, whole = b"", False
    while end > 0:
        start = max(0, end - BLOCK)
        file.seek(start)
        first, *lines = (file.read(end - start) + held).split(b"\n")
        if lines and not whole:
            lines.pop()  # what follows the last line break is not a line yet
            whole = True
        yield from reversed(lines)
        held, end = first, start
    if whole:
        yield held


def _time(line: bytes) -> datetime | None:
    try:
        time = datetime.fromisoformat(json.loads(line)["time"])
    except (ValueError, KeyError, TypeError):
        return None
    return time if time.tzinfo else time.replace(tzinfo=UTC)


def _stamp(time: datetime | None) -> str:
    return (time or datetime.fromtimestamp(0, UTC)).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f000Z")
