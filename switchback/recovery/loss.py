"""The loss manifest: the rows that stay behind, counted and signed for by a named person.

The rows themselves stay in the bundle and can be brought home later (decide `apply`, review, apply). Never deletes
anything, never signs for anyone.
"""

import hashlib
import json
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import ClassVar

from switchback.domain.errors import Refused
from switchback.recovery import bundle, reviewed
from switchback.recovery.bundle import LargeObjectsNote, TableNote
from switchback.recovery.reviewed import Reviewed

FILE = "loss.json"


@dataclass(eq=False)
class NoSignature(Refused):
    """A loss is signed for by a person, with a reason."""

    problem: ClassVar[str] = "{what} is empty."
    remedy: ClassVar[str] = "A loss is accepted by a named person for a stated reason."
    what: str


@dataclass(eq=False)
class SignedAlready(Refused):
    """Somebody has signed for the loss."""

    problem: ClassVar[str] = "{folder}: {who} has signed for the loss already."
    remedy: ClassVar[str] = "A signature is never replaced; keep loss.json elsewhere if it no longer applies."
    folder: str
    who: str


@dataclass(frozen=True, kw_only=True)
class Left:
    """Rows of one table that stay behind, by what would have happened to them."""

    schema: str
    name: str
    file: str
    inserts: int
    updates: int
    deletes: int

    @property
    def rows(self) -> int:
        """All of them."""
        return self.inserts + self.updates + self.deletes


@dataclass(frozen=True, kw_only=True)
class Loss:
    """What is given up, and who answers for it. `digest` covers all the rest."""

    recovery: str
    exported: str  #: the bundle's digest
    reviewed: str  #: the review's digest; "" where nothing was applied
    tables: tuple[Left, ...]
    rows: int
    signed_by: str
    reason: str
    signed_at: datetime  #: UTC
    digest: str = ""

    def sealed(self) -> "Loss":
        """The same with its digest set."""
        return replace(self, digest=self.computed_digest())

    def computed_digest(self) -> str:
        """SHA-256 over everything but the digest."""
        return hashlib.sha256(_json(replace(self, digest="")).encode()).hexdigest()


def accept(folder: Path, signed_by: str, reason: str) -> Loss:
    """Sign for the rows of the bundle that are not applied, in loss.json; the same signature again changes nothing.

    Raises NotABundle, BundleChanged, ReviewOutdated, NoSignature or SignedAlready.
    """
    for what, text in {"--signed-by": signed_by, "--reason": reason}.items():
        if not text.strip():
            raise NoSignature(what)
    found = bundle.opened(folder)
    review = reviewed.read(found) if (folder / reviewed.FILE).exists() else None
    if review is None:
        found.check_files()
    else:
        reviewed.check_files(found, review)
    left = left_behind(found, review)
    signed = Loss(
        recovery=found.manifest.recovery,
        exported=found.manifest.digest,
        reviewed=review.digest if review else "",
        tables=left,
        rows=sum(table.rows for table in left),
        signed_by=signed_by.strip(),
        reason=reason.strip(),
        signed_at=datetime.now(tz=UTC),
    ).sealed()
    earlier = read(folder)
    if earlier is None:
        reviewed.write(folder / FILE, json.dumps(json.loads(_json(signed)), indent=1, sort_keys=True) + "\n")
        return signed
    if replace(earlier, signed_at=signed.signed_at, digest="").sealed() != signed:
        raise SignedAlready(str(folder), earlier.signed_by)
    return earlier


def left_behind(found: bundle.Bundle, review: Reviewed | None) -> tuple[Left, ...]:
    """The rows that are not applied, by table; without a review, all of them."""
    notes: list[tuple[str, str, TableNote | LargeObjectsNote]] = [
        *((note.schema, note.name, note) for note in found.manifest.tables),
        ("", reviewed.OBJECTS, found.manifest.large_objects),
    ]
    left = [_left(schema, name, note, review) for schema, name, note in notes if note.file]
    return tuple(table for table in left if table.rows)


def _left(schema: str, name: str, note: TableNote | LargeObjectsNote, review: Reviewed | None) -> Left:
    file = review.file_of(note) if review else None
    return Left(
        schema=schema,
        name=name,
        file=note.file,
        inserts=file.left_inserts if file else note.inserts,
        updates=file.left_updates if file else note.updates,
        deletes=file.left_deletes if file else note.deletes,
    )


def read(folder: Path) -> Loss | None:
    """The loss that was signed for, proven whole; None where nobody has. Raises BundleChanged."""
    from pydantic import TypeAdapter, ValidationError

    try:
        loss = TypeAdapter(Loss).validate_json((folder / FILE).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, ValidationError) as error:
        raise bundle.BundleChanged(FILE, "it is damaged") from error
    if loss.computed_digest() != loss.digest:
        raise bundle.BundleChanged(FILE, "its digest does not match")
    return loss


def _json(loss: Loss) -> str:
    return json.dumps(asdict(loss) | {"signed_at": loss.signed_at.isoformat()}, sort_keys=True)
