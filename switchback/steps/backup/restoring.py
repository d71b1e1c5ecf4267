"""Restoring the chosen backup: into databases aside, compared table by table, and only then in their place."""

from dataclasses import dataclass

from switchback.backup import archive, fetch, restore, swap, workshop
from switchback.backup.restore import Mark
from switchback.domain.model import Change, Plan, Side
from switchback.domain.together import side_by_side
from switchback.settings import Environment
from switchback.steps.backup.choosing import ChooseBackup
from switchback.systems.postgres import pipeline


@dataclass(frozen=True, kw_only=True)
class RestoredSeen:
    """Which of the platform's databases are on old, which restored ones are proven, and which are in their place."""

    present: tuple[str, ...]
    proven: tuple[str, ...]
    in_place: tuple[str, ...]
    kept: tuple[str, ...]  #: whose former database stands aside


class _Restoring:
    """What both steps look at."""

    facts = RestoredSeen

    def __init__(self, environment: Environment, run: str, choosing: ChooseBackup) -> None:
        self._environment = environment
        self._run = run
        self._choosing = choosing
        self._databases = environment.databases

    def look(self) -> RestoredSeen:
        """See Step."""
        found = swap.look(self._environment, Side.OLD, self._run, self._databases)
        return RestoredSeen(
            present=found.present,
            proven=tuple(name for name in self._databases if name in found.restored),
            in_place=tuple(name for name in self._databases if found.in_place(name)),
            kept=found.kept,
        )


class RestoreAside(_Restoring):
    """The backup's databases are on old under names of their own, every table compared with the manifest."""

    name = "restore the backup aside"

    def plan(self, seen: RestoredSeen) -> Plan:
        """See Step."""
        chosen = self._choosing.chosen
        changes = tuple(
            Change(
                system="backup",
                subject=f"a restored {name} on old",
                before="none",
                after=f"as it was at {chosen.taken_at:%Y-%m-%d %H:%M:%S} UTC, compared; backup {chosen.backup}",
            )
            for name in self._databases
            if name not in seen.proven
        )
        return Plan(title=self.name, changes=changes)

    def refuse_if_unsafe(self, seen: RestoredSeen, planned: RestoredSeen | None) -> None:
        """See Step. Raises CannotHold, DiskTooSmall, NoTools or NotAManifest before anything is downloaded."""
        del seen, planned
        sealed = self._choosing.manifest
        with (
            pipeline.session(self._environment, Side.OLD) as session,
            workshop.folder(f"restore-{self._environment.name}") as folder,
        ):
            restore.refuse_unless_fits(session, [dump.contents for dump in sealed.dumps])
            archive.refuse_if_full(folder, sealed.unpacked)

    def apply(self, seen: RestoredSeen) -> None:
        """See Step. Raises what fetching and restoring raise; what was proven before is not restored again."""
        sealed = self._choosing.manifest
        missing = [name for name in self._databases if name not in seen.proven]
        for name in missing:
            restore.sweep(self._environment, Side.OLD, self._run, name)
        with workshop.folder(f"restore-{self._environment.name}") as folder:
            files = fetch.fetch(self._choosing.depot, sealed, folder)

            def one(name: str) -> None:
                restore.aside(self._environment, Side.OLD, sealed.of(name), files[name], self._mark(name))

            side_by_side(missing, one)

    def undo(self, before: RestoredSeen) -> None:
        """See Step. Drops the databases aside, proven or not; they were made by this attempt."""
        for name in set(self._databases) - set(before.proven):
            restore.sweep(self._environment, Side.OLD, self._run, name, proven=True)

    def _mark(self, database: str) -> Mark:
        chosen = self._choosing.chosen
        return Mark(run=self._run, database=database, backup=chosen.backup, manifest=chosen.manifest)


class PutInPlace(_Restoring):
    """The restored databases have the platform's names; what had them is kept aside."""

    name = "put the restored databases in their place"

    def plan(self, seen: RestoredSeen) -> Plan:
        """See Step."""
        changes = tuple(
            Change(
                system="postgres",
                subject=f"{name} on old",
                before="what is there" if name in seen.present else "none",
                after="the restored one; the former is kept aside" if name in seen.present else "the restored one",
            )
            for name in self._databases
            if name not in seen.in_place
        )
        return Plan(title=self.name, changes=changes)

    def refuse_if_unsafe(self, seen: RestoredSeen, planned: RestoredSeen | None) -> None:
        """See Step. Only proven databases are put in place: the renaming itself refuses others."""

    def apply(self, seen: RestoredSeen) -> None:
        """See Step. Raises NotProvenYet, InUse or SessionsRemain, with nothing renamed."""
        del seen
        swap.swap(self._environment, Side.OLD, self._run, self._databases)

    def undo(self, before: RestoredSeen) -> None:
        """See Step."""
        del before
        swap.put_back(self._environment, Side.OLD, self._run, self._databases)
