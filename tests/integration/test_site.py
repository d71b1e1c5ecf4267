"""The local site comes up once, goes down whole, and says who is in its way."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from infra.local import processes, site
from infra.local.layout import Layout
from infra.local.parts import Group, Program
from infra.local.ports import PortTaken
from tests import vanishing
from tests.network import network

PARTS = {Group.POSTGRES, Group.AZURE, Group.BLOB}


@pytest.fixture
def layout() -> Iterator[Layout]:
    """A site that is not up; down and removed at the end in any case."""
    with vanishing.folder() as folder:
        layout = Layout(network=network(65), var=folder)
        yield layout
        site.down(layout)


def test_up_and_down_leave_no_process(layout: Layout) -> None:
    """What was started is found by its part's name, and is gone afterwards."""
    with site.running(layout, PARTS) as found:
        assert [running.part.name for running in found] == ["postgres-old", "postgres-new", "azure", "azurite"]
        assert all(running.ready_s and running.memory for running in found)
        assert len(_processes_of(layout)) >= 4
    assert _processes_of(layout) == []
    assert site.down(layout) == 0


def test_a_second_up_starts_nothing(layout: Layout) -> None:
    """What runs stays: same processes, nothing to wait for."""
    first = site.up(layout, {Group.POSTGRES, Group.BLOB})
    second = site.up(layout, {Group.POSTGRES, Group.BLOB})
    assert [running.pid for running in second] == [running.pid for running in first]
    assert all(running.ready_s is None for running in second)


def test_a_taken_port_is_named_with_its_owner_before_anything_starts(layout: Layout) -> None:
    """The message says which address, which process, and which setting moves the port."""
    with socket.create_server((layout.blob.host, layout.blob.port)), pytest.raises(PortTaken) as stop:
        site.up(layout, PARTS)
    for part in (str(layout.blob), f"process {os.getpid()}", "SWITCHBACK_LOCAL_BLOB_PORT"):
        assert part in str(stop.value)
    assert _processes_of(layout) == []


def test_down_after_a_crash_of_up_leaves_no_process(layout: Layout) -> None:
    """Killed while it was starting the parts, `up` leaves processes without a parent; `down` finds them."""
    moved = {"SWITCHBACK_LOCAL_NETWORK": layout.network, "SWITCHBACK_LOCAL_VAR": str(layout.var)}
    command = [sys.executable, "-m", "infra.local", "up", "--without", "prefect", "--without", "services"]
    with subprocess.Popen(command, env={**os.environ, **moved}, start_new_session=True) as supervisor:
        deadline = time.monotonic() + 30
        while not any(process.pid != supervisor.pid for process in _processes_of(layout)):
            assert time.monotonic() < deadline, "nothing was started"
            time.sleep(0.01)
        supervisor.send_signal(signal.SIGKILL)
    assert site.down(layout) > 0
    assert _processes_of(layout) == []


def test_a_stale_pid_file_is_not_believed(layout: Layout) -> None:
    """The number now belongs to somebody else: the part does not run, and nobody is ended for it."""
    pid_file = layout.var / "run" / "azurite.pid"
    pid_file.parent.mkdir()
    pid_file.write_text(f"{os.getpid()}\n")
    assert processes.leader(layout, "azurite") is None
    assert site.down(layout) == 0
    assert not pid_file.exists()


def test_a_part_that_ends_while_it_starts_is_named(layout: Layout) -> None:
    """The message carries its last words and where the rest is."""
    command = [sys.executable, "-c", "raise SystemExit('no such certificate')"]
    part = Program(name="broken", group=Group.BLOB, command=lambda _layout: command, ready=lambda _layout: False)
    with pytest.raises(site.PartEnded, match="broken ended while it was starting: no such certificate"):
        site._bring_up(part, layout)


def _processes_of(layout: Layout) -> list[psutil.Process]:
    """Everything that names the site's folder in its command line, or has it as its working folder."""
    found = []
    for process in psutil.process_iter():
        try:
            named = str(layout.var) in " ".join(process.cmdline()) or Path(process.cwd()).is_relative_to(layout.var)
            marked = process.environ().get(processes.SITE) == str(layout.var)
        except psutil.Error:
            continue
        if named or marked:
            found.append(process)
    return found
