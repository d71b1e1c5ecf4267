"""`python -m infra.local.azure`: the control plane and the DNS servers, until SIGTERM or SIGINT.

It reads var/environments/local.toml and var/secrets.json, and makes what it lacks of the certificates.
"""

from contextlib import suppress

import uvicorn

from infra.local import certificates, dns
from infra.local.azure.site import ControlPlane
from infra.local.layout import Layout
from switchback import settings


def main() -> None:
    """Serve until told to stop. Raises OSError when an address is taken."""
    layout = Layout()
    environment = settings.read(layout.environments / "local.toml")
    certificates.ensure(layout, [environment.host(service) for service in environment.services])
    control_plane = ControlPlane(layout, environment)
    server = uvicorn.Server(
        uvicorn.Config(
            control_plane.app(),
            host=layout.control_plane.host,
            port=layout.control_plane.port,
            ssl_certfile=certificates.control_plane(layout),
            log_level="warning",
            access_log=False,
            proxy_headers=False,
            server_header=False,
            timeout_keep_alive=75,  # longer than clients keep theirs, so that none is cut while it asks
            timeout_graceful_shutdown=1,  # a hanging answer is not waited for
        )
    )
    with suppress(KeyboardInterrupt), dns.serving(layout, control_plane.zones.live):
        server.run()


if __name__ == "__main__":
    main()
