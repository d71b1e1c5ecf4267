"""Postgres steps: fence and unfence a site, fill new, record both sites, sequences, what waits on new."""

from switchback.steps.postgres.access import (
    AccessSeen,
    Fence,
    FenceWhenItAnswers,
    Unfence,
    fenced_by,
    open_before,
)
from switchback.steps.postgres.sequences import AdvanceSequences, AdvanceSequencesFar
from switchback.steps.postgres.silent import NewAnswers, Silent, silent
from switchback.steps.postgres.sites import LoadNew, RecordSites, SitesSeen, recorded
from switchback.steps.postgres.unused import CloseUnused, NobodyInside, NothingOnlyThere
from switchback.steps.postgres.waiting import NothingWaits, RowsWait, RowsWaiting, WaitingSeen, accounted, counted

__all__ = [
    "AccessSeen",
    "AdvanceSequences",
    "AdvanceSequencesFar",
    "CloseUnused",
    "Fence",
    "FenceWhenItAnswers",
    "LoadNew",
    "NewAnswers",
    "NobodyInside",
    "NothingOnlyThere",
    "NothingWaits",
    "RecordSites",
    "RowsWait",
    "RowsWaiting",
    "Silent",
    "SitesSeen",
    "Unfence",
    "WaitingSeen",
    "accounted",
    "counted",
    "fenced_by",
    "open_before",
    "recorded",
    "silent",
]
