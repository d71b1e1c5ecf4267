"""What moves while an attempt waits, and so is in no plan: what people should know before they vote or resume."""

from switchback import settings
from switchback.rollback import records
from switchback.rollback.records import Way
from switchback.steps import recovery
from switchback.ways import conduct, dns_switchback, emergency_restore
from switchback.ways.conduct import Attempt


def numbers(attempt: Attempt) -> tuple[str, ...]:
    """What people should know before they vote; empty for most ways."""
    own = conduct.told(attempt).records
    asked = records.request(own)
    if asked.way is Way.EMERGENCY_RESTORE:
        return emergency_restore.numbers(settings.load(attempt.environment), own, asked)
    return dns_switchback.numbers(conduct.ground(attempt)[0]) if asked.new_is_down else ()


def why_new_is_silent(attempt: Attempt) -> str:
    """Why databases of new cannot be read; empty when all of them can, or nobody waits for them any more."""
    known, own = conduct.ground(attempt)
    return "" if records.outcome(own) else " ".join(recovery.unreadable(known).databases.values())
