"""Choosing the backup: once, when the plan is made; what was chosen then stands, for it is what people approve."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import cast

from switchback.backup import choose
from switchback.backup.choose import Refusal, Wanted
from switchback.backup.manifest import Manifest, NotAManifest
from switchback.domain.journal import Json, Kind, Record
from switchback.domain.model import Plan, Side
from switchback.rollback import records
from switchback.settings import Environment
from switchback.systems import depot
from switchback.systems.postgres import pipeline


@dataclass(frozen=True, kw_only=True)
class BackupSeen:
    """The backup that was chosen, and why no newer one."""

    backup: str
    manifest: str  #: its digest
    taken_at: datetime
    rows: int
    certified_at: datetime
    refused: tuple[Refusal, ...]


class ChooseBackup:
    """The newest backup before the instant asked for that is whole, intact and proven. Chosen once an attempt."""

    facts = BackupSeen
    name = "choose the backup"

    def __init__(self, environment: Environment, before: datetime, own: Sequence[Record]) -> None:
        self._environment = environment
        self._before = before
        self._own = own

    def look(self) -> BackupSeen:
        """See Step. Raises NoBackup with the reason for each."""
        return self.chosen

    def plan(self, seen: BackupSeen) -> Plan:
        """See Step. It changes nothing; restoring it does, and names it."""
        del seen
        return Plan(title=self.name)

    def refuse_if_unsafe(self, seen: BackupSeen, planned: BackupSeen | None) -> None:
        """See Step."""

    def apply(self, seen: BackupSeen) -> None:
        """See Step."""

    def undo(self, before: BackupSeen) -> None:
        """See Step."""

    @cached_property
    def chosen(self) -> BackupSeen:
        """The choice, as the journal has it or as it is made now."""
        return _recorded(self._own) or self._choose()

    @cached_property
    def manifest(self) -> Manifest:
        """What the chosen backup says of itself; raises NotAManifest when that is not what was chosen."""
        found = choose.read(self.depot, self._environment.name, self.chosen.backup)
        if isinstance(found, Refusal):
            raise NotAManifest(found.backup, f"cannot be restored: {found.why}")
        if found.digest != self.chosen.manifest:
            raise NotAManifest(found.backup, "is not the one that was approved")
        return found

    @cached_property
    def depot(self) -> depot.Depot:
        """Where the backups are."""
        return depot.open_depot(self._environment)

    def _choose(self) -> BackupSeen:
        with pipeline.session(self._environment, Side.OLD) as session:
            major = session.info.server_version // 10000
        wanted = Wanted(
            environment=self._environment.name,
            databases=self._environment.databases,
            before=self._before,
            major=major,
        )
        choice = choose.choose(self.depot, wanted)
        return BackupSeen(
            backup=choice.manifest.backup,
            manifest=choice.manifest.digest,
            taken_at=choice.manifest.taken_at,
            rows=sum(dump.contents.rows for dump in choice.manifest.dumps),
            certified_at=choice.certificate.restored_at,
            refused=choice.refused,
        )


def _recorded(own: Sequence[Record]) -> BackupSeen | None:
    seen = records.observed(own, ChooseBackup.name)
    if seen is not None:
        return records.as_facts(BackupSeen, seen.data["seen"])
    planned = records.last(own, Kind.PLANNED)
    kept = cast("dict[str, Json]", planned.data["seen"]) if planned else {}
    return records.as_facts(BackupSeen, kept[ChooseBackup.name]) if ChooseBackup.name in kept else None
