"""The bundle of one recovery: CSVs that people review and a manifest that proves them (docs/bundle.md).

Call through this module: `bundle.writing(place)`, `bundle.opened(folder)`.
"""

from switchback.recovery.bundle import cells
from switchback.recovery.bundle.folder import FolderBusy, FolderTaken, NoRoom, create
from switchback.recovery.bundle.lines import Lines
from switchback.recovery.bundle.manifest import (
    FORMAT,
    AsideNote,
    ColumnNote,
    LargeObjectsNote,
    Manifest,
    Position,
    SequenceNote,
    Side,
    TableNote,
)
from switchback.recovery.bundle.reader import (
    Bundle,
    BundleChanged,
    NotABundle,
    Row,
    opened,
    read_cells,
    read_rows,
    sha256,
)
from switchback.recovery.bundle.words import INSERTED, LARGE_OBJECTS, Conflict, Decision, Layout, Method, Operation
from switchback.recovery.bundle.writer import (
    MANIFEST,
    ORIGINAL,
    Output,
    TableWriter,
    Values,
    Versions,
    Writer,
    Written,
    writing,
)

__all__ = [
    "FORMAT",
    "INSERTED",
    "LARGE_OBJECTS",
    "MANIFEST",
    "ORIGINAL",
    "AsideNote",
    "Bundle",
    "BundleChanged",
    "ColumnNote",
    "Conflict",
    "Decision",
    "FolderBusy",
    "FolderTaken",
    "LargeObjectsNote",
    "Layout",
    "Lines",
    "Manifest",
    "Method",
    "NoRoom",
    "NotABundle",
    "Operation",
    "Output",
    "Position",
    "Row",
    "SequenceNote",
    "Side",
    "TableNote",
    "TableWriter",
    "Values",
    "Versions",
    "Writer",
    "Written",
    "cells",
    "create",
    "opened",
    "read_cells",
    "read_rows",
    "sha256",
    "writing",
]
