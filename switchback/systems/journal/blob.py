"""Journals as append blobs, the turn as a blob lease, the environment's lock as a blob.

A line is appended under the runner's lease and at the position where it last left off: a runner
that lost either is told so before it acts. A lease ends 15 seconds after its runner was killed.
"""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import TYPE_CHECKING

from switchback.domain.journal import GENESIS, Head
from switchback.systems import blob
from switchback.systems.journal.store import AlreadyHeld, Holder, LostTurn, NoJournal, RunnerAlive

if TYPE_CHECKING:
    from azure.storage.blob import BlobClient, BlobLeaseClient, ContainerClient

LEASE_S = 15  # the shortest that the service grants
RENEW_S = 5
ASK_AGAIN_S = 0.5


class BlobStore:
    """See Store. Blobs `<environment>/<run>.jsonl` and `<environment>/lock` in one container."""

    def __init__(self, container: "ContainerClient", environment: str) -> None:
        self._container = container
        self._environment = environment

    def runs(self) -> tuple[str, ...]:
        """See Store."""
        with blob.translated("list the journals"):
            found = list(self._container.list_blobs(name_starts_with=f"{self._environment}/"))
        journals = [item for item in found if item.name.endswith(".jsonl")]
        journals.sort(key=lambda item: (item.creation_time, item.name))
        return tuple(item.name.removeprefix(f"{self._environment}/").removesuffix(".jsonl") for item in journals)

    def read(self, run: str) -> tuple[bytes, Head]:
        """See Store."""
        try:
            with blob.translated(f"read journal {run}"):
                download = self._journal(run).download_blob()
                return download.readall(), _head(download.properties.metadata)
        except blob.BlobMissing as error:
            raise NoJournal(run, self._environment) from error

    @contextmanager
    def turn(self, run: str) -> Iterator["BlobTurn"]:
        """See Store."""
        from azure.core import MatchConditions

        journal = self._journal(run)
        try:
            with blob.translated(f"open journal {run}"):
                journal.create_append_blob(match_condition=MatchConditions.IfMissing)
        except blob.BlobExists:
            pass  # made by an earlier runner of the same attempt
        lease = _acquire(journal, run)
        turn = BlobTurn(run, journal, lease)
        try:
            yield turn
        finally:
            turn.end()

    def holder(self) -> Holder | None:
        """See Store."""
        try:
            with blob.translated("read the environment's lock"):
                return Holder(**json.loads(self._lock().download_blob().readall()))
        except blob.BlobMissing:
            return None

    def lock(self, holder: Holder) -> None:
        """See Store."""
        try:
            with blob.translated("lock the environment"):
                self._lock().upload_blob(json.dumps(asdict(holder)).encode(), overwrite=False)
        except blob.BlobExists:
            current = self.holder()
            if current is not None and current.run != holder.run:
                raise AlreadyHeld(self._environment, current.run, current.by, current.since) from None

    def unlock(self, run: str) -> None:
        """See Store."""
        current = self.holder()
        if current is not None and current.run == run:
            with blob.translated("unlock the environment"):
                self._lock().delete_blob()

    def _journal(self, run: str) -> "BlobClient":
        return self._container.get_blob_client(f"{self._environment}/{run}.jsonl")

    def _lock(self) -> "BlobClient":
        return self._container.get_blob_client(f"{self._environment}/lock")


class BlobTurn:
    """See Turn. A thread keeps the lease alive while the turn lasts."""

    def __init__(self, run: str, journal: "BlobClient", lease: "BlobLeaseClient") -> None:
        self._run = run
        self._journal = journal
        self._lease = lease
        with blob.translated(f"open journal {run}"):
            self._size = journal.get_blob_properties().size
        self._over = threading.Event()
        self._keeper = threading.Thread(target=self._keep, name=f"lease of {run}", daemon=True)
        self._keeper.start()

    def append(self, line: bytes, head: Head) -> None:
        """See Turn. A line whose answer was lost, and is there, counts as written."""
        try:
            self._write(line)
            with blob.translated(f"write journal {self._run}"):
                known = {"records": str(head.records), "hash": head.hash}
                self._journal.set_blob_metadata(known, lease=self._lease)
        except (blob.BlobChanged, blob.LeaseHeld) as error:
            raise LostTurn(self._run) from error

    def _write(self, line: bytes) -> None:
        try:
            with blob.translated(f"write journal {self._run}"):
                self._journal.append_block(line, lease=self._lease, appendpos_condition=self._size)
        except blob.BlobChanged:
            if not self._is_there(line):
                raise
        self._size += len(line)

    def end(self) -> None:
        """Give the turn back, so that the next runner need not wait."""
        self._over.set()
        self._keeper.join()
        try:
            with blob.translated(f"leave journal {self._run}"):
                self._lease.release()
        except (blob.BlobChanged, blob.LeaseHeld):
            pass  # it was taken from us: there is nothing to give back

    def _is_there(self, line: bytes) -> bool:
        with blob.translated(f"read journal {self._run}"):
            content: bytes = self._journal.download_blob().readall()
        return content[self._size :] == line

    def _keep(self) -> None:
        from azure.core.exceptions import AzureError

        while not self._over.wait(RENEW_S):
            try:
                self._lease.renew()
            except AzureError:
                continue  # the next append finds out whether the lease still is ours


def _acquire(journal: "BlobClient", run: str) -> "BlobLeaseClient":
    deadline = time.monotonic() + LEASE_S + RENEW_S
    while True:
        try:
            with blob.translated(f"take journal {run}"):
                return journal.acquire_lease(LEASE_S)
        except blob.LeaseHeld as error:
            if time.monotonic() > deadline:
                raise RunnerAlive(run) from error
            time.sleep(ASK_AGAIN_S)


def _head(metadata: dict[str, str]) -> Head:
    return Head(records=int(metadata.get("records", "0")), hash=metadata.get("hash", GENESIS))
