"""What people decided about a bundle, sealed: the only thing that apply, verify and the loss manifest go by.

`reviewed.json` stands beside the manifest. Its digest covers every file that was reviewed and the exported
bundle's own digest, so what is applied is provably what was reviewed. Pure data and its JSON.
"""

import hashlib
import json
import os
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import ClassVar

from switchback.domain.errors import Refused
from switchback.recovery.bundle import Bundle, BundleChanged, LargeObjectsNote, TableNote, create, sha256

FILE = "reviewed.json"
FOLDER = "reviewed"  #: holds edited files in canonical form
OBJECTS = "large objects"  #: the name of the list of large objects


class Decide(StrEnum):
    """What is decided without a person."""

    CLEAN = "clean"  #: rows that only new changed are applied; conflicts are left to people
    ALL = "all"  #: conflicts too: new's row is taken
    NONE = "none"  #: nothing: a file that nobody has saved again is undecided
    LEAVE = "leave"  #: rows that only new changed are applied; undecided ones are left waiting on new
    KEEP = "keep"  #: every row is left waiting on new

    @property
    def takes(self) -> tuple[str, ...]:
        """What in `_decision` means that a row is applied."""
        return {Decide.ALL: ("apply", ""), Decide.KEEP: ()}.get(self, ("apply",))

    @property
    def leaves(self) -> bool:
        """Whether a row without a decision stays behind, and nobody is asked."""
        return self in (Decide.LEAVE, Decide.KEEP)


@dataclass(frozen=True, kw_only=True)
class Edit:
    """One cell that the reviewer changed. Cells are as the file shows them."""

    file: str
    row: int
    column: str  #: `_decision`, or a column of the table
    before: str
    after: str


@dataclass(frozen=True, kw_only=True)
class File:
    """One file as it was reviewed."""

    schema: str  #: "" for the list of large objects
    name: str
    file: str  #: as exported and as people edited it
    sha256: str
    applied: str  #: the file whose rows are applied: the same, or its canonical form after an edit
    applied_sha256: str
    inserts: int  #: rows to apply, by operation
    updates: int
    deletes: int
    skipped: int
    edited: int  #: rows with another value than exported
    left_inserts: int = 0  #: what new has and old does not get, by operation
    left_updates: int = 0
    left_deletes: int = 0


@dataclass(frozen=True, kw_only=True)
class Reviewed:
    """The decisions about one bundle. `digest` covers all the rest."""

    recovery: str
    exported: str  #: the manifest's digest
    decide: Decide
    reviewed_at: datetime  #: UTC
    files: tuple[File, ...]
    edits: tuple[Edit, ...]
    digest: str = ""

    @property
    def decisions(self) -> tuple[str, ...]:
        """What in `_decision` means that a row is applied."""
        return self.decide.takes

    @property
    def applied(self) -> int:
        """Rows and large objects to apply."""
        return sum(file.inserts + file.updates + file.deletes for file in self.files)

    @property
    def skipped(self) -> int:
        """Rows and large objects that stay behind."""
        return sum(file.skipped for file in self.files)

    def file_of(self, note: TableNote | LargeObjectsNote) -> File | None:
        """The reviewed file of a table, or of the large objects; None where nothing changed."""
        return next((file for file in self.files if file.file == note.file), None) if note.file else None

    def sealed(self) -> "Reviewed":
        """The same with its digest set."""
        return replace(self, digest=self.computed_digest())

    def computed_digest(self) -> str:
        """SHA-256 over everything but the digest and the instant: the same decisions have the same digest."""
        content = asdict(replace(self, digest=""))
        del content["reviewed_at"]
        return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()

    def to_json(self) -> str:
        """The text of reviewed.json."""
        content = asdict(self) | {"reviewed_at": self.reviewed_at.isoformat()}
        return json.dumps(content, sort_keys=True, indent=1) + "\n"


@dataclass(eq=False)
class NotReviewed(Refused):
    """Nobody has decided about the bundle."""

    problem: ClassVar[str] = "{folder} has not been reviewed."
    remedy: ClassVar[str] = "Run `switchback recover review --bundle {folder}` first."
    folder: str


@dataclass(eq=False)
class ReviewOutdated(Refused):
    """The bundle is not what was reviewed."""

    problem: ClassVar[str] = "{folder}: {fault}."
    remedy: ClassVar[str] = "Run `switchback recover review` again: only what was reviewed is applied."
    folder: str
    fault: str


def read(found: Bundle) -> Reviewed:
    """The decisions about a bundle, proven whole; raises NotReviewed or ReviewOutdated. Files are not read."""
    from pydantic import TypeAdapter, ValidationError

    try:
        review = TypeAdapter(Reviewed).validate_json((found.folder / FILE).read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise NotReviewed(str(found.folder)) from error
    except (OSError, ValueError, ValidationError) as error:
        raise ReviewOutdated(str(found.folder), f"{FILE} is damaged") from error
    if review.computed_digest() != review.digest:
        raise ReviewOutdated(str(found.folder), f"the digest in {FILE} does not match")
    if review.exported != found.manifest.digest or review.recovery != found.manifest.recovery:
        raise ReviewOutdated(str(found.folder), f"{FILE} is about another bundle")
    return review


def check_files(found: Bundle, review: Reviewed, *, but_copied: bool = False) -> None:
    """Raise ReviewOutdated unless every file still is what was reviewed. Reads them all once.

    `but_copied`: leaves out the tables' files that nobody edited, whose sums are taken while they are copied.
    """
    for file in review.files:
        if but_copied and file.schema and file.applied == file.file:
            continue
        for name, expected in {file.file: file.sha256, file.applied: file.applied_sha256}.items():
            try:
                actual = sha256(found.folder / name)
            except BundleChanged as error:
                raise ReviewOutdated(str(found.folder), f"{name} cannot be read") from error
            if actual != expected:
                raise ReviewOutdated(str(found.folder), f"{name} changed after it was reviewed")


def path_of(folder: Path, file: File) -> Path:
    """Where the rows to apply are."""
    return folder / file.applied


def write(path: Path, text: str) -> None:
    """A file of ours in a bundle, whole or not at all; only its owner reads it."""
    partial = path.with_suffix(".partial")
    partial.unlink(missing_ok=True)
    with os.fdopen(create(partial), "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    partial.replace(path)
