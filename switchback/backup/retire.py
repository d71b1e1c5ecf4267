"""Which backups are old enough to go: by the descriptor's policy, and never the last ones that are proven."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from switchback.backup import choose, manifest
from switchback.backup.manifest import Certificate, Manifest, Part
from switchback.settings import Backup, Environment
from switchback.systems.depot import Depot


@dataclass(frozen=True, kw_only=True)
class Kept:
    """A whole backup, as far as retention goes by it."""

    backup: str
    taken_at: datetime
    proven: bool


def expired(kept: Sequence[Kept], policy: Backup, now: datetime) -> tuple[str, ...]:
    """The backups beyond `keep_days`, but for the newest `keep_last` that are proven."""
    proven = sorted((one for one in kept if one.proven), key=lambda one: one.taken_at, reverse=True)
    safe = {one.backup for one in proven[: policy.keep_last]}
    oldest = now - timedelta(days=policy.keep_days)
    return tuple(one.backup for one in kept if one.taken_at < oldest and one.backup not in safe)


def retire(environment: Environment, depot: Depot, now: datetime) -> tuple[str, ...]:
    """Remove what has expired, the manifest first: killed half-way, the rest is half-uploaded. Returns the names.

    What is half-uploaded, damaged or another's archive is left for people.
    """
    kept = list[Kept]()
    for backup, found in choose.listed(depot, environment.name):
        if isinstance(found, Manifest):
            proven = isinstance(choose.proof(depot, found), Certificate)
            kept.append(Kept(backup=backup, taken_at=found.taken_at, proven=proven))
    gone = expired(kept, environment.backup, now)
    for backup in gone:
        for part in (Part.MANIFEST, Part.CERTIFICATE, Part.ARCHIVE, Part.BEGUN):
            depot.drop(manifest.place(environment.name, backup, part))
    return gone
