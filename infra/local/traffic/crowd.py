"""Many users at once, at a steady rate of writes."""

import asyncio
import math
import random
import ssl
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from infra.local.traffic.client import Client
from infra.local.traffic.ledger import Fate, Ledger
from infra.local.traffic.names import Names
from infra.local.traffic.outcomes import Outcomes
from infra.local.traffic.session import Session, Target

WRITES_PER_CLIENT = 2.0  #: a second


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What traffic to make, and where to keep account of it."""

    hosts: dict[str, str]  #: service -> the name that users type
    port: int
    ca: Path | None  #: trust this CA instead of the system's
    resolver: tuple[str, int]
    ledger: Path
    outcomes: Path
    rate: float = 50.0  #: writes a second, over all services
    connection_age_s: float = 20.0


@dataclass(frozen=True, kw_only=True)
class Totals:
    """What became of the writes."""

    acknowledged: int
    refused: int
    unknown: int


async def run(plan: Plan, stop: asyncio.Event) -> Totals:
    """Make traffic until `stop` is set; requests that are under way are finished. Appends to both files."""
    trust = ssl.create_default_context(cafile=plan.ca)
    names = Names(*plan.resolver)
    ledger, outcomes = Ledger(plan.ledger), Outcomes(plan.outcomes)
    targets = {
        service: Target(host=host, port=plan.port, trust=trust, connection_age_s=plan.connection_age_s)
        for service, host in plan.hosts.items()
    }
    count = max(1, math.ceil(plan.rate / WRITES_PER_CLIENT))
    clients = [
        Client({service: Session(target, names) for service, target in targets.items()}, ledger, outcomes)
        for _ in range(count)
    ]
    try:
        async with asyncio.TaskGroup() as group:
            for client in clients:
                group.create_task(_live(client, count / plan.rate, stop))
    finally:
        ledger.close()
        outcomes.close()
    fates = sum((client.fates for client in clients), Counter[Fate]())
    return Totals(acknowledged=fates[Fate.ACKNOWLEDGED], refused=fates[Fate.REFUSED], unknown=fates[Fate.UNKNOWN])


async def _live(client: Client, interval_s: float, stop: asyncio.Event) -> None:
    loop = asyncio.get_running_loop()
    due = loop.time() + random.uniform(0, interval_s)  # noqa: S311 - clients do not act in step
    while not await _stopped_before(stop, due - loop.time()):
        await client.act()
        due = max(due + interval_s * random.uniform(0.5, 1.5), loop.time())  # noqa: S311 - late ones do not rush
    client.close()


async def _stopped_before(stop: asyncio.Event, seconds: float) -> bool:
    try:
        await asyncio.wait_for(stop.wait(), max(0.0, seconds))
    except TimeoutError:
        return False
    return True
