"""A made-up drill for tests: two journals, a ledger, outcomes and an audit that fit together.

Users are on old until 20 s, locked out while new is filled, on new until it breaks at 48 s, and back on
old 7.5 s after the approval at 55 s.
"""

import random
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta

from switchback.domain.journal import Json, Kind, Record, next_record
from switchback.drill.audit import Audit
from switchback.drill.diary import Phase, Stretch
from switchback.drill.ledger import Acknowledged
from switchback.drill.measure import Evidence, Taken
from switchback.drill.outcomes import Request
from switchback.rollback.records import Way, as_json
from switchback.steps.postgres import RowsWaiting, SitesSeen, WaitingSeen
from switchback.systems.postgres.waiting import Waiting
from switchback.ways.history import Told

BEGAN = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)
SERVICES = ("books", "films", "songs")
CUTOVER = (
    ("lower the TTLs", True, 0.6),
    ("the longer TTLs have run out", False, 0.2),
    ("fence new", True, 0.9),
    ("fence old", True, 1.1),
    ("load new", True, 5.4),
    ("record both sites", False, 0.4),
    ("unfence new", True, 0.3),
    ("new serves", False, 0.5),
    ("send users to new", True, 0.7),
    ("name servers answer with new", False, 4.8),
)
SWITCHBACK = (
    ("fence new", True, 1.2),
    ("advance the sequences of old", True, 0.4),
    ("unfence old", True, 0.3),
    ("old serves", False, 0.6),
    ("send users to old", True, 0.8),
    ("name servers answer with old", False, 4.9),
    ("users have left new", False, 3.1),
    ("rows waiting on new", False, 0.5),
)
PHASES = (
    (Phase.BASELINE, 0),
    (Phase.CUTOVER, 10),
    (Phase.ON_NEW, 34),
    (Phase.INCIDENT, 44),
    (Phase.SWITCHBACK, 50),
    (Phase.SETTLING, 73),
    (Phase.AUDIT, 83),
)
ENDED = 85.0


def instant(seconds: float) -> datetime:
    """So many seconds after the drill began."""
    return BEGAN + timedelta(seconds=seconds)


def journal(way: Way, asked_s: float, steps: Sequence[tuple[str, bool, float]], waiting: int) -> tuple[Record, ...]:
    """The journal of an attempt that went well: asked for then, approved 4 s later."""
    records: list[Record] = []

    def write(at: float, kind: Kind, step: str, data: dict[str, Json]) -> None:
        stamp = instant(at).isoformat(timespec="milliseconds")
        records.append(next_record(records, at=stamp, kind=kind, step=step, data=data))

    tables = (Waiting(schema="public", table="books", upserts=waiting, deletes=0, undecided=0),)
    plan: dict[str, Json] = {"title": "Move", "changes": [{"system": "dns"}]}
    asked = {"environment": "example", "incident": "drill example", "requested_by": "drill", "cutover": ""}
    write(asked_s, Kind.OPENED, "", {"way": way.value, **asked})
    write(asked_s + 1, Kind.PLANNED, "", {"digest": "5eed" * 16, "plan": plan, "seen": {}})
    write(asked_s + 1.2, Kind.ASKED, "", {"gate": "approve", "digest": "5eed" * 16})
    vote = {"decision": "approve", "name": "Ada Example", "role": "incident_commander", "reason": "drill"}
    at = asked_s + 7
    write(at, Kind.VOTED, "", {**vote, "digest": "5eed" * 16, "at": instant(at).isoformat()})
    for name, changes, seconds in steps:
        if changes:
            write(at + 0.1, Kind.INTENT, name, {"plan": plan, "before": {}})
        at += seconds
        seen = WaitingSeen(databases={"books_db": tables}, since=SitesSeen(old=(), new=()))
        kept = as_json(WaitingSeen, seen) if name == RowsWaiting.name else {}
        write(at, Kind.OBSERVED, name, {"changed": changes, "seen": kept})
    write(at + 0.2, Kind.CLOSED, "", {"outcome": "done", "waiting_on_new": waiting})
    return tuple(records)


def served_by(at: float) -> tuple[str, str]:
    """Who answers a request at that second, and how."""
    if at < 18.9 or at >= 62.5:
        return "old", "ok"
    if at < 29.5:
        return "old", "503"
    if 44.5 <= at < 57.5:
        return "new", "500" if at * 7 % 1 < 0.85 else "ok"
    return ("new", "ok") if at < 57.5 else ("new", "503")


def requests() -> Iterator[Request]:
    """About 70 requests a second, the same ones every time."""
    chance = random.Random(7)  # noqa: S311 - the same numbers every time
    at = 0.3
    while at < 83:
        site, outcome = served_by(at)
        service = chance.choice(SERVICES)
        yield Request(at=instant(at).timestamp(), service=service, site=site, outcome=outcome)
        at += chance.expovariate(45 if outcome != "ok" else 70)


def writes(found: Sequence[Request]) -> Iterator[Acknowledged]:
    """Seven requests out of ten are writes; what was served is acknowledged."""
    for number, request in enumerate(found):
        if request.outcome == "ok" and number % 10 < 7:
            sent = datetime.fromtimestamp(request.at, UTC) - timedelta(milliseconds=20)
            yield Acknowledged(operation=str(number), sent=sent, site=request.site)


def evidence() -> Evidence:
    """The whole drill; `dataclasses.replace` spoils it."""
    found = tuple(requests())
    kept = tuple(writes(found))
    waiting = sum(write.site == "new" for write in kept)
    edges = [at for _phase, at in PHASES[1:]] + [ENDED]
    return Evidence(
        id="example-2026-11-22T10-00-00Z",
        environment="example",
        ttl_s=5,
        writes_per_s=50.0,
        phases=tuple(
            Stretch(phase=phase, started=instant(began), ended=instant(ended))
            for (phase, began), ended in zip(PHASES, edges, strict=True)
        ),
        cutover=_taken(Way.CUTOVER, 11.0, CUTOVER, 0),
        switchback=_taken(Way.DNS_SWITCHBACK, 50.5, SWITCHBACK, waiting * 2),
        requests=found,
        writes=kept,
        audit=Audit(
            acknowledged=len(kept),
            on_old=len(kept) - waiting,
            waiting_on_new=waiting,
            waiting_rows={"books_db.books": waiting},
            lost=0,
            duplicated=0,
            unknown=12,
        ),
    )


def _taken(way: Way, asked_s: float, steps: Sequence[tuple[str, bool, float]], waiting: int) -> Taken:
    told = Told(run=f"{way}-example-0123abcd", records=journal(way, asked_s, steps, waiting))
    return Taken(told=told, approved=instant(asked_s + 4.5), steps=tuple(name for name, _changes, _seconds in steps))
