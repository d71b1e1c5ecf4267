"""Which loopback network a fixture's servers listen on: tests run in several processes at once."""

import os

PROCESS = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))  #: this test process, from 0


def network(number: int) -> str:
    """The network 127.`number`, ten higher for each further test process; fixtures have a number each."""
    return f"127.{number + 10 * PROCESS}"
