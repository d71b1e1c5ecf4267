"""The review's round trip through a real spreadsheet, as a part of the proof; the trials are tests of their own."""

from pathlib import Path

import pytest
from rich.console import Console

from tests.proof.held import Held

TESTS = Path(__file__).with_name("test_spreadsheet.py")


class Count:
    """Hears how each test ended."""

    def __init__(self) -> None:
        self.ended: list[str] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """A test that did not get as far as its call, or its call."""
        if report.when == "call" or report.outcome != "passed":
            self.ended.append(report.outcome)


def prove(_console: Console) -> Held:
    """Run the tests; without a spreadsheet there are none."""
    heard = Count()
    pytest.main(["--quiet", "--no-header", str(TESTS)], plugins=[heard])
    run = [outcome for outcome in heard.ended if outcome != "skipped"]
    return Held(trials=len(run), failed=run.count("failed"), skipped="" if run else "LibreOffice is not installed")
