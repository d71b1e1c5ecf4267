"""DNS steps: lower the TTLs ahead of time, send users to a site, prove that every server says so."""

from switchback.steps.dns.answers import AnswersFollow
from switchback.steps.dns.records import NotSwitchable
from switchback.steps.dns.switch import ChangedSincePlan, SendUsersTo
from switchback.steps.dns.ttls import LongTtlsRunOut, LowerTtls
from switchback.steps.dns.unused import NobodySent

__all__ = [
    "AnswersFollow",
    "ChangedSincePlan",
    "LongTtlsRunOut",
    "LowerTtls",
    "NobodySent",
    "NotSwitchable",
    "SendUsersTo",
]
