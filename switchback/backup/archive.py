"""The archive of a backup: a tar.gz of dumps, packed and unpacked as it streams. Nothing of it leaves its folder.

Dumps are compressed one by one, by pg_dump; the archive around them is stored, so that unpacking it costs no time.
Of a foreign archive nothing is believed: each member is looked at before a byte of it is written.
"""

import gzip
import hashlib
import io
import os
import re
import shutil
import tarfile
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from switchback.backup.manifest import SUFFIX
from switchback.domain.errors import Refused

PIECE = 1 << 20
MOST_MEMBERS = 1000
MOST_DESCRIPTION = 1 << 16  #: bytes of a member's name or comment
RATIO = 1100  #: no gzip expands by more than 1032; beyond that something lies about its size
RESERVE = 256 << 20  #: bytes that stay free on the disk
NAME = re.compile(rf"(\./)?[\w.@+-]+{re.escape(SUFFIX)}")


@dataclass(eq=False)
class UnsafeArchive(Refused):
    """An archive would write where it must not, or more than it may."""

    problem: ClassVar[str] = "{archive}: member {member!r} {fault}."
    remedy: ClassVar[str] = "Nothing of it was kept. Find out who made that archive; restore from another backup."
    archive: str
    member: str
    fault: str


@dataclass(eq=False)
class BrokenArchive(Refused):
    """An archive cannot be read to its end, or is not what its manifest says."""

    problem: ClassVar[str] = "{archive} {fault}."
    remedy: ClassVar[str] = "Nothing of it was kept. Restore from another backup."
    archive: str
    fault: str


@dataclass(eq=False)
class DiskTooSmall(Refused):
    """What is about to be written does not fit."""

    problem: ClassVar[str] = "{folder} has {free_mb} MB free, {needed_mb} MB are needed."
    remedy: ClassVar[str] = "Free some space, or set TMPDIR to a larger disk; nothing was written."
    folder: str
    free_mb: int
    needed_mb: int


@dataclass(frozen=True, kw_only=True)
class Unpacked:
    """One file that came out of an archive."""

    path: Path
    bytes: int
    sha256: str


def refuse_if_full(folder: Path, needed: int) -> None:
    """Raise DiskTooSmall unless so many bytes, and a reserve, fit into the folder's disk."""
    free = shutil.disk_usage(folder).free
    if free < needed + RESERVE:
        raise DiskTooSmall(str(folder), free >> 20, (needed + RESERVE) >> 20)


def pack(files: Sequence[Path]) -> Iterator[bytes]:
    """The files as a tar.gz, piece by piece; memory does not grow with them."""
    out = _Pieces()
    with gzip.GzipFile(fileobj=out, mode="wb", compresslevel=0, mtime=0) as zipped:
        for path in files:
            info = tarfile.TarInfo(path.name)
            info.size, info.mode = path.stat().st_size, 0o600
            zipped.write(info.tobuf(tarfile.PAX_FORMAT))
            with path.open("rb") as file:
                while piece := file.read(PIECE):
                    zipped.write(piece)
                    yield from out.taken()
            zipped.write(bytes(-info.size % tarfile.BLOCKSIZE))
        zipped.write(bytes(2 * tarfile.BLOCKSIZE))
    yield from out.taken()


def unpack(archive: str, pieces: Iterable[bytes], packed: int, folder: Path) -> tuple[Unpacked, ...]:
    """Write the dumps of an archive of `packed` bytes into `folder`, as they arrive, and read it to its end.

    Raises UnsafeArchive, BrokenArchive or DiskTooSmall; what was written until then is the caller's to remove.
    """
    source = io.BufferedReader(_Source(pieces), PIECE)
    found: dict[str, Unpacked] = {}
    try:
        with tarfile.open(fileobj=source, mode="r|gz", bufsize=PIECE, tarinfo=_Member) as tar:
            for number, member in enumerate(tar, start=1):
                _refuse_unsafe(archive, member, number, packed)
                name = Path(member.name).name
                if name in found:
                    raise UnsafeArchive(archive, member.name, "is there twice")
                refuse_if_full(folder, member.size)
                found[name] = _write(tar, member, folder / name)
        while source.read(PIECE):  # what follows the last member is part of the archive's SHA-256 too
            pass
    except (tarfile.TarError, EOFError, OSError, zlib.error) as error:
        if isinstance(error, OSError) and error.errno is not None and not isinstance(error, gzip.BadGzipFile):
            raise  # the disk's, not the archive's
        raise BrokenArchive(archive, "cannot be read to its end") from error
    return tuple(found.values())


def _refuse_unsafe(archive: str, member: tarfile.TarInfo, number: int, packed: int) -> None:
    fault = ""
    if not member.isreg():
        fault = "is a link, a folder or a device, not a file"
    elif member.name.startswith("/") or ".." in member.name.split("/") or not NAME.fullmatch(member.name):
        fault = f"is not a plain file name ending in {SUFFIX}"
    elif member.issparse() or member.size > packed * RATIO:
        fault = f"says it holds {member.size} bytes, in an archive of {packed}"
    elif number > MOST_MEMBERS:
        fault = f"is one of more than {MOST_MEMBERS}"
    if fault:
        raise UnsafeArchive(archive, member.name[:200], fault)


def _write(tar: tarfile.TarFile, member: tarfile.TarInfo, path: Path) -> Unpacked:
    source, digest = tar.extractfile(member), hashlib.sha256()
    written = 0
    with os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, 0o600), "wb") as file:
        while source is not None and (piece := source.read(PIECE)):
            digest.update(piece)
            written += file.write(piece)
    if written != member.size:
        raise EOFError
    return Unpacked(path=path, bytes=written, sha256=digest.hexdigest())


class _Member(tarfile.TarInfo):
    """A member whose description is short: a name or comment of gigabytes would be read into memory."""

    def _proc_member(self, tar: tarfile.TarFile) -> tarfile.TarInfo:
        if not self.isreg() and self.size > MOST_DESCRIPTION:
            raise tarfile.ReadError("a description is too long")
        return super()._proc_member(tar)  # type: ignore[misc, no-any-return] # tarfile's own, which has no types


class _Pieces(io.RawIOBase):
    """Takes what is written, to be handed on."""

    def __init__(self) -> None:
        self._held: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, piece: object) -> int:
        held = bytes(piece)  # type: ignore[call-overload] # any buffer
        self._held.append(held)
        return len(held)

    def taken(self) -> Iterator[bytes]:
        held, self._held = self._held, []
        yield from held


class _Source(io.RawIOBase):
    """Pieces as a file to read."""

    def __init__(self, pieces: Iterable[bytes]) -> None:
        self._pieces = iter(pieces)
        self._left = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: object) -> int:
        while not self._left:
            following = next(self._pieces, None)
            if following is None:
                return 0
            self._left = following
        view = memoryview(buffer)  # type: ignore[arg-type] # any buffer
        length = min(len(view), len(self._left))
        view[:length] = self._left[:length]
        self._left = self._left[length:]
        return length
