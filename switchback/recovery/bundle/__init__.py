"""The bundle of one recovery: CSVs that people review and a manifest that proves them (docs/bundle.md).

Call through this module: `bundle.writing(place)`, `bundle.opened(folder)`.
"""

from switchback.recovery.bundle.folder import FolderBusy, FolderTaken, FolderUnusable, NoRoom, timestamped, whole
from switchback.recovery.bundle.manifest import (
    FORMAT,
    AsideNote,
    ColumnNote,
    Conflict,
    Decision,
    LargeObjectsNote,
    Layout,
    Manifest,
    Method,
    Operation,
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
from switchback.recovery.bundle.writer import MANIFEST, Output, TableWriter, Values, Versions, Writer, Written, writing

__all__ = [
    "FORMAT",
    "MANIFEST",
    "AsideNote",
    "Bundle",
    "BundleChanged",
    "ColumnNote",
    "Conflict",
    "Decision",
    "FolderBusy",
    "FolderTaken",
    "FolderUnusable",
    "LargeObjectsNote",
    "Layout",
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
    "opened",
    "read_cells",
    "read_rows",
    "sha256",
    "timestamped",
    "whole",
    "writing",
]
