"""The environment variables of the local site's processes, and of a person's shell beside it."""

import os

from infra.local import prefect
from infra.local.descriptor import ZONE
from infra.local.layout import Layout
from switchback.domain.model import Side


def variables(layout: Layout) -> dict[str, str]:
    """What a process needs to work on this site; `python -m infra.local env` prints it as exports."""
    return {
        "SWITCHBACK_LOCAL_NETWORK": layout.network,
        "SWITCHBACK_LOCAL_VAR": str(layout.var),
        "SWITCHBACK_ENVIRONMENTS": str(layout.environments),
        "SWITCHBACK_DRILLS": str(layout.var / "drills"),
        **_direct(layout),
        **prefect.client_variables(layout),
    }


def _direct(layout: Layout) -> dict[str, str]:
    """Nothing of a site on loopback goes through a proxy, whatever the machine's settings are."""
    hosts = [layout.control_plane.host, layout.authority.host, layout.resolver.host, layout.prefect.host]
    hosts += [layout.ingress(side).host for side in Side]
    known = os.environ.get("NO_PROXY", os.environ.get("no_proxy", ""))
    value = ",".join(dict.fromkeys([*known.split(","), "localhost", "127.0.0.1", *hosts, f".{ZONE}"])).strip(",")
    return {"NO_PROXY": value, "no_proxy": value}
