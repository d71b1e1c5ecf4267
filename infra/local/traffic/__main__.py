"""`python -m infra.local.traffic --rate 50 --ledger F --outcomes F`: users of the local site, until SIGTERM."""

import argparse
import asyncio
import signal
import sys
from pathlib import Path

from infra.local.layout import Layout
from infra.local.traffic import crowd
from switchback import settings


def main() -> None:
    """Make traffic on the local site; prints what became of it at the end."""
    layout = Layout()
    parser = argparse.ArgumentParser(prog="infra.local.traffic", description=__doc__)
    parser.add_argument("--rate", type=float, default=50.0, help="writes a second, over all services")
    parser.add_argument("--ledger", type=Path, required=True)
    parser.add_argument("--outcomes", type=Path, required=True)
    parser.add_argument("--resolver", default=str(layout.resolver), help="HOST:PORT of the name server to ask")
    given = parser.parse_args()
    environment = settings.read(layout.environments / "local.toml")
    host, _, port = given.resolver.rpartition(":")
    plan = crowd.Plan(
        hosts={service.name: environment.host(service) for service in environment.services},
        port=environment.ingress.port,
        ca=Path(environment.ingress.ca_file) if environment.ingress.ca_file else None,
        resolver=(host, int(port)),
        ledger=given.ledger,
        outcomes=given.outcomes,
        rate=given.rate,
    )
    totals = asyncio.run(_until_told(plan))
    sys.stdout.write(
        f"acknowledged writes: {totals.acknowledged}, refused: {totals.refused}, fate unknown: {totals.unknown}\n"
    )


async def _until_told(plan: crowd.Plan) -> crowd.Totals:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    return await crowd.run(plan, stop)


if __name__ == "__main__":
    main()
