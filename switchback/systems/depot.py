"""The blobs of backups: written in blocks that nobody sees before the last one, read in ranges side by side.

Trusts neither time-stamps nor the service's checksums: a byte that rots in storage comes back without an error. Who
reads compares with a SHA-256 of their own.
"""

import base64
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING, ClassVar, TypeVar

from switchback.domain.errors import Refused
from switchback.settings import Environment
from switchback.systems import blob

if TYPE_CHECKING:
    from azure.storage.blob import BlobClient, ContainerClient

T = TypeVar("T")
BLOCK = 8 << 20  #: bytes of one block, and of one range
AT_ONCE = 4  #: blocks or ranges under way


@dataclass(eq=False)
class NoAccount(Refused):
    """Backups need a storage account."""

    problem: ClassVar[str] = "{environment}: the descriptor names no storage account to keep backups in."
    remedy: ClassVar[str] = "Name it under [journal] account; a folder on this machine is no place for backups."
    environment: str


@dataclass(eq=False)
class Vanished(Refused):
    """A blob that was there is gone, or cut, while it is read."""

    problem: ClassVar[str] = "{name}: {read} bytes could be read, {size} were expected."
    remedy: ClassVar[str] = "Choose again: another backup is taken."
    name: str
    read: int
    size: int


class Depot:
    """A container's blobs by name. Each method may raise what `blob.translated` raises."""

    def __init__(self, container: "ContainerClient") -> None:
        self._container = container

    def names(self, under: str = "") -> tuple[str, ...]:
        """Every blob whose name begins so."""
        with blob.translated("list the backups"):
            return tuple(str(name) for name in self._container.list_blob_names(name_starts_with=under or None))

    def size(self, name: str) -> int | None:
        """Bytes of a blob; None when there is none."""
        try:
            with blob.translated("look at a backup"):
                return int(self._container.get_blob_client(name).get_blob_properties().size)
        except blob.BlobMissing:
            return None

    def read(self, name: str) -> bytes | None:
        """A small blob whole; None when there is none."""
        try:
            with blob.translated("read about a backup"):
                return bytes(self._container.download_blob(name).readall())
        except blob.BlobMissing:
            return None

    def write(self, name: str, content: bytes) -> None:
        """A small blob in one piece, in the place of what is there."""
        with blob.translated("write about a backup"):
            self._container.upload_blob(name, content, overwrite=True)

    def drop(self, name: str) -> None:
        """Remove a blob; one that is not there is no error."""
        try:
            with blob.translated("remove a backup"):
                self._container.delete_blob(name)
        except blob.BlobMissing:
            pass  # as wanted

    def upload(self, name: str, pieces: Iterable[bytes]) -> None:
        """Write a blob of any size; until the last block is there nobody sees it. Memory does not grow with it."""
        from azure.storage.blob import BlobBlock

        client = self._container.get_blob_client(name)
        with ThreadPoolExecutor(AT_ONCE) as pool:
            begun = (pool.submit(_stage, client, n, block) for n, block in enumerate(_blocks(pieces)))
            staged = [BlobBlock(block_id=number) for number in _in_order(begun)]
        with blob.translated("finish a backup"):
            client.commit_block_list(staged)

    def stream(self, name: str, size: int) -> Iterator[bytes]:
        """A blob's bytes in order, fetched in ranges at once; raises Vanished when it is not that long any more."""
        client = self._container.get_blob_client(name)
        with ThreadPoolExecutor(AT_ONCE) as pool:
            begun = (pool.submit(_range, client, at, min(BLOCK, size - at)) for at in range(0, size, BLOCK))
            read = 0
            for part in _in_order(begun):
                read += len(part)
                yield part
        if read != size:
            raise Vanished(name, read, size)


def open_depot(environment: Environment, *, make: bool = False) -> Depot:
    """The environment's backups. Without `make`, a container that is not there is refused: it may be the wrong one.

    Raises NoAccount, BlobMissing, AzureDenied, CannotSignIn or AzureSilent, the last after seconds.
    """
    if not environment.journal.account:
        raise NoAccount(environment.name)
    opened = blob.container if make else blob.existing
    return Depot(opened(environment, environment.backup.container))


def _stage(client: "BlobClient", number: int, block: bytes) -> str:
    name = base64.b64encode(f"{number:08d}".encode()).decode()
    with blob.translated("write a block of a backup"):
        client.stage_block(name, block)
    return name


def _range(client: "BlobClient", offset: int, length: int) -> bytes:
    with blob.translated("read a backup"):
        return bytes(client.download_blob(offset, length).readall())


def _in_order(begun: Iterator[Future[T]]) -> Iterator[T]:
    """The results in order; never more than AT_ONCE and one under way or waiting."""
    waiting = deque[Future[T]]()
    for _ in count():
        while len(waiting) <= AT_ONCE and (following := next(begun, None)) is not None:
            waiting.append(following)
        if not waiting:
            return
        yield waiting.popleft().result()


def _blocks(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The same bytes in blocks of one size."""
    held = bytearray()
    for piece in pieces:
        held += piece
        while len(held) >= BLOCK:
            yield bytes(held[:BLOCK])
            del held[:BLOCK]
    if held:
        yield bytes(held)
