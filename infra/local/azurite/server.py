"""Azurite over HTTPS with OAuth: the same client code and the same kind of token as on Azure."""

import base64
import ssl
from pathlib import Path

import httpx

from infra.local import certificates, descriptor
from infra.local.azurite import npm
from infra.local.layout import Layout

MAIN = npm.FOLDER / "node_modules" / "azurite" / "dist" / "src" / "blob" / "main.js"
#: Azurite checks signatures with it; the site uses tokens, only the container is made with the key.
KEY = base64.b64encode(b"the local site's storage key").decode()


def command(layout: Layout) -> list[str | Path]:
    """Run Azurite in the foreground."""
    certificate = certificates.blob(layout)
    at = ["--blobHost", layout.blob.host, "--blobPort", str(layout.blob.port)]
    tls: list[str | Path] = ["--oauth", "basic", "--cert", certificate, "--key", certificate.with_suffix(".key")]
    quiet = ["--skipApiVersionCheck", "--disableTelemetry", "--silent"]
    return [npm.node(), MAIN, *at, "--location", layout.var / "blob", *tls, *quiet]


def variables(layout: Layout) -> dict[str, str]:
    """Our own account's name, and trust in the site's CA for copies between blobs."""
    return {"AZURITE_ACCOUNTS": f"{descriptor.ACCOUNT}:{KEY}", "NODE_EXTRA_CA_CERTS": str(layout.ca)}


def answers(layout: Layout) -> bool:
    """Whether Azurite speaks HTTPS with the site's certificate."""
    trust = ssl.create_default_context(cafile=layout.ca)
    answer = httpx.get(f"https://{layout.blob}/{descriptor.ACCOUNT}", verify=trust, timeout=5, trust_env=False)
    return str(answer.headers.get("Server")).startswith("Azurite-Blob")


def make_container(layout: Layout) -> None:
    """Make the journal's container; a second call keeps it."""
    from azure.core.exceptions import ResourceExistsError
    from azure.storage.blob import BlobServiceClient

    account = {"account_name": descriptor.ACCOUNT, "account_key": KEY}
    url = f"https://{layout.blob}/{descriptor.ACCOUNT}"
    with BlobServiceClient(url, credential=account, connection_verify=str(layout.ca), retry_total=2) as client:
        try:
            client.create_container(descriptor.CONTAINER)
        except ResourceExistsError:
            return
