"""The local site's certificates, looked at by OpenSSL."""

import ssl
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509

from infra.local import certificates
from infra.local.layout import Layout
from switchback.domain.model import Side

HOSTS = ("one.mystira.test", "two.mystira.test")


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    """A site with its certificates."""
    made = Layout(network="127.63", var=tmp_path)
    certificates.ensure(made, HOSTS)
    return made


def handshake(layout: Layout, path: Path, host: str) -> None:
    """A TLS handshake in memory; raises ssl.SSLError when the client does not trust the server."""
    client_side, server_side = ssl.MemoryBIO(), ssl.MemoryBIO()
    server_context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server_context.load_cert_chain(path)
    server = server_context.wrap_bio(client_side, server_side, server_side=True)
    context = ssl.create_default_context(cafile=str(layout.ca))
    client = context.wrap_bio(server_side, client_side, server_hostname=host)
    for turn in (client, server, client, server):
        try:
            turn.do_handshake()
        except ssl.SSLWantReadError:
            continue


def not_after(path: Path) -> datetime:
    """When the certificate ends."""
    return x509.load_pem_x509_certificate(path.read_bytes()).not_valid_after_utc


def test_an_ingress_is_trusted_for_its_hosts_only(layout: Layout) -> None:
    """By clients that know the CA; not for another name."""
    for host in HOSTS:
        handshake(layout, certificates.ingress(layout, Side.OLD), host)
    with pytest.raises(ssl.SSLCertVerificationError, match="Hostname mismatch"):
        handshake(layout, certificates.ingress(layout, Side.OLD), "three.mystira.test")


def test_the_control_plane_is_trusted_by_its_address(layout: Layout) -> None:
    """Its clients know no name for it."""
    handshake(layout, certificates.control_plane(layout), layout.control_plane.host)


def test_keys_are_the_owners_only(layout: Layout) -> None:
    """Only the CA's certificate may be read by others."""
    modes = {stat.S_IMODE(path.stat().st_mode) for path in (layout.var / "tls").iterdir()}
    assert modes == {0o600}
    assert b"PRIVATE" not in layout.ca.read_bytes()
    assert certificates.blob(layout).with_suffix(".key").is_file()


def test_a_second_call_keeps_what_serves(layout: Layout) -> None:
    """Nothing is issued again without need."""
    before = {path: path.read_bytes() for path in (layout.var / "tls").iterdir()}
    certificates.ensure(layout, HOSTS)
    assert {path: path.read_bytes() for path in (layout.var / "tls").iterdir()} == before


def test_an_expired_certificate_is_refused_and_then_made_good(layout: Layout) -> None:
    """The expired one is signed by the same CA, so that only its time is wrong."""
    path = certificates.ingress(layout, Side.OLD)
    certificates.issue(layout, path, HOSTS, not_after=datetime.now(UTC) - timedelta(hours=1))
    with pytest.raises(ssl.SSLCertVerificationError, match="expired"):
        handshake(layout, path, HOSTS[0])
    certificates.ensure(layout, HOSTS)
    assert not_after(path) > datetime.now(UTC) + timedelta(days=300)
    handshake(layout, path, HOSTS[0])


def test_other_hosts_need_another_certificate(layout: Layout) -> None:
    """What was issued for fewer names is issued again."""
    certificates.ensure(layout, (*HOSTS, "three.mystira.test"))
    handshake(layout, certificates.ingress(layout, Side.NEW), "three.mystira.test")
