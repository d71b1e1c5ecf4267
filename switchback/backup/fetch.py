"""A backup's archive, read from the depot, verified while it streams and unpacked into a folder of ours.

Believes no checksum but its own: the archive's SHA-256, and each dump's, are those of the manifest or nothing is kept.
"""

from collections import deque
from pathlib import Path

from switchback.backup import archive
from switchback.backup.archive import BrokenArchive
from switchback.backup.manifest import Manifest
from switchback.backup.summed import Summed
from switchback.systems.depot import Depot


def fetch(depot: Depot, sealed: Manifest, folder: Path) -> dict[str, Path]:
    """The dump of each database, by its name, in `folder`, proven to be what was uploaded.

    Raises DiskTooSmall before anything is read, BrokenArchive or UnsafeArchive; what is in the folder then is not to
    be used.
    """
    archive.refuse_if_full(folder, sealed.unpacked)
    pieces = Summed(depot.stream(sealed.archive.blob, sealed.archive.bytes))
    found = {one.path.name: one for one in archive.unpack(sealed.backup, pieces, sealed.archive.bytes, folder)}
    if pieces.sha256 != sealed.archive.sha256:
        raise BrokenArchive(sealed.backup, "has another SHA-256 than its manifest says")
    for dump in sealed.dumps:
        one = found.pop(dump.file, None)
        if one is None or (one.bytes, one.sha256) != (dump.bytes, dump.sha256):
            raise BrokenArchive(sealed.backup, f"does not hold {dump.file} as its manifest says")
    if found:
        raise BrokenArchive(sealed.backup, f"holds {', '.join(sorted(found))}, which its manifest does not name")
    return {dump.contents.database: folder / dump.file for dump in sealed.dumps}


def is_intact(depot: Depot, sealed: Manifest) -> bool:
    """Whether the archive is, byte for byte, what was uploaded; reads all of it and keeps nothing."""
    pieces = Summed(depot.stream(sealed.archive.blob, sealed.archive.bytes))
    deque(pieces, maxlen=0)
    return pieces.sha256 == sealed.archive.sha256
