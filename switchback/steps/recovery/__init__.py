"""Recovery steps: export what was written on new, review it, bring it home, prove it, or sign for what stays."""

from switchback.steps.recovery.back_again import back_again
from switchback.steps.recovery.bring import REVIEWS, Apply, NotSigned, Verify, voted
from switchback.steps.recovery.continuity import AnotherNew, AnotherOld
from switchback.steps.recovery.export import Export, Exported
from switchback.steps.recovery.ground import Ground, NotRecorded, OldIsTheSame, OtherDatabases, ground
from switchback.steps.recovery.home import BringHome, HomeSeen
from switchback.steps.recovery.kept import Kept, Part
from switchback.steps.recovery.left_behind import LossSigned
from switchback.steps.recovery.opening import OpenNew
from switchback.steps.recovery.standing import left_by, put_back, signed
from switchback.steps.recovery.unreadable import NewIsDown, NewIsGone, NewIsUp, NewSilent, NewStillSilent, unreadable

__all__ = [
    "REVIEWS",
    "AnotherNew",
    "AnotherOld",
    "Apply",
    "BringHome",
    "Export",
    "Exported",
    "Ground",
    "HomeSeen",
    "Kept",
    "LossSigned",
    "NewIsDown",
    "NewIsGone",
    "NewIsUp",
    "NewSilent",
    "NewStillSilent",
    "NotRecorded",
    "NotSigned",
    "OldIsTheSame",
    "OpenNew",
    "OtherDatabases",
    "Part",
    "Verify",
    "back_again",
    "ground",
    "left_by",
    "put_back",
    "signed",
    "unreadable",
    "voted",
]
