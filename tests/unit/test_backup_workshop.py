"""The folder that a backup is made in: one of its own each time, and nothing of a killed owner stays."""

import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from switchback.backup import workshop

OWNER = """
import sys, time
from switchback.backup import workshop
with workshop.folder("test") as place:
    (place / "dump.backup").write_text("rows")
    print(place, flush=True)
    time.sleep(60)
"""


@pytest.fixture(autouse=True)
def _temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", None)


def test_two_at_once_never_meet_and_nothing_stays(tmp_path: Path) -> None:
    """Each has its own, readable by nobody else."""
    with workshop.folder("test") as one, workshop.folder("test") as other:
        assert one != other
        assert one.stat().st_mode & 0o077 == 0
        assert one.is_dir()
    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_owner_left_is_removed_by_the_next(tmp_path: Path) -> None:
    """While it lives its folder is left alone."""
    owner = subprocess.Popen([sys.executable, "-c", OWNER], stdout=subprocess.PIPE, text=True, env=os.environ)
    assert owner.stdout is not None
    place = Path(owner.stdout.readline().strip())
    with workshop.folder("test"):
        assert (place / "dump.backup").is_file()
    owner.send_signal(signal.SIGKILL)
    owner.wait()
    with workshop.folder("test") as mine:
        assert list(tmp_path.iterdir()) == [mine]
