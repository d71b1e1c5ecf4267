"""The audit: what became of every acknowledged write, by the ledger and what both sides' databases hold.

`python -m infra.local.audit --ledger F` prints it as JSON for a drill of the local site (docs/drill.md).
Reads only, as the pipeline's role. It trusts no service, no journal and no exit code. Every write left an
event that carries its operation, and its entity's row names the last operation; entities of one
client are written one at a time, so the order of sending is the order of effects.
"""

import argparse
import json
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from infra.local import postgres
from infra.local.holdings import TRACKED, Holdings, look
from infra.local.layout import Layout
from infra.local.traffic import ledger
from infra.local.traffic.ledger import Fate, Kind, Write
from switchback.domain.model import Side


@dataclass(frozen=True, kw_only=True)
class AuditResult:
    """Where the acknowledged writes are: acknowledged = on_old + waiting_on_new + lost."""

    acknowledged: int
    on_old: int  #: effect and event are on old
    waiting_on_new: int  #: only on new
    waiting_rows: dict[str, int]  #: database.table -> rows that differ because of those
    lost: int  #: on neither side
    duplicated: int  #: writes, acknowledged or not, that took effect twice on one side
    unknown: int  #: writes whose answer was lost or was 5xx: may be there or not
    refused_but_there: int  #: writes that were answered 4xx and yet took effect
    lost_operations: tuple[str, ...]
    duplicated_operations: tuple[str, ...]


def audit(path: Path, conninfo: Callable[[Side, str], str]) -> AuditResult:
    """Hold the ledger against both sides; `conninfo(side, database)` says how to connect. Raises psycopg.Error."""
    writes = ledger.read(path)
    services = {write.service for write in writes}
    found = {(side, service): look(conninfo, side, service) for side in Side for service in services}
    held: dict[Side, set[str]] = {side: set() for side in Side}
    for (service, _reference), entity in _by_entity(writes).items():
        for side in Side:
            held[side] |= _held(entity, found[side, service])
    acknowledged = [write for write in writes if write.fate is Fate.ACKNOWLEDGED]
    only_on_new, anywhere = held[Side.NEW] - held[Side.OLD], held[Side.NEW] | held[Side.OLD]
    waiting = [write for write in acknowledged if write.operation in only_on_new]
    lost = [write for write in acknowledged if write.operation not in anywhere]
    twice = [write for write in writes if any(found[side, write.service].twice(write.operation) for side in Side)]
    refused = [write for write in writes if write.fate is Fate.REFUSED]
    return AuditResult(
        acknowledged=len(acknowledged),
        on_old=len(acknowledged) - len(waiting) - len(lost),
        waiting_on_new=len(waiting),
        waiting_rows=dict(_rows(waiting, found)),
        lost=len(lost),
        duplicated=len(twice),
        unknown=sum(write.fate in {Fate.UNKNOWN, Fate.SENT} for write in writes),
        refused_but_there=sum(
            any(found[side, write.service].events[write.operation] for side in Side) for write in refused
        ),
        lost_operations=tuple(write.operation for write in lost),
        duplicated_operations=tuple(write.operation for write in twice),
    )


def _by_entity(writes: Iterable[Write]) -> dict[tuple[str, str], list[Write]]:
    entities: dict[tuple[str, str], list[Write]] = defaultdict(list)
    for write in writes:
        entities[write.service, write.reference].append(write)
    return entities


def _held(writes: Sequence[Write], holdings: Holdings) -> set[str]:
    """The operations of one entity whose effect this side has, or has overwritten by a later one."""
    there = [write for write in writes if holdings.events[write.operation]]
    gone = bool(there) and there[-1].kind is Kind.DELETE
    held = {write.operation for write in there if gone or holdings.children[write.operation]}
    if there and not _shows(there[-1], writes, holdings):
        held.discard(there[-1].operation)
        acknowledged = [write for write in there if write.fate is Fate.ACKNOWLEDGED]
        held -= {write.operation for write in acknowledged[-1:]}
    return held


def _shows(last: Write, writes: Sequence[Write], holdings: Holdings) -> bool:
    """Whether the entity is as its last event says, or as a later write left it whose event is missing."""
    state = holdings.entities.get(last.reference)
    if last.kind is Kind.DELETE:
        return state is None
    return state in {write.operation for write in writes[writes.index(last) :]}


def _rows(waiting: Iterable[Write], found: Mapping[tuple[Side, str], Holdings]) -> Counter[str]:
    rows: Counter[str] = Counter()
    differing = set()
    for write in waiting:
        tables = TRACKED[write.service]
        old, new = found[Side.OLD, write.service], found[Side.NEW, write.service]
        rows[tables.named(tables.events)] += new.events[write.operation] - old.events[write.operation]
        rows[tables.named(tables.children)] += new.children[write.operation] - old.children[write.operation]
        if old.entities.get(write.reference) != new.entities.get(write.reference):
            differing.add((write.service, write.reference))
    for service, _reference in differing:
        rows[TRACKED[service].named(TRACKED[service].entities)] += 1
    return +rows


def main() -> None:
    """Print the audit of a ledger."""
    parser = argparse.ArgumentParser(prog="infra.local.audit", description=__doc__)
    parser.add_argument("--ledger", type=Path, required=True)
    path: Path = parser.parse_args().ledger
    layout = Layout()
    result = audit(path, lambda side, database: postgres.conninfo(layout, side, database=database))
    sys.stdout.write(f"{json.dumps(asdict(result))}\n")


if __name__ == "__main__":
    main()
