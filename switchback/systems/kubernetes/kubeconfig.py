"""From AKS to a Kubernetes API client: the kubeconfig is read, used and forgotten in memory (defect 20).

Where it asks for a kubelogin program, the pipeline's own identity gets the token instead.
"""

import binascii
import ssl
import tempfile
from base64 import b64decode
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

from switchback.domain.errors import Refused
from switchback.domain.model import Side
from switchback.settings import Environment
from switchback.systems import azure_errors, credentials

if TYPE_CHECKING:
    from kubernetes.client import ApiClient


@dataclass(eq=False)
class UnusableKubeconfig(Refused):
    """What AKS gave us does not say how to reach and enter the cluster."""

    problem: ClassVar[str] = "The kubeconfig of cluster {cluster} cannot be used: {fault}."
    remedy: ClassVar[str] = "See that the cluster runs, and that its sign-in is local accounts or Entra."
    cluster: str
    fault: str


@dataclass(frozen=True, kw_only=True)
class Access:
    """How to reach and enter one cluster."""

    server: str
    ca: str  #: PEM
    token: str = field(default="", repr=False)
    audience: str = ""  #: where there is no token: whom to ask Entra for one
    certificate: bytes = field(default=b"", repr=False)  #: PEM, with its key
    key: bytes = field(default=b"", repr=False)


def fetch(environment: Environment, side: Side) -> Access:
    """Ask AKS for the way into one side's cluster; raises AzureRefused, AzureSilent or UnusableKubeconfig."""
    from azure.mgmt.containerservice import ContainerServiceClient

    site = environment.site(side)
    client = ContainerServiceClient(
        credentials.credential(environment),
        environment.azure.subscription,
        base_url=environment.azure.management,
        credential_scopes=[credentials.management_scope(environment)],
        **credentials.client_options(environment),
    )
    with client, azure_errors.translated(f"cluster {site.cluster}", "give us its credentials"):
        found = client.managed_clusters.list_cluster_user_credentials(site.resource_group, site.cluster, format="exec")
    if not found.kubeconfigs or not found.kubeconfigs[0].value:
        raise UnusableKubeconfig(site.cluster, "it is empty")
    return parse(site.cluster, bytes(found.kubeconfigs[0].value))


def parse(cluster: str, text: bytes) -> Access:
    """The current context of a kubeconfig; raises UnusableKubeconfig."""
    import yaml

    try:
        config = yaml.safe_load(text)
        context = _named(config, "context", config["current-context"])
        server = _named(config, "cluster", context["cluster"])
        user = _named(config, "user", context["user"])
        arguments = user.get("exec", {}).get("args") or []
        access = Access(
            server=server["server"].rstrip("/"),
            ca=b64decode(server["certificate-authority-data"]).decode(),
            token=user.get("token", ""),
            audience=arguments[arguments.index("--server-id") + 1] if "--server-id" in arguments else "",
            certificate=b64decode(user.get("client-certificate-data", "")),
            key=b64decode(user.get("client-key-data", "")),
        )
    except KeyError as error:
        raise UnusableKubeconfig(cluster, f"it has no {error}") from error
    except (yaml.YAMLError, AttributeError, TypeError, ValueError, IndexError, binascii.Error) as error:
        raise UnusableKubeconfig(cluster, f"it is not of a kubeconfig's shape ({type(error).__name__})") from None
    if not (access.token or access.audience or access.certificate):
        raise UnusableKubeconfig(cluster, "it holds no credential that works without a person")
    return access


def client(environment: Environment, access: Access) -> "ApiClient":
    """An API client for that cluster alone; contacts nobody but, where it must, Entra for a token."""
    from kubernetes.client import ApiClient, Configuration
    from urllib3 import Retry

    token = access.token
    if access.audience and not token:
        with azure_errors.translated(environment.azure.authority, "give a token for the cluster"):
            token = credentials.credential(environment).get_token(f"{access.audience}/.default").token
    configuration = Configuration(host=access.server)
    configuration.retries = Retry(
        total=3,
        read=1,
        backoff_factor=0.3,
        status_forcelist=(429, 500, 502, 503, 504),
        allowed_methods=("GET", "PATCH"),  # our patches set, never add: asking twice is harmless
        raise_on_status=False,
    )
    if token:
        configuration.api_key["BearerToken"] = f"Bearer {token}"
    api = ApiClient(configuration)
    api.rest_client.pool_manager.connection_pool_kw["ssl_context"] = _tls(access)
    return api


def _tls(access: Access) -> ssl.SSLContext:
    context = ssl.create_default_context(cadata=access.ca)
    if access.certificate and not access.token:
        with tempfile.NamedTemporaryFile() as file:  # ssl reads keys from files only: this one lives for a moment
            file.write(access.certificate + b"\n" + access.key)
            file.flush()
            context.load_cert_chain(file.name)
    return context


def _named(config: dict[str, Any], kind: str, name: str) -> dict[str, Any]:
    for entry in config[f"{kind}s"]:
        if entry["name"] == name:
            found: dict[str, Any] = entry[kind]
            return found
    raise KeyError(f"{kind} {name}")
