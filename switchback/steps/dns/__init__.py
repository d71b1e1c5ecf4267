"""DNS steps: lower the TTLs ahead of time, send users to a site, prove that every server says so."""

from switchback.steps.dns.answers import AnswersFollow, AnswersLag, AnswersSeen
from switchback.steps.dns.records import NotSwitchable, RecordsSeen
from switchback.steps.dns.switch import ChangedSincePlan, RecordsHalfSwitched, SendUsersTo
from switchback.steps.dns.ttls import LongTtlsRunOut, LowerTtls
from switchback.steps.dns.unused import NobodySent

__all__ = [
    "AnswersFollow",
    "AnswersLag",
    "AnswersSeen",
    "ChangedSincePlan",
    "LongTtlsRunOut",
    "LowerTtls",
    "NobodySent",
    "NotSwitchable",
    "RecordsHalfSwitched",
    "RecordsSeen",
    "SendUsersTo",
]
