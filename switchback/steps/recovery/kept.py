"""The bundles of an attempt on the shelf: what was captured, what people returned, what was sealed, what came home.

`RUN/DATABASE/PART/FILE`; what belongs together counts once its last file is there.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from switchback.recovery import bundle, reviewed
from switchback.recovery.bundle import Bundle
from switchback.recovery.reviewed import Reviewed
from switchback.steps.recovery.ground import Ground, workshop
from switchback.systems import shelf

RETURNED = "returned.json"
LEFT = "left.json"  #: beside a signature: the rows, by table, that it is for


class Part(StrEnum):
    """What is kept of a recovery; its last file follows."""

    EXPORTED = "exported"  # what was found on new behind its fence; only another export replaces it
    RETURNED = "returned"  # CSV files as people sent them back
    SEALED = "sealed"  # what the review made of those: lies over what was exported
    HOME = "home"  # decided without people, and applied
    LOSS = "loss"  # the signature for what stays behind

    @property
    def last(self) -> str:
        """The file that is written last."""
        return {
            Part.EXPORTED: bundle.MANIFEST,
            Part.RETURNED: RETURNED,
            Part.LOSS: "loss.json",
        }.get(self, reviewed.FILE)


@dataclass(frozen=True)
class Kept:
    """One part of one database's recovery."""

    ground: Ground
    database: str
    part: Part

    @property
    def place(self) -> str:
        """Where it is on the shelf."""
        return f"{self.ground.run}/{self.database}/{self.part}"

    @property
    def there(self) -> bool:
        """Whether it is whole."""
        return bool(self.ground.run) and self.part.last in self.ground.shelf.names(self.place)

    def put(self, files: dict[str, Path]) -> None:
        """Keep these files instead of what is there, the last one last."""
        shelf.keep(self.ground.shelf, self.place, files, self.part.last)

    def drop(self) -> None:
        """It does not count any more; a second call changes nothing."""
        self.ground.shelf.drop(f"{self.place}/{self.part.last}")

    def fetch(self, folder: Path) -> bool:
        """Copy it over what is in `folder`; false, and nothing copied, where it is not whole."""
        if not self.there:
            return False
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        shelf.fetch(self.ground.shelf, self.place, folder)
        return True

    @contextmanager
    def noted(self) -> Iterator[tuple[Bundle, Reviewed | None] | None]:
        """Its manifest and decisions without any row, proven whole; None where it is not whole."""
        with workshop() as folder:
            yield self._noted(folder) if self.there else None

    def _noted(self, folder: Path) -> tuple[Bundle, Reviewed | None]:
        of = Kept(self.ground, self.database, Part.EXPORTED) if self.part is Part.SEALED else self
        for place, name in ((of.place, bundle.MANIFEST), (self.place, reviewed.FILE)):
            self.ground.shelf.get(f"{place}/{name}", folder / name)
        found = bundle.opened(folder)
        return found, reviewed.read(found) if (folder / reviewed.FILE).exists() else None


def sealed_review(ground: Ground, database: str) -> Reviewed | None:
    """What was decided about a database's rows, as it was sealed; None where it is not."""
    with Kept(ground, database, Part.SEALED).noted() as noted:
        return noted[1] if noted else None


def sealed(ground: Ground, database: str, folder: Path) -> bool:
    """The reviewed bundle in `folder`, as it was sealed; false where there is none."""
    if not Kept(ground, database, Part.SEALED).there:
        return False
    Kept(ground, database, Part.EXPORTED).fetch(folder)
    return Kept(ground, database, Part.SEALED).fetch(folder)


def keep_returned(kept: Kept, folder: Path, names: list[str]) -> None:
    """Put these files of `folder` on the shelf as what people return; what was returned before is replaced."""
    with workshop() as aside:
        listed = aside / RETURNED
        listed.write_text(json.dumps({name: bundle.sha256(folder / name) for name in names}), encoding="utf-8")
        kept.put({RETURNED: listed} | {name: folder / name for name in names})


def returned(kept: Kept) -> dict[str, str]:
    """The sums of the files as people returned them, by name; none where nothing was returned."""
    if not kept.there:
        return {}
    with workshop() as aside:
        kept.ground.shelf.get(f"{kept.place}/{RETURNED}", aside / RETURNED)
        return _sums(aside)


def lay_returned(kept: Kept, folder: Path) -> None:
    """Lay what people returned over the bundle in `folder`; raises BundleChanged when it is not as it was returned."""
    if kept.fetch(folder):
        for name, sum_ in _sums(folder).items():
            if bundle.sha256(folder / name) != sum_:
                raise bundle.BundleChanged(name, "it is not as it was returned")
        (folder / RETURNED).unlink()


def _sums(folder: Path) -> dict[str, str]:
    sums: dict[str, str] = json.loads((folder / RETURNED).read_text(encoding="utf-8"))
    return sums
