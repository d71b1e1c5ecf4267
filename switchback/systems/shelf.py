"""Where bundles of recoveries are kept between runners and people: a blob container, or a folder without storage.

Files by name, whole or not at all. What belongs together is told by its last file: nothing counts before that one is
there. Holds personal data: owner-only in a folder; in storage as private as its container.
"""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from switchback.domain.together import together
from switchback.settings import Environment

if TYPE_CHECKING:
    from azure.storage.blob import ContainerClient

FOLDER = "recoveries"


class Shelf(Protocol):
    """The files of one environment's recoveries; names have slashes."""

    def names(self, under: str) -> tuple[str, ...]:
        """The files below `under/`, without that."""

    def put(self, name: str, path: Path) -> None:
        """Keep a file under that name, instead of what was there."""

    def get(self, name: str, path: Path) -> bool:
        """Copy a file to `path`, owner-only; false where there is none."""

    def drop(self, name: str) -> None:
        """Remove a file; one that is not there is no error."""


def open_shelf(environment: Environment) -> Shelf:
    """The environment's shelf, beside its journals; raises Refused or Unreachable when it cannot be reached."""
    if environment.journal.folder:
        return FolderShelf(Path(environment.journal.folder) / FOLDER / environment.name)
    from switchback.systems import blob

    return BlobShelf(blob.container(environment, environment.recovery.container), environment.name)


def keep(shelf: Shelf, place: str, files: dict[str, Path], last: str) -> None:
    """Put these files at `place` instead of whatever is there; killed anywhere, it counts as not there at all."""
    shelf.drop(f"{place}/{last}")
    for name in set(shelf.names(place)) - set(files):
        shelf.drop(f"{place}/{name}")
    together([name for name in files if name != last], lambda name: shelf.put(f"{place}/{name}", files[name]))
    shelf.put(f"{place}/{last}", files[last])


def fetch(shelf: Shelf, place: str, folder: Path) -> None:
    """Copy all files at `place` into `folder`, over what is there."""
    names = shelf.names(place)
    for name in names:
        (folder / name).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    together(names, lambda name: shelf.get(f"{place}/{name}", folder / name))


def files_of(folder: Path) -> dict[str, Path]:
    """Every file below a folder by its name on a shelf."""
    return {path.relative_to(folder).as_posix(): path for path in sorted(folder.rglob("*")) if path.is_file()}


class FolderShelf:
    """See Shelf."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def names(self, under: str) -> tuple[str, ...]:
        """See Shelf."""
        return tuple(name for name in files_of(self._root / under) if not name.endswith(".partial"))

    def put(self, name: str, path: Path) -> None:
        """See Shelf."""
        place = self._root / name
        place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        partial = place.with_name(f"{place.name}.partial")
        partial.unlink(missing_ok=True)
        _copy(path, partial)
        partial.replace(place)

    def get(self, name: str, path: Path) -> bool:
        """See Shelf."""
        place = self._root / name
        if not place.is_file():
            return False
        path.unlink(missing_ok=True)
        _copy(place, path)
        return True

    def drop(self, name: str) -> None:
        """See Shelf."""
        (self._root / name).unlink(missing_ok=True)


class BlobShelf:
    """See Shelf. Blobs `<environment>/<name>` in a container of their own."""

    def __init__(self, container: "ContainerClient", environment: str) -> None:
        self._container = container
        self._environment = environment

    def names(self, under: str) -> tuple[str, ...]:
        """See Shelf."""
        from switchback.systems import blob

        prefix = f"{self._environment}/{under}/"
        with blob.translated("list the files of a recovery"):
            found = self._container.list_blob_names(name_starts_with=prefix)
            return tuple(str(name).removeprefix(prefix) for name in found)

    def put(self, name: str, path: Path) -> None:
        """See Shelf."""
        from switchback.systems import blob

        with blob.translated("keep a file of a recovery"), path.open("rb") as file:
            self._container.upload_blob(f"{self._environment}/{name}", file, overwrite=True)

    def get(self, name: str, path: Path) -> bool:
        """See Shelf."""
        from switchback.systems import blob

        try:
            with blob.translated("read a file of a recovery"):
                found = self._container.download_blob(f"{self._environment}/{name}")
                path.unlink(missing_ok=True)
                with os.fdopen(_create(path), "wb") as file:
                    found.readinto(file)
        except blob.BlobMissing:
            return False
        return True

    def drop(self, name: str) -> None:
        """See Shelf."""
        from switchback.systems import blob

        try:
            with blob.translated("remove a file of a recovery"):
                self._container.delete_blob(f"{self._environment}/{name}")
        except blob.BlobMissing:
            pass  # as wanted


def _copy(path: Path, place: Path) -> None:
    with path.open("rb") as file, os.fdopen(_create(place), "wb") as copy:
        while piece := file.read(1 << 20):
            copy.write(piece)
        copy.flush()
        os.fsync(copy.fileno())


def _create(path: Path) -> int:
    return os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, 0o600)
