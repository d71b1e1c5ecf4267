"""Backups outside of any attempt: of the site that users are on; certified, listed, retired. No lock, no journal."""

from dataclasses import dataclass
from datetime import UTC, datetime

from switchback import settings
from switchback.backup import adopt, certify, choose, manifest, retire, take
from switchback.backup.manifest import Certificate, Manifest, NotAManifest
from switchback.domain.journal import Kind
from switchback.domain.model import Side
from switchback.rollback import records
from switchback.rollback.records import Outcome
from switchback.steps import dns
from switchback.systems import depot, journal
from switchback.ways import history


@dataclass(frozen=True, kw_only=True)
class Standing:
    """One backup, for people."""

    backup: str
    taken_at: datetime | None  #: None where it does not say
    rows: int
    size: int  #: bytes of its archive
    certified_at: datetime | None
    fault: str  #: why it would not be restored, as far as that shows without reading it; empty where nothing does


def side_in_use(environment: settings.Environment) -> Side:
    """Where users are, by the journals: where the last attempt that went so far has sent them, else on old."""
    moves = {dns.SendUsersTo(environment, side).name: side for side in Side}
    for told in history.newest_first(journal.open_store(environment)):
        sent = [moves[one.step] for one in told.records if one.kind is Kind.OBSERVED and one.step in moves]
        if sent and records.outcome(told.records) is not Outcome.UNDONE:
            return sent[-1]
    return Side.OLD


def back_up(name: str) -> str:
    """Back up the site that users are on; the backup's name. Not restored by anybody until it is certified."""
    environment = settings.load(name)
    kept = depot.open_depot(environment, make=True)
    return take.take(environment, kept, side_in_use(environment), datetime.now(UTC)).backup


def certify_backup(name: str, backup: str) -> Certificate:
    """Restore a backup aside on the server it is of, compare it, keep the certificate; done once."""
    environment = settings.load(name)
    kept = depot.open_depot(environment)
    sealed = _read(kept, name, backup)
    proof = choose.proof(kept, sealed)
    return proof if isinstance(proof, Certificate) else certify.certify(environment, kept, sealed, sealed.side)


def adopt_archive(name: str, archive: str) -> str:
    """Prove another's archive and make it a backup; its name."""
    environment = settings.load(name)
    return adopt.adopt(environment, depot.open_depot(environment), archive, side_in_use(environment)).backup


def retire_backups(name: str) -> tuple[str, ...]:
    """Remove what the policy lets go; their names."""
    environment = settings.load(name)
    return retire.retire(environment, depot.open_depot(environment), datetime.now(UTC))


def standing(name: str) -> tuple[Standing, ...]:
    """Every backup of an environment, newest first."""
    environment = settings.load(name)
    kept = depot.open_depot(environment)
    return tuple(_standing(kept, backup, found) for backup, found in choose.listed(kept, environment.name))


def _standing(kept: depot.Depot, backup: str, found: Manifest | choose.Refusal) -> Standing:
    if isinstance(found, choose.Refusal):
        return Standing(backup=backup, taken_at=None, rows=0, size=0, certified_at=None, fault=found.why)
    proof = choose.proof(kept, found)
    return Standing(
        backup=backup,
        taken_at=found.taken_at,
        rows=sum(dump.contents.rows for dump in found.dumps),
        size=found.archive.bytes,
        certified_at=proof.restored_at if isinstance(proof, Certificate) else None,
        fault=proof if isinstance(proof, str) else "",
    )


def _read(kept: depot.Depot, name: str, backup: str) -> Manifest:
    found = choose.read(kept, name, backup)
    if isinstance(found, choose.Refusal):
        raise NotAManifest(manifest.place(name, backup, manifest.Part.MANIFEST), found.why)
    return found
