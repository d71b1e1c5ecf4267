"""Azure's answers, translated into our three kinds of error at the border of every Azure adapter.

Knows statuses and codes, never what a caller wanted to do about them. Messages carry Azure's
error code, never a body: bodies may hold what was asked for.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, ClassVar

from switchback.domain.errors import Refused, SwitchbackError, Unreachable

if TYPE_CHECKING:
    from azure.core.exceptions import AzureError, ClientAuthenticationError, HttpResponseError


@dataclass(eq=False)
class AzureRefused(Refused):
    """Azure understood the request and will not do it."""

    problem: ClassVar[str] = "{where}: Azure refused to {what} ({code})."
    remedy: ClassVar[str] = "Asking again gives the same answer: correct the descriptor or the resource."
    where: str
    what: str
    code: str


class AzureDenied(AzureRefused):
    """401 or 403: known, but not allowed."""

    problem = "{where}: we may not {what} ({code})."
    remedy = "Give the pipeline's identity that right, or sign in as one that has it."


class AzureNotFound(AzureRefused):
    """404: the thing, or what holds it, is not there."""

    problem = "{where}: cannot {what}: it is not there ({code})."
    remedy = "Compare the names in the descriptor and its naming file with what exists."


class AzureConflict(AzureRefused):
    """409: the thing is in a state that does not allow it (it exists, is locked, is being changed)."""

    problem = "{where}: cannot {what} in the state it is in ({code})."
    remedy = "Look at the resource, its locks and what else works on it."


class AzureChanged(AzureRefused):
    """412: the thing is no longer what it was when we looked."""

    problem = "{where}: cannot {what}: it changed since we looked ({code})."
    remedy = "Find out who changes it, then plan again."


class AzureUntrusted(AzureRefused):
    """The server's certificate is not signed by whom we trust."""

    problem = "{where}: did not {what}: {code}."
    remedy = "Set azure.ca_file in the descriptor to the CA that signed this server's certificate."


class CannotSignIn(AzureRefused):
    """The identity provider does not give us a token."""

    problem = "{where}: cannot {what}, because we cannot sign in: {code}."
    remedy = "Check tenant, client_id and the client secret's file in the descriptor, or sign in with the Azure CLI."


@dataclass(eq=False)
class AzureSilent(Unreachable):
    """No usable answer: not connected, timed out, throttled, or a server error after all retries."""

    problem: ClassVar[str] = "{where} did not {what}: {reason}."
    remedy: ClassVar[str] = "Ask again; a change may or may not have happened, so look first."
    where: str
    what: str
    reason: str


_KINDS: dict[int, type[AzureRefused]] = {
    HTTPStatus.UNAUTHORIZED: AzureDenied,
    HTTPStatus.FORBIDDEN: AzureDenied,
    HTTPStatus.NOT_FOUND: AzureNotFound,
    HTTPStatus.CONFLICT: AzureConflict,
    HTTPStatus.PRECONDITION_FAILED: AzureChanged,
}
#: How the token issuer's own failures look once msal and azure-identity have wrapped them.
_ISSUER_FAILED = re.compile(r"HTTP Error: (5\d\d|429)")
_ASK_AGAIN = {HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS}


@contextmanager
def translated(where: str, what: str) -> Iterator[None]:
    """Run SDK calls; what they raise becomes Refused or Unreachable.

    `where` names the system ("zone mystira.app"); `what` is a verb phrase that completes
    "may not ..." and "did not ..." ("read its record sets").
    """
    from azure.core.exceptions import AzureError, DeserializationError

    try:
        yield
    except AzureError as error:
        raise meaning(where, what, error) from error
    except DeserializationError as error:
        raise AzureSilent(where, what, "its answer cannot be read") from error


def meaning(where: str, what: str, error: "AzureError") -> SwitchbackError:
    """What one SDK error is to us."""
    from azure.core.exceptions import ClientAuthenticationError, HttpResponseError

    if isinstance(error, ClientAuthenticationError):
        return _not_signed_in(where, what, error)
    if isinstance(error, HttpResponseError):
        return _answered(where, what, error)
    return _unanswered(where, what, error)


def code_of(error: "HttpResponseError") -> str:
    """Azure's own code for an error ("ZoneNotFound"), or the HTTP status where it gave none."""
    named = getattr(error, "error_code", None) or getattr(error.error, "code", None)
    return str(getattr(named, "value", named) or error.status_code)


def _answered(where: str, what: str, error: "HttpResponseError") -> SwitchbackError:
    status = error.status_code or 0
    if kind := _KINDS.get(status):
        return kind(where, what, code_of(error))
    if HTTPStatus.BAD_REQUEST <= status < HTTPStatus.INTERNAL_SERVER_ERROR and status not in _ASK_AGAIN:
        return AzureRefused(where, what, code_of(error))
    return AzureSilent(where, what, f"HTTP status {status}")


def _unanswered(where: str, what: str, error: "AzureError") -> SwitchbackError:
    if "CERTIFICATE_VERIFY_FAILED" in str(error):
        return AzureUntrusted(where, what, "its certificate could not be verified")
    return AzureSilent(where, what, _first_line(error))


def _not_signed_in(where: str, what: str, error: "ClientAuthenticationError") -> SwitchbackError:
    """azure-identity hides behind one type: a refused sign-in, a silent provider, and Azure's own 401."""
    from azure.core.exceptions import AzureError

    if isinstance(error.__cause__, AzureError):
        return meaning(where, what, error.__cause__)
    if _ISSUER_FAILED.search(str(error)):
        return AzureSilent(where, what, _first_line(error))
    if error.status_code and "Authentication failed" not in str(error):
        return AzureDenied(where, what, code_of(error))
    return CannotSignIn(where, what, _first_line(error))


def _first_line(error: "AzureError") -> str:
    text = str(error).strip() or type(error).__name__
    return text.splitlines()[0][:200].rstrip(".")
