"""What an emergency restore restored from, as its journal tells it. Reads records only."""

from collections.abc import Sequence
from datetime import datetime

from switchback.domain.journal import Record
from switchback.drill.report import Restored
from switchback.rollback.records import as_facts, observed
from switchback.steps.backup import BackupSeen, ChooseBackup
from switchback.steps.recovery import BringHome, HomeSeen


def restored(told: Sequence[Record], approved: datetime) -> Restored | None:
    """The backup, its age when it was approved, and what came home since; None where nothing was restored."""
    chosen, home = observed(told, ChooseBackup.name), observed(told, BringHome.name)
    if chosen is None:
        return None
    backup = as_facts(BackupSeen, chosen.data["seen"])
    brought = as_facts(HomeSeen, home.data["seen"]).databases.values() if home else ()
    return Restored(
        backup=backup.backup,
        backup_age_s=round((approved - backup.taken_at).total_seconds(), 1),
        backup_rows=backup.rows,
        rows_home=sum(one.rows for one in brought),
        refused={refusal.backup: refusal.why for refusal in backup.refused},
    )
