"""`python -m infra.local.services --side old`: serve one site until SIGTERM."""

import argparse

import uvicorn

from infra.local import certificates
from infra.local.layout import Layout
from infra.local.services import ingress
from switchback import settings
from switchback.domain.model import Side


def main() -> None:
    """Serve the side's three services on its address; the names come from the local descriptor."""
    parser = argparse.ArgumentParser(prog="infra.local.services", description=__doc__)
    parser.add_argument("--side", type=Side, choices=list(Side), required=True)
    side: Side = parser.parse_args().side
    layout = Layout()
    environment = settings.read(layout.environments / "local.toml")
    hosts = {service.name: environment.host(service) for service in environment.services}
    at, certificate = layout.ingress(side), certificates.ingress(layout, side)
    uvicorn.run(
        ingress.build(layout, side, hosts),
        host=at.host,
        port=at.port,
        ssl_certfile=certificate,
        ssl_keyfile=certificate,
        access_log=False,
        log_level="warning",
        timeout_keep_alive=30,
        timeout_graceful_shutdown=2,
        server_header=False,
    )


if __name__ == "__main__":
    main()
