"""Secrets of a site's Key Vault: read when needed, never written, never shown, never kept."""

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, ClassVar

from switchback.domain.errors import Refused
from switchback.domain.model import Side
from switchback.settings import Environment
from switchback.systems import azure_errors, credentials

if TYPE_CHECKING:
    from azure.core.credentials import TokenCredential
    from azure.keyvault.secrets import SecretClient


@dataclass(eq=False)
class SecretNotFound(Refused):
    """The vault holds no secret of that name."""

    problem: ClassVar[str] = "The vault {vault} holds no secret {name}."
    remedy: ClassVar[str] = "Correct the name in the descriptor, or recover the secret if it was deleted."
    vault: str
    name: str


@dataclass(eq=False)
class SecretDenied(Refused):
    """The vault knows us and does not let us read (403), or the secret is disabled."""

    problem: ClassVar[str] = "The vault {vault} does not let us read the secret {name} ({code})."
    remedy: ClassVar[str] = "Give the pipeline's identity the right to get secrets, and see that the secret is enabled."
    vault: str
    name: str
    code: str


@dataclass(eq=False)
class VaultImpostor(Refused):
    """What answers for the vault asks for a token that belongs to another domain."""

    problem: ClassVar[str] = "What answers at {vault} asks for a token of another domain than the vault's."
    remedy: ClassVar[str] = "No token was sent. Check the name resolution of the vault's host."
    vault: str


def secret(environment: Environment, side: Side, name: str) -> str:
    """The current value of a secret in one site's vault.

    Asks the vault each time. Raises SecretNotFound, SecretDenied, VaultImpostor, CannotSignIn or AzureSilent.
    """
    vault = environment.site(side).vault_url
    client = _client(environment, vault, credentials.credential(environment))  # type: ignore[arg-type] # it is hashable
    try:
        with azure_errors.translated(f"vault {vault}", f"read the secret {name}"):
            return client.get_secret(name).value or ""
    except azure_errors.AzureNotFound as error:
        raise SecretNotFound(vault, name) from error
    except azure_errors.AzureDenied as error:
        raise SecretDenied(vault, name, error.code) from error
    except ValueError as error:  # the SDK's only word for a challenge that does not match
        raise VaultImpostor(vault) from error


@lru_cache
def _client(environment: Environment, vault: str, credential: "TokenCredential") -> "SecretClient":
    """One client a vault, so that one connection and one challenge serve all of its secrets."""
    from azure.keyvault.secrets import SecretClient

    return SecretClient(
        vault,
        credential,
        verify_challenge_resource=environment.azure.vault_challenge,
        **credentials.client_options(environment),
    )
