"""Parts of the proof whose trials are tests of their own."""

from pathlib import Path

import pytest
from rich.console import Console

from infra.local.layout import ROOT
from tests.proof.held import Held

SPREADSHEET = ROOT / "tests" / "proof" / "test_spreadsheet.py"
DRILLS = ROOT / "tests" / "drill"


class Count:
    """Hears how each test ended."""

    def __init__(self) -> None:
        self.ended: list[str] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """A test that did not get as far as its call, or its call."""
        if report.when == "call" or report.outcome != "passed":
            self.ended.append(report.outcome)


def prove(_console: Console, tests: Path) -> Held:
    """Run those tests; where all are skipped, something that they need is not installed."""
    heard = Count()
    pytest.main(["--quiet", "--no-header", str(tests)], plugins=[heard])
    run = [outcome for outcome in heard.ended if outcome != "skipped"]
    return Held(trials=len(run), failed=run.count("failed"), skipped="" if run else "not installed here")
