"""What the services of a site are told to do wrong, for incidents.

Kept in var/run/faults-<side>.json; the services look at every request, so a change acts at once.
"""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from infra.local import atomic
from infra.local.layout import Layout
from switchback.domain.model import Side


@dataclass(frozen=True, kw_only=True)
class Fault:
    """How one service misbehaves; all of it at once."""

    failing: float = 0.0  #: share of requests answered 500, 0 to 1
    latency_s: float = 0.0  #: added to every request
    database_lost: bool = False  #: as if its database had gone


HEALTHY = Fault()


def inflict(layout: Layout, side: Side, service: str, fault: Fault) -> None:
    """From now on the service misbehaves so, instead of however it did before."""
    path = _path(layout, side)
    _write(path, _read(path) | {service: fault})


def clear(layout: Layout, side: Side, service: str | None = None) -> None:
    """The service (every service of the side without one) behaves again; does nothing when it does."""
    path = _path(layout, side)
    _write(path, {name: fault for name, fault in _read(path).items() if service not in {None, name}})


class Faults:
    """One side's faults as they stand, read again only when the file changed."""

    def __init__(self, layout: Layout, side: Side) -> None:
        self._path = _path(layout, side)
        self._version: tuple[int, int] | None = None
        self._known: dict[str, Fault] = {}

    def of(self, service: str) -> Fault:
        """How the service is to misbehave right now."""
        try:
            status = self._path.stat()
        except FileNotFoundError:
            return HEALTHY
        version = (status.st_mtime_ns, status.st_ino)
        if version != self._version:
            self._version, self._known = version, _read(self._path)
        return self._known.get(service, HEALTHY)


def _path(layout: Layout, side: Side) -> Path:
    return layout.var / "run" / f"faults-{side.value}.json"


def _read(path: Path) -> dict[str, Fault]:
    if not path.exists():
        return {}
    return {service: Fault(**fields) for service, fields in json.loads(path.read_text(encoding="utf-8")).items()}


def _write(path: Path, faults: dict[str, Fault]) -> None:
    content = {service: asdict(fault) for service, fault in faults.items()}
    atomic.write(path, json.dumps(content).encode())
