"""Postgres steps: fence and unfence a site, fill new, record both sites, sequences, what waits on new."""

from switchback.steps.postgres.access import AccessSeen, Fence, Unfence, fenced_by
from switchback.steps.postgres.sequences import AdvanceSequences
from switchback.steps.postgres.sites import LoadNew, RecordSites, SitesSeen, recorded
from switchback.steps.postgres.waiting import NothingWaits, RowsWait, RowsWaiting, WaitingSeen, counted

__all__ = [
    "AccessSeen",
    "AdvanceSequences",
    "Fence",
    "LoadNew",
    "NothingWaits",
    "RecordSites",
    "RowsWait",
    "RowsWaiting",
    "SitesSeen",
    "Unfence",
    "WaitingSeen",
    "counted",
    "fenced_by",
    "recorded",
]
