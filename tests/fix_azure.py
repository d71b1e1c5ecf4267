"""The control plane stand-in and its DNS servers, as a process of its own, for a test session.

`azure` starts it once, on a network and in a folder of its own. `fresh_azure` is the same, put back
to what it was seeded with; resolvers keep what they kept, so ask the authority where that matters.
"""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from functools import cached_property
from typing import TYPE_CHECKING, Any

import pytest

from infra.local import certificates, descriptor, secrets
from infra.local.azure.faults import Faults
from infra.local.layout import ROOT, Layout
from switchback import settings
from switchback.domain.model import Side
from tests import vanishing
from tests.network import network

if TYPE_CHECKING:  # every test session loads this module; the SDKs take seconds
    from azure.identity import ClientSecretCredential
    from azure.keyvault.secrets import SecretClient
    from azure.mgmt.containerservice import ContainerServiceClient
    from azure.mgmt.dns import DnsManagementClient
    from azure.mgmt.resource.resources import ResourceManagementClient
    from kubernetes.client import ApiClient

NETWORK = network(63)
START_S = 20


class AzureSite:
    """A running stand-in, and the SDKs' clients for it; none of them asks twice."""

    def __init__(self, layout: Layout) -> None:
        self.layout = layout
        self.environment = settings.read(descriptor.write(layout))
        certificates.ensure(layout, [self.environment.host(service) for service in self.environment.services])
        self.faults = Faults.of(layout)
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start the process and wait until it serves."""
        moved = {"SWITCHBACK_LOCAL_NETWORK": self.layout.network, "SWITCHBACK_LOCAL_VAR": str(self.layout.var)}
        command = [sys.executable, "-m", "infra.local.azure"]
        self._process = subprocess.Popen(command, cwd=ROOT, env=os.environ | moved)
        deadline = time.monotonic() + START_S
        while not self.faults.answers():
            assert self._process.poll() is None, "the stand-in ended before it served"
            assert time.monotonic() < deadline, f"the stand-in did not serve within {START_S} s"
            time.sleep(0.05)

    def kill(self) -> None:
        """End the process as a crash would."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    @cached_property
    def credential(self) -> "ClientSecretCredential":
        """The pipeline's service principal."""
        return self.credential_with(secrets.load(self.layout).client.secret)

    def credential_with(self, secret: str) -> "ClientSecretCredential":
        """The pipeline's service principal with that secret."""
        from azure.identity import ClientSecretCredential

        azure = self.environment.azure
        return ClientSecretCredential(
            azure.tenant,
            azure.client_id,
            secret,
            authority=azure.authority,
            disable_instance_discovery=True,
            connection_verify=azure.ca_file,
        )

    @cached_property
    def dns(self) -> "DnsManagementClient":
        """Zones and record sets."""
        from azure.mgmt.dns import DnsManagementClient

        return DnsManagementClient(self.credential, self.environment.azure.subscription, **self._client())

    @cached_property
    def resources(self) -> "ResourceManagementClient":
        """Resource groups and locks."""
        from azure.mgmt.resource.resources import ResourceManagementClient

        return ResourceManagementClient(self.credential, self.environment.azure.subscription, **self._client())

    @cached_property
    def clusters(self) -> "ContainerServiceClient":
        """Managed clusters."""
        from azure.mgmt.containerservice import ContainerServiceClient

        return ContainerServiceClient(self.credential, self.environment.azure.subscription, **self._client())

    def vault(self, side: Side) -> "SecretClient":
        """One side's vault."""
        from azure.keyvault.secrets import SecretClient

        options = self._client() | {"verify_challenge_resource": self.environment.azure.vault_challenge}
        del options["base_url"]
        return SecretClient(self.environment.site(side).vault_url, self.credential, **options)

    def kubernetes(self, side: Side) -> "ApiClient":
        """One side's cluster, by the kubeconfig that Azure gives."""
        import yaml
        from kubernetes import config

        site = self.environment.site(side)
        credentials = self.clusters.managed_clusters.list_cluster_user_credentials(site.resource_group, site.cluster)
        assert credentials.kubeconfigs is not None
        kubeconfig = yaml.safe_load(bytes(credentials.kubeconfigs[0].value or b""))
        return config.new_client_from_config_dict(kubeconfig)

    def _client(self) -> dict[str, Any]:
        azure = self.environment.azure
        return {
            "base_url": azure.management,
            "connection_verify": azure.ca_file,
            "retry_total": 0,
            "connection_timeout": 5,
            "read_timeout": 5,
        }


@pytest.fixture(scope="session")
def azure() -> Iterator[AzureSite]:
    """The running stand-in; killed and removed at the session's end."""
    with vanishing.folder() as folder:
        site = AzureSite(Layout(network=NETWORK, var=folder))
        try:
            site.start()
            yield site
        finally:
            site.kill()


@pytest.fixture
def fresh_azure(azure: AzureSite) -> AzureSite:
    """The running stand-in as it was seeded, without faults."""
    azure.faults.reset()
    return azure
