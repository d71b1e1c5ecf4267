"""The local site's private CA, and the server certificates it signs.

var/ca.pem is public; everything else lives in var/tls and is 0600. Nothing here is trusted by
the machine: clients are told of the CA by the descriptor's `ca_file`.
"""

import stat
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import trustme
from cryptography import x509
from cryptography.exceptions import InvalidSignature

from infra.local import atomic
from infra.local.layout import Layout
from switchback.domain.model import Side

#: A certificate with less time than this is issued again by `ensure`.
_SPARE = timedelta(days=1)


def ensure(layout: Layout, hosts: Iterable[str]) -> None:
    """Make the CA and all server certificates, the ingresses' for the services' `hosts`.

    A second call keeps what still serves; a certificate that ended, that names something else
    or that another CA signed is issued again.
    """
    hosts = tuple(hosts)
    wanted = {ingress(layout, side): hosts for side in Side}
    wanted[control_plane(layout)] = (layout.control_plane.host,)
    wanted[blob(layout)] = (layout.blob.host,)
    ca = _ca(layout)
    for path, identities in wanted.items():
        if not _serves(path, identities, ca):
            issue(layout, path, identities)


def issue(layout: Layout, path: Path, identities: Iterable[str], *, not_after: datetime | None = None) -> None:
    """Sign a new certificate for `identities` (names or addresses) and put it at `path`.

    The file holds the key and the chain; for the blob server, which wants them apart, blob.key
    gets the key. `not_after` may lie in the past: that is how an expired certificate is tested.
    """
    leaf = _ca(layout).issue_cert(*identities, not_after=not_after)
    chain = b"".join(pem.bytes() for pem in leaf.cert_chain_pems)
    key = leaf.private_key_pem.bytes()
    if path == blob(layout):
        atomic.write(path.with_suffix(".key"), key)
        atomic.write(path, chain)
    else:
        atomic.write(path, chain + key)


def ingress(layout: Layout, side: Side) -> Path:
    """The chain and key of one side's ingress."""
    return layout.var / "tls" / f"ingress-{side}.pem"


def control_plane(layout: Layout) -> Path:
    """The chain and key of the control plane stand-in."""
    return layout.var / "tls" / "control-plane.pem"


def blob(layout: Layout) -> Path:
    """The chain of the blob server; its key is beside it, with the suffix .key."""
    return layout.var / "tls" / "blob.pem"


def _ca(layout: Layout) -> trustme.CA:
    key = layout.var / "tls" / "ca.key"
    if key.is_file() and layout.ca.is_file():
        return trustme.CA.from_pem(layout.ca.read_bytes(), key.read_bytes())
    ca = trustme.CA(organization_name="Switchback's local site")
    atomic.write(key, ca.private_key_pem.bytes())
    atomic.write(layout.ca, ca.cert_pem.bytes(), mode=0o644)
    return ca


def _serves(path: Path, identities: tuple[str, ...], ca: trustme.CA) -> bool:
    if not path.is_file() or stat.S_IMODE(path.stat().st_mode) != 0o600:  # noqa: PLR2004 - owner only
        return False
    certificate = x509.load_pem_x509_certificate(path.read_bytes())
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    wanted = {_general_name(identity) for identity in identities}
    try:
        certificate.verify_directly_issued_by(x509.load_pem_x509_certificate(ca.cert_pem.bytes()))
    except (InvalidSignature, ValueError):
        return False
    return set(names) == wanted and certificate.not_valid_after_utc > datetime.now(UTC) + _SPARE


def _general_name(identity: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(identity))
    except ValueError:
        return x509.DNSName(identity)
