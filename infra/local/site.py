"""The whole local site: up, down, and what runs. Everything it writes is under the layout's var.

`up` starts only what does not run; `down` ends every process of the site, also those that a crash left behind.
"""

import fcntl
import time
from collections.abc import Collection, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass
from graphlib import TopologicalSorter
from typing import ClassVar

from infra.local import certificates, descriptor, parts, ports, postgres, prefect, processes, ready, secrets
from infra.local.layout import Layout
from infra.local.parts import Group, Part
from switchback import settings
from switchback.domain.errors import HalfDone
from switchback.domain.model import Side

PATIENCE_S = 180.0  #: a cold start on a busy machine; a part that ends is noticed at once
EVERYTHING = frozenset(Group)


@dataclass(eq=False)
class PartEnded(HalfDone):
    """A part stopped instead of becoming ready."""

    problem: ClassVar[str] = "{part} ended while it was starting: {line}"
    remedy: ClassVar[str] = "See {log}; what else was started runs on until make down."
    part: str
    line: str
    log: str


@dataclass(eq=False)
class PartSilent(HalfDone):
    """A part runs and does not become ready."""

    problem: ClassVar[str] = "{part} runs, but was not ready after {waited_s:.0f} s."
    remedy: ClassVar[str] = "See {log}; what else was started runs on until make down."
    part: str
    waited_s: float
    log: str


@dataclass(frozen=True, kw_only=True)
class Running:
    """A part that runs."""

    part: Part
    pid: int
    memory: int  #: bytes, with everything it started
    ready_s: float | None = None  #: None when it ran before


def up(layout: Layout, groups: Collection[Group] = EVERYTHING) -> tuple[Running, ...]:
    """Start the parts of these groups that do not run, and return when all of them are ready.

    Raises PortTaken before anything is started; PartEnded, PartSilent or NotRegistered when a part fails: what was
    started then runs on, and a second call starts the rest.
    """
    wanted = [part for part in parts.ALL if part.group in groups]
    with _alone(layout):
        missing = [part for part in wanted if part.process(layout) is None]
        ports.refuse_taken(endpoint for part in missing for endpoint in part.listens(layout))
        _prepare(layout)
        took = _in_order(wanted, layout)
    return tuple(
        Running(part=found.part, pid=found.pid, memory=found.memory, ready_s=took[found.part.name])
        if found.part in missing
        else found
        for found in status(layout)
    )


def down(layout: Layout) -> int:
    """End every process of the site; how many there were. A second call finds none."""
    with _alone(layout):
        stopped = processes.stop_all(layout)
        clusters = [side for side in Side if postgres.running(layout, side)]
        for side in clusters:
            postgres.stop(layout, side)
        stopped += len(clusters) + processes.stop_all(layout, processes.CLUSTER)
        processes.forget(layout)
    return stopped


def status(layout: Layout) -> tuple[Running, ...]:
    """The parts that run now."""
    found = ((part, part.process(layout)) for part in parts.ALL)
    return tuple(
        Running(part=part, pid=process.pid, memory=processes.memory(processes.family(process)))
        for part, process in found
        if process is not None
    )


@contextmanager
def running(layout: Layout, groups: Collection[Group] = EVERYTHING) -> Iterator[tuple[Running, ...]]:
    """A site for as long as the block runs; down again whatever happens in it."""
    try:
        yield up(layout, groups)
    finally:
        down(layout)


@contextmanager
def _alone(layout: Layout) -> Iterator[None]:
    """One `up` or `down` at a time; the lock goes with the process that holds it."""
    layout.var.mkdir(parents=True, exist_ok=True)
    with (layout.var / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _prepare(layout: Layout) -> None:
    secrets.load(layout)
    prefect.login(layout)
    local = settings.read(descriptor.write(layout))
    certificates.ensure(layout, [local.host(service) for service in local.services])


def _in_order(wanted: Sequence[Part], layout: Layout) -> dict[str, float]:
    """Bring every part up as soon as what it needs is; seconds each took."""
    by_name = {part.name: part for part in wanted}
    order = TopologicalSorter({part.name: [need for need in part.needs if need in by_name] for part in wanted})
    order.prepare()
    took: dict[str, float] = {}
    busy: dict[Future[float], str] = {}
    with ThreadPoolExecutor(max_workers=len(parts.ALL)) as pool:
        while order.is_active():
            busy |= {pool.submit(_bring_up, by_name[name], layout): name for name in order.get_ready()}
            for future in wait(busy, return_when=FIRST_COMPLETED).done:
                name = busy.pop(future)
                took[name] = future.result()
                order.done(name)
    return took


def _bring_up(part: Part, layout: Layout) -> float:
    began = time.monotonic()
    if part.process(layout) is None:
        part.start(layout)
    while not _is_ready(part, layout):
        waited = time.monotonic() - began
        log = processes.log_of(layout, part.name)
        if part.process(layout) is None:
            lines = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
            raise PartEnded(part.name, lines[-1] if lines else "it said nothing", str(log))
        if waited > PATIENCE_S:
            raise PartSilent(part.name, waited, str(log))
        time.sleep(0.05)  # between questions, never instead of one
    part.then(layout)
    return time.monotonic() - began


def _is_ready(part: Part, layout: Layout) -> bool:
    try:
        return part.ready(layout)
    except ready.NOT_YET:
        return False
