"""From AKS to the way into a cluster: the kubeconfig is read, used and forgotten in memory (defect 20).

Where it asks for a kubelogin program, the pipeline's own identity gets the token instead.
"""

import binascii
from base64 import b64decode
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar

from switchback.domain.errors import Refused
from switchback.domain.model import Side
from switchback.settings import Environment
from switchback.systems import azure_errors, credentials


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
    """Ask AKS for the way into one side's cluster, and Entra for a token where the cluster wants one of its own.

    Raises AzureRefused, CannotSignIn, AzureSilent or UnusableKubeconfig.
    """
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
    access = parse(site.cluster, bytes(found.kubeconfigs[0].value))
    if access.token or not access.audience:
        return access
    with azure_errors.translated(environment.azure.authority, f"give a token for cluster {site.cluster}"):
        token = credentials.credential(environment).get_token(f"{access.audience}/.default").token
    return replace(access, token=token)


def parse(cluster: str, text: bytes) -> Access:
    """The current context of a kubeconfig; raises UnusableKubeconfig."""
    import yaml  # type: ignore[import-untyped] # its stubs are not worth a dependency

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


def _named(config: dict[str, Any], kind: str, name: str) -> dict[str, Any]:
    for entry in config[f"{kind}s"]:
        if entry["name"] == name:
            found: dict[str, Any] = entry[kind]
            return found
    raise KeyError(f"{kind} {name}")
