"""What a backup says of itself, and the certificate of who restored it: frozen data, sealed by digests.

`<environment>/<backup>/` holds `begun.json` first, then the archive, and `manifest.json` last: a backup without it is
half-uploaded. `certificate.json` comes when it has been restored once and compared.
"""

import hashlib
import json
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import ClassVar, TypeVar, cast

from pydantic import TypeAdapter, ValidationError

from switchback.backup.notes import Contents
from switchback.domain.errors import Refused
from switchback.domain.model import Side

FORMAT = 1
SUFFIX = ".backup"  #: of each database's dump in the archive, as in the procedure
S = TypeVar("S", "Manifest", "Certificate")


class Part(StrEnum):
    """The blobs of one backup."""

    BEGUN = "begun.json"  # somebody is making it, or died over it
    ARCHIVE = "archive.tar.gz"  # the dumps
    MANIFEST = "manifest.json"  # what is in it; without this it is not whole
    CERTIFICATE = "certificate.json"  # it has been restored


@dataclass(eq=False)
class NotAManifest(Refused):
    """A manifest or certificate is not what was written."""

    problem: ClassVar[str] = "{name} {fault}."
    remedy: ClassVar[str] = "Do not restore from it: another backup is taken."
    name: str
    fault: str


@dataclass(frozen=True, kw_only=True)
class Dump:
    """One database's file in the archive."""

    file: str
    bytes: int
    sha256: str
    contents: Contents


@dataclass(frozen=True, kw_only=True)
class Archive:
    """The archive as it was uploaded."""

    blob: str  #: its whole name in the container; another's archive keeps its own
    bytes: int
    sha256: str


@dataclass(frozen=True, kw_only=True)
class Manifest:
    """One backup. `digest` covers all the rest."""

    format: int
    backup: str
    environment: str
    side: Side
    taken_at: datetime  #: of the earliest of its snapshots: everything committed before is in it
    tools: str
    archive: Archive
    dumps: tuple[Dump, ...]
    digest: str = ""

    def sealed(self) -> "Manifest":
        """The same with its digest set."""
        return replace(self, digest=_digest(replace(self, digest="")))

    @property
    def unpacked(self) -> int:
        """Bytes of all dumps."""
        return sum(dump.bytes for dump in self.dumps)

    @property
    def major(self) -> int:
        """The newest major version that one of its databases was dumped from."""
        return max(dump.contents.major for dump in self.dumps)

    def of(self, database: str) -> Dump:
        """The dump of that database; KeyError when it has none."""
        return {dump.contents.database: dump for dump in self.dumps}[database]


@dataclass(frozen=True, kw_only=True)
class Certificate:
    """A backup was restored aside, and every table compared with its manifest. `digest` covers all the rest."""

    backup: str
    manifest: str  #: the manifest's digest
    archive: str  #: the archive's SHA-256
    restored_at: datetime
    server_version: int
    seconds: float
    rows: int  #: that were compared
    digest: str = ""

    def sealed(self) -> "Certificate":
        """The same with its digest set."""
        return replace(self, digest=_digest(replace(self, digest="")))

    def proves(self, manifest: Manifest) -> bool:
        """Whether it speaks of exactly this backup."""
        return (self.manifest, self.archive) == (manifest.digest, manifest.archive.sha256)


def place(environment: str, backup: str, part: Part) -> str:
    """The name of a backup's blob."""
    return f"{environment}/{backup}/{part}"


def dump(sealed: Manifest | Certificate) -> bytes:
    """A manifest or certificate as it is kept."""
    return json.dumps(_plain(sealed), indent=1, sort_keys=True, ensure_ascii=False).encode() + b"\n"


def parse(kind: type[S], name: str, content: bytes) -> S:
    """What `dump` wrote; raises NotAManifest when it is anything else."""
    try:
        found = TypeAdapter(kind).validate_json(content)
    except ValidationError as error:
        raise NotAManifest(name, "cannot be read") from error
    if _digest(replace(found, digest="")) != found.digest:
        raise NotAManifest(name, "was changed after it was written")
    return found


def _digest(of: Manifest | Certificate) -> str:
    text = json.dumps(_plain(of), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def _plain(of: Manifest | Certificate) -> object:
    return cast("object", TypeAdapter(type(of)).dump_python(of, mode="json"))
