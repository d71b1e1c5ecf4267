"""Where the parts of the local site live: addresses, ports and folders, all movable by environment variables.

Everything is on loopback. SWITCHBACK_LOCAL_NETWORK moves the whole site to other loopback
addresses, so that two sites (yours and a test's) can run side by side; SWITCHBACK_LOCAL_VAR moves
its folder.
"""

import os
from dataclasses import dataclass, field
from pathlib import Path

from switchback.domain.model import Side

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, kw_only=True)
class Endpoint:
    """A listening address, and the variable that moves its port."""

    host: str
    port: int
    setting: str

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"


def _port(setting: str, default: int) -> int:
    return int(os.environ.get(setting, str(default)))


@dataclass(frozen=True, kw_only=True)
class Layout:
    """One local site. `Layout()` reads the environment variables of this process."""

    network: str = field(default_factory=lambda: os.environ.get("SWITCHBACK_LOCAL_NETWORK", "127.40"))
    var: Path = field(default_factory=lambda: Path(os.environ.get("SWITCHBACK_LOCAL_VAR", ROOT / "var")).resolve())

    def _at(self, tail: str, setting: str, port: int) -> Endpoint:
        return Endpoint(host=f"{self.network}.{tail}", port=_port(setting, port), setting=setting)

    def postgres(self, side: Side) -> Endpoint:
        """One side's database server."""
        return self._at("10.1" if side is Side.OLD else "20.1", "SWITCHBACK_LOCAL_POSTGRES_PORT", 5432)

    def ingress(self, side: Side) -> Endpoint:
        """One side's HTTPS address, shared by its services."""
        return self._at("10.1" if side is Side.OLD else "20.1", "SWITCHBACK_LOCAL_INGRESS_PORT", 8443)

    @property
    def control_plane(self) -> Endpoint:
        """The stand-in for Azure's control plane, Key Vault, the token issuer and the Kubernetes APIs."""
        return self._at("30.1", "SWITCHBACK_LOCAL_CONTROL_PLANE_PORT", 8443)

    @property
    def blob(self) -> Endpoint:
        """Azurite."""
        return self._at("30.1", "SWITCHBACK_LOCAL_BLOB_PORT", 10000)

    @property
    def authority(self) -> Endpoint:
        """The authoritative name server."""
        return self._at("53.1", "SWITCHBACK_LOCAL_DNS_PORT", 5300)

    @property
    def resolver(self) -> Endpoint:
        """The caching resolver in front of it."""
        return self._at("53.2", "SWITCHBACK_LOCAL_DNS_PORT", 5300)

    @property
    def prefect(self) -> Endpoint:
        """Prefect's server and UI."""
        return self._at("0.1", "SWITCHBACK_LOCAL_PREFECT_PORT", 4200)

    @property
    def ca(self) -> Path:
        """The private CA's certificate, PEM."""
        return self.var / "ca.pem"

    @property
    def environments(self) -> Path:
        """The folder that holds the local site's descriptor, local.toml."""
        return self.var / "environments"
