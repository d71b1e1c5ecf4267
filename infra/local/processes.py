"""The processes of a local site: started detached, found again by the mark they carry, stopped without exception.

Every process of a site carries the site's folder in its environment and hands it to its children, so that stopping
depends on no record that a crash could prevent or leave behind. var/run/<part>.pid only says which of them is a part,
and is believed only when the process of that number carries the mark.
"""

import os
import subprocess
import time
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

import psutil

from infra.local import atomic
from infra.local.layout import ROOT, Layout

SITE = "SWITCHBACK_LOCAL_SITE"
CLUSTER = "SWITCHBACK_LOCAL_CLUSTER"  #: the mark of Postgres and its tools, which are asked to stop in another way
GRACE_S = 8.0


def start(layout: Layout, part: str, command: Sequence[str | Path], variables: Mapping[str, str]) -> None:
    """Start a part in a session of its own; it writes to var/log/<part>.log, and to var/tmp what is temporary."""
    log, temporary = log_of(layout, part), layout.var / "tmp"
    for folder in (log.parent, temporary):
        folder.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as output:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd=ROOT,
            env={**os.environ, **variables, "TMPDIR": str(temporary), SITE: str(layout.var)},
            start_new_session=True,
        )
    atomic.write(_pid_file(layout, part), f"{process.pid}\n".encode())
    while process.poll() is None and not _carries(SITE, layout, psutil.Process(process.pid)):
        time.sleep(0.001)  # the system shows a new program's environment a moment after the program


def log_of(layout: Layout, part: str) -> Path:
    """Where a part's output goes."""
    return layout.var / "log" / f"{part}.log"


def leader(layout: Layout, part: str) -> psutil.Process | None:
    """The running process that `start` made for a part; None when there is none."""
    with suppress(FileNotFoundError, ValueError, psutil.Error):
        process = psutil.Process(int(_pid_file(layout, part).read_text(encoding="ascii")))
        return process if _carries(SITE, layout, process) else None
    return None


def family(process: psutil.Process) -> list[psutil.Process]:
    """A process and everything it started, as far as it still runs."""
    with suppress(psutil.Error):
        return [process, *process.children(recursive=True)]
    return []


def memory(processes: Iterable[psutil.Process]) -> int:
    """Bytes held by processes, shared pages counted once where the system tells."""
    total = 0
    for process in processes:
        with suppress(psutil.Error):
            info = process.memory_full_info()
            total += getattr(info, "pss", 0) or info.rss
    return total


def forget(layout: Layout) -> None:
    """Remove the pid files: nothing runs any more."""
    for pid_file in (layout.var / "run").glob("*.pid"):
        pid_file.unlink(missing_ok=True)


def stop_all(layout: Layout, mark: str = SITE) -> int:
    """End every process that carries the mark, whatever became of its parent; how many there were.

    Asks first, kills what stays, and looks again until nothing is found.
    """
    stopped = 0
    while found := _marked(layout, mark):
        stopped += len(found)
        for process in found:
            with suppress(psutil.Error):
                process.terminate()
        _gone, stubborn = psutil.wait_procs(found, timeout=GRACE_S)
        for process in stubborn:
            with suppress(psutil.Error):
                process.kill()
        psutil.wait_procs(stubborn, timeout=GRACE_S)
    return stopped


def _pid_file(layout: Layout, part: str) -> Path:
    return layout.var / "run" / f"{part}.pid"


def _marked(layout: Layout, mark: str) -> list[psutil.Process]:
    ours = {os.getpid(), *(parent.pid for parent in psutil.Process().parents())}
    return [found for found in psutil.process_iter() if found.pid not in ours and _carries(mark, layout, found)]


def _carries(mark: str, layout: Layout, process: psutil.Process) -> bool:
    with suppress(psutil.Error):
        return process.environ().get(mark) == str(layout.var) and process.status() != psutil.STATUS_ZOMBIE
    return False
