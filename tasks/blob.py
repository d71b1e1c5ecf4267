"""Blob: backups taken, proven and retired; one of them chosen, restored aside and put in its place."""

from switchback.ways import backing_up, conduct
from switchback.ways.conduct import Attempt
from tasks._step import step


@step("back up {environment}")
def back_up(environment: str) -> str:
    """Dump the databases of the site that users are on, with a manifest of every table; the backup's name."""
    return backing_up.back_up(environment)


@step("adopt {archive}")
def adopt(environment: str, archive: str) -> str:
    """Make another's archive a backup of ours; the backup's name."""
    return backing_up.adopt_archive(environment, archive)


@step("certify {backup}")
def certify(environment: str, backup: str) -> float:
    """Restore a backup aside and compare every table; how many seconds that took."""
    return backing_up.certify_backup(environment, backup).seconds


@step("retire old backups of {environment}")
def retire(environment: str) -> list[str]:
    """Remove what the policy lets go, never the last proven ones."""
    return list(backing_up.retire_backups(environment))


@step("choose the backup")
def choose(attempt: Attempt) -> None:
    """Record the newest backup that is whole, intact and proven, and why no newer one."""
    conduct.carry_out(attempt, "choose the backup")


@step("restore the backup aside")
def restore_aside(attempt: Attempt) -> None:
    """Download, verify, restore into databases aside, and compare every table with the manifest."""
    conduct.carry_out(attempt, "restore the backup aside")


@step("put the restored databases in their place")
def put_in_place(attempt: Attempt) -> None:
    """Rename, all databases at once; what had the names is kept."""
    conduct.carry_out(attempt, "put the restored databases in their place")


@step("prove that the loss is signed for")
def prove_loss_signed(attempt: Attempt) -> None:
    """Whoever approved it answers for what was written since the backup."""
    conduct.prove(attempt, "the loss since the backup is signed for")
