"""Capture and export: what was written on new since the cutover, as a bundle on the shelf, per database."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from switchback.domain.errors import Refused
from switchback.domain.model import Change, Plan, Side
from switchback.domain.together import side_by_side
from switchback.recovery import capture
from switchback.recovery.bundle import Manifest
from switchback.recovery.summary import lines, totals
from switchback.steps.postgres import access
from switchback.steps.recovery.ground import Ground, workshop
from switchback.steps.recovery.kept import Kept, Part
from switchback.systems import shelf


@dataclass(eq=False)
class StillWritten(Refused):
    """What is captured while somebody writes is not all that was written."""

    problem: ClassVar[str] = "{side} is open: what is written there meanwhile would be missed."
    remedy: ClassVar[str] = "Fence it first, then resume."
    side: str


@dataclass(frozen=True, kw_only=True)
class Exported:
    """One database's bundle, in numbers."""

    recovery: str
    digest: str
    inserts: int
    updates: int
    deletes: int
    conflicts: int
    lost_by_timestamps: int  #: rows that the timestamp rule alone would have lost


@dataclass(frozen=True, kw_only=True)
class ExportSeen:
    """The bundles there are, by database."""

    databases: dict[str, Exported]

    @property
    def digest(self) -> str:
        """One digest over all of them."""
        return over({name: one.digest for name, one in self.databases.items()})


class Export:
    """Everything written on new since the cutover is in a sealed bundle, made while what is `fenced` is quiet."""

    facts = ExportSeen
    name = "export what was written on new"

    def __init__(self, ground: Ground, fenced: Sequence[Side] = tuple(Side)) -> None:
        self._ground = ground
        self._fenced = fenced  #: only new, where users write on old by then: what both sides changed is a conflict

    def look(self) -> ExportSeen:
        """See Step."""
        found = side_by_side(self._ground.environment.databases, self._exported) if self._ground.run else {}
        return ExportSeen(databases={name: one for name, one in found.items() if one})

    def plan(self, seen: ExportSeen) -> Plan:
        """See Step."""
        changes = tuple(
            Change(system="recovery", subject=f"bundle of {name}", before="none", after="every row written on new")
            for name in self._missing(seen)
        )
        return Plan(title=self.name, changes=changes)

    def refuse_if_unsafe(self, seen: ExportSeen, planned: ExportSeen | None) -> None:
        """See Step. When it is carried out the sites must be fenced: StillWritten."""
        del seen
        if planned is not None:
            for side in self._fenced:
                if not access.look(self._ground.environment, side).shut:
                    raise StillWritten(side)

    def apply(self, seen: ExportSeen) -> None:
        """See Step. Raises what capture raises; a half-uploaded bundle is replaced."""
        side_by_side(self._missing(seen), self._export)

    def do_anew(self) -> None:
        """Export every database once more, instead of what is there."""
        side_by_side(self._ground.environment.databases, self._export)

    def undo(self, before: ExportSeen) -> None:
        """See Step. The bundle changed nothing and is kept."""

    def _missing(self, seen: ExportSeen) -> list[str]:
        return [name for name in self._ground.environment.databases if name not in seen.databases]

    def _export(self, database: str) -> None:
        ground = self._ground
        with workshop() as folder:
            place = folder / "bundle"
            dsns = ground.dsn(Side.OLD, database), ground.dsn(Side.NEW, database)
            capture.capture(*dsns, place, ground.request(database))
            Kept(ground, database, Part.EXPORTED).put(shelf.files_of(place))

    def _exported(self, database: str) -> Exported | None:
        with Kept(self._ground, database, Part.EXPORTED).noted() as noted:
            return numbers(noted[0].manifest) if noted else None


def numbers(manifest: Manifest) -> Exported:
    """A bundle in numbers."""
    total = totals(lines(manifest, None))
    return Exported(
        recovery=manifest.recovery,
        digest=manifest.digest,
        inserts=total.inserts,
        updates=total.updates,
        deletes=total.deletes,
        conflicts=total.conflicts,
        lost_by_timestamps=total.lost_by_timestamps,
    )


def over(digests: Mapping[str, str]) -> str:
    """SHA-256 over the digests of several databases."""
    return hashlib.sha256(json.dumps(dict(digests), sort_keys=True).encode()).hexdigest()
