"""Journals and the environment's lock: append-only, hash-chained, one writer at a time.

`open_store(environment)` gives the blob store where the descriptor names an account, the file
store where it names a folder. Both keep one journal per attempt and one lock per environment.
"""

from pathlib import Path

from switchback.settings import Environment
from switchback.systems.journal.store import (
    AlreadyHeld,
    Holder,
    LostTurn,
    NoJournal,
    RunnerAlive,
    Store,
)

__all__ = ["AlreadyHeld", "Holder", "LostTurn", "NoJournal", "RunnerAlive", "Store", "open_store"]


def open_store(environment: Environment) -> Store:
    """The environment's journals; raises Refused or Unreachable when they cannot be reached."""
    if environment.journal.folder:
        from switchback.systems.journal.file import FileStore

        return FileStore(Path(environment.journal.folder) / environment.name)
    from switchback.systems import blob
    from switchback.systems.journal.blob import BlobStore

    return BlobStore(blob.container(environment), environment.name)
