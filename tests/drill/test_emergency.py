"""The emergency drill on a whole local site: slow, and only by `make proof PARTS=drill`."""

from collections.abc import Iterator

import pytest

from switchback.drill import report
from switchback.drill.report import Report
from tests.drill import running


@pytest.fixture(scope="module")
def measured() -> Iterator[Report]:
    """The drill's report; the site is down again."""
    with running.drilled("emergency") as folder:
        yield report.load(folder / "drills" / "latest" / "report.json")


@pytest.mark.timeout(running.TIMEOUT_S)
def test_old_comes_back_and_no_acknowledged_write_is_lost(measured: Report) -> None:
    """Though it was deleted, and the backup was older than many of them."""
    assert measured.proven
    assert measured.lost_writes == measured.duplicated_writes == measured.waiting_on_new == 0
    assert measured.audit.on_old == measured.acknowledged_writes > 0


def test_the_bad_backups_were_refused_by_name_and_the_numbers_are_told(measured: Report) -> None:
    """Recovery time and recovery point are in the report."""
    assert measured.restored is not None
    whys = {name.rpartition("-")[2]: why.split(":")[0] for name, why in measured.restored.refused.items()}
    assert whys == {"corrupt": "corrupt", "truncated": "truncated", "halfway": "half-uploaded"}
    assert measured.restored.rows_home > 0
    assert measured.restored.backup_age_s > 0
    assert measured.approval_to_first_served_s is not None
