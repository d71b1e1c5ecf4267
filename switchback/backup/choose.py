"""Which backup to restore: the newest before an instant that is whole, intact and proven, and why not a newer one.

Goes by what manifests say and by what can be read, never by a blob's time-stamps (defect 72). Changes nothing.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from switchback.backup import fetch, manifest
from switchback.backup.manifest import Certificate, Manifest, NotAManifest, Part
from switchback.domain.errors import Refused
from switchback.systems.depot import Depot, Vanished


@dataclass(eq=False)
class NoBackup(Refused):
    """No backup may be restored."""

    problem: ClassVar[str] = "{environment}: of {seen} backups none before {before} can be restored: {reasons}."
    remedy: ClassVar[str] = "Look for one by hand (Azure's own snapshots, other accounts), and adopt it."
    environment: str
    seen: int
    before: str
    reasons: str


@dataclass(frozen=True, kw_only=True)
class Refusal:
    """A backup that is not taken, and why."""

    backup: str
    why: str

    def __str__(self) -> str:
        return f"{self.backup}: {self.why}"


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What a backup must be good for."""

    environment: str
    databases: tuple[str, ...]
    before: datetime  #: it must have been taken before this instant
    major: int  #: of the server that is to hold it


@dataclass(frozen=True, kw_only=True)
class Choice:
    """The backup to restore, and the newer ones that were refused."""

    manifest: Manifest
    certificate: Certificate
    refused: tuple[Refusal, ...]


def choose(depot: Depot, wanted: Wanted) -> Choice:
    """The newest backup that may be restored. Reads the archives of those that look good, newest first.

    Raises NoBackup, naming every one that was refused.
    """
    refused = list[Refusal]()
    for backup in known(depot, wanted.environment):
        found = read(depot, wanted.environment, backup)
        if isinstance(found, Manifest):
            why = _unfit(found, wanted) or _unproven(depot, found)
            if isinstance(why, Certificate):
                return Choice(manifest=found, certificate=why, refused=tuple(refused))
            found = Refusal(backup=backup, why=why)
        refused.append(found)
    reasons = "; ".join(map(str, refused)) or "there are none"
    raise NoBackup(wanted.environment, len(refused), wanted.before.isoformat(timespec="seconds"), reasons)


def known(depot: Depot, environment: str) -> tuple[str, ...]:
    """The names of all backups of an environment, whole or not, newest first: a name begins with its instant."""
    found = {name.split("/")[1] for name in depot.names(f"{environment}/") if name.count("/") > 1}
    return tuple(sorted(found, reverse=True))


def read(depot: Depot, environment: str, backup: str) -> Manifest | Refusal:
    """What a backup says of itself, or why it says nothing that can be believed."""
    content = depot.read(manifest.place(environment, backup, Part.MANIFEST))
    if content is None:
        return Refusal(backup=backup, why="half-uploaded: it has no manifest")
    try:
        sealed = manifest.parse(Manifest, "its manifest", content)
    except NotAManifest as fault:
        return Refusal(backup=backup, why=f"{fault.name} {fault.fault}")
    if (sealed.backup, sealed.environment) != (backup, environment):
        return Refusal(backup=backup, why=f"its manifest is that of {sealed.environment}/{sealed.backup}")
    return sealed


def proof(depot: Depot, sealed: Manifest) -> Certificate | str:
    """The certificate of a backup, or why it has none that counts."""
    content = depot.read(manifest.place(sealed.environment, sealed.backup, Part.CERTIFICATE))
    if content is None:
        return "never proven: it has no restore certificate"
    try:
        found = manifest.parse(Certificate, "its certificate", content)
    except NotAManifest as fault:
        return f"{fault.name} {fault.fault}"
    return found if found.proves(sealed) else "its certificate is that of another backup"


def _unfit(sealed: Manifest, wanted: Wanted) -> str:
    if sealed.taken_at >= wanted.before:
        return f"too late: taken at {sealed.taken_at.isoformat(timespec='seconds')}"
    if sealed.format > manifest.FORMAT:
        return f"its manifest is of format {sealed.format}, this program reads {manifest.FORMAT}"
    held = {dump.contents.database for dump in sealed.dumps}
    if missing := sorted(set(wanted.databases) - held):
        return f"it lacks {', '.join(missing)}"
    if sealed.major > wanted.major:
        return f"made by Postgres {sealed.major}, the server that is to hold it is {wanted.major}"
    return ""


def _unproven(depot: Depot, sealed: Manifest) -> Certificate | str:
    size = depot.size(sealed.archive.blob)
    if size is None:
        return "its archive is gone"
    if size != sealed.archive.bytes:
        return f"truncated: its archive has {size} bytes, {sealed.archive.bytes} were written"
    found = proof(depot, sealed)
    if isinstance(found, str):
        return found
    try:
        intact = fetch.is_intact(depot, sealed)
    except Vanished as gone:
        return f"truncated: {gone.read} of {gone.size} bytes could be read"
    return found if intact else "corrupt: its archive has another SHA-256 than its manifest says"


def listed(depot: Depot, environment: str) -> Iterator[tuple[str, Manifest | Refusal]]:
    """Every backup of an environment with what it says of itself, newest first."""
    for backup in known(depot, environment):
        yield backup, read(depot, environment, backup)
