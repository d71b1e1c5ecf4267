"""Backup steps: choose a backup, restore it aside, put it in place, and what stands on a restored site."""

from switchback.steps.backup.choosing import BackupSeen, ChooseBackup
from switchback.steps.backup.fences import FenceFormer, OpenRestored
from switchback.steps.backup.newer import (
    AdvanceRestored,
    AdvanceRestoredFar,
    BringHomeSince,
    LossSigned,
    RestoredGround,
    known_newer,
)
from switchback.steps.backup.restoring import PutInPlace, RestoreAside

__all__ = [
    "AdvanceRestored",
    "AdvanceRestoredFar",
    "BackupSeen",
    "BringHomeSince",
    "ChooseBackup",
    "FenceFormer",
    "LossSigned",
    "OpenRestored",
    "PutInPlace",
    "RestoreAside",
    "RestoredGround",
    "known_newer",
]
