"""A folder that appears whole or not at all: written beside its place, fsynced, renamed.

Owner-only throughout. Never leaves anything half-written: what a killed run left is removed by the
next one, and two writers of one folder are told apart by a lock (defect 53).
"""

import errno
import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from switchback.domain.errors import Refused

FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


@dataclass(eq=False)
class NoRoom(Refused):
    """The disk filled up, or will not take the file."""

    problem = "{folder}: the disk took no more after {written} bytes ({reason})."
    remedy = "Nothing half-written was left. Free space or choose another folder, then run again."
    folder: str
    written: int
    reason: str


@dataclass(eq=False)
class FolderTaken(Refused):
    """The place already holds something; an exported bundle is never overwritten."""

    problem = "{folder} already holds something."
    remedy = "Choose another folder; a bundle is never overwritten."
    folder: str


@dataclass(eq=False)
class FolderUnusable(Refused):
    """The place cannot be written to."""

    problem = "{folder} cannot be written ({reason})."
    remedy = "Choose a folder whose parent exists and is yours."
    folder: str
    reason: str


@dataclass(eq=False)
class FolderBusy(Refused):
    """Another process is writing the same folder."""

    problem = "{folder} is being written by another capture."
    remedy = "Wait for it, or choose another folder."
    folder: str


@contextmanager
def whole(place: Path) -> Iterator[Path]:
    """A fresh folder to write into, which becomes `place` when the block ends well and vanishes when it does not.

    Raises FolderTaken, FolderBusy, FolderUnusable or NoRoom; an empty `place` is taken over.
    """
    workshop = place.parent / f".{place.name}.partial"
    with _locked(place) as _:
        try:
            _refuse_if_taken(place)
            shutil.rmtree(workshop, ignore_errors=True)
            workshop.mkdir(mode=0o700)
        except OSError as error:
            raise FolderUnusable(str(place), os.strerror(error.errno or 0)) from error
        try:
            yield workshop
            _settle(workshop, place)
        except OSError as error:
            written = sum(path.stat().st_size for path in workshop.rglob("*"))
            shutil.rmtree(workshop, ignore_errors=True)
            if error.errno in FULL:
                raise NoRoom(str(place), written, os.strerror(error.errno or 0)) from error
            raise
        except BaseException:
            shutil.rmtree(workshop, ignore_errors=True)
            raise


def _refuse_if_taken(place: Path) -> None:
    if place.is_symlink() or (place.exists() and not place.is_dir()) or (place.is_dir() and any(place.iterdir())):
        raise FolderTaken(str(place))


@contextmanager
def _locked(place: Path) -> Iterator[None]:
    path = place.parent / f".{place.name}.lock"
    try:
        place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise FolderUnusable(str(place), os.strerror(error.errno or 0)) from error
    try:
        _take(lock, path, place)
        try:
            yield
        finally:
            path.unlink(missing_ok=True)
    finally:
        os.close(lock)


def _take(lock: int, path: Path, place: Path) -> None:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        held = path.stat().st_ino == os.fstat(lock).st_ino  # else its last owner removed it meanwhile
    except OSError as error:
        raise FolderBusy(str(place)) from error
    if not held:
        raise FolderBusy(str(place))


def _settle(workshop: Path, place: Path) -> None:
    for path in workshop.rglob("*"):
        _sync(path)
    _sync(workshop)
    workshop.rename(place)
    _sync(place.parent)


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def create(path: Path) -> int:
    """A descriptor of a new file that only its owner reads."""
    return os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, 0o600)
