"""One cluster's REST API: reads objects, patches one thing, reads logs.

Spoken directly: the official client imports a class for every kind of object that there is, some
seconds that nobody has during an incident. What we read of an object is in objects.py.
"""

import json
import ssl
import tempfile
from http import HTTPStatus
from typing import TypeVar

from pydantic import ValidationError
from urllib3 import PoolManager, Retry, Timeout
from urllib3.exceptions import HTTPError

from switchback.domain.errors import SwitchbackError
from switchback.systems.kubernetes.errors import ClusterDenied, ClusterRefused, ClusterSilent, NotInCluster
from switchback.systems.kubernetes.kubeconfig import Access
from switchback.systems.kubernetes.objects import Listing, Object

T = TypeVar("T", bound=Object)

CONNECT_TIMEOUT_S = 5
READ_TIMEOUT_S = 30
_KINDS: dict[int, type[ClusterRefused]] = {
    HTTPStatus.UNAUTHORIZED: ClusterDenied,
    HTTPStatus.FORBIDDEN: ClusterDenied,
    HTTPStatus.NOT_FOUND: NotInCluster,
}
_ASK_AGAIN = (429, 500, 502, 503, 504)


class Api:
    """Every method takes `what` it is for, a verb phrase, and raises ClusterRefused or ClusterSilent with it."""

    def __init__(self, cluster: str, access: Access) -> None:
        self._cluster = cluster
        self._server = access.server
        self._pool = PoolManager(
            ssl_context=_tls(access),
            headers={"Authorization": f"Bearer {access.token}"} if access.token else None,
            timeout=Timeout(connect=CONNECT_TIMEOUT_S, read=READ_TIMEOUT_S),
            retries=Retry(
                total=3,
                read=1,
                backoff_factor=0.3,
                status_forcelist=_ASK_AGAIN,
                allowed_methods=("GET", "PATCH"),  # our patches set, never add: asking twice is harmless
                raise_on_status=False,
            ),
        )

    def items(self, what: str, path: str, kind: type[T], *, selector: str = "") -> tuple[T, ...]:
        """All objects of a kind that carry the selector's labels."""
        query = {"labelSelector": selector} if selector else {}
        found: Listing[T] = self._read(what, Listing[kind], self._ask("GET", what, path, query))  # type: ignore[valid-type]
        return found.items

    def text(self, what: str, path: str, **query: str) -> str:
        """A log, as text."""
        return self._ask("GET", what, path, query).decode(errors="replace")

    def patch(self, what: str, path: str, change: object) -> None:
        """Merge a change into an object; a second call changes nothing more."""
        self._ask("PATCH", what, path, body=json.dumps(change).encode())

    def _ask(
        self, method: str, what: str, path: str, query: dict[str, str] | None = None, *, body: bytes | None = None
    ) -> bytes:
        headers = {**self._pool.headers, "Content-Type": "application/merge-patch+json"} if body else None
        try:
            if body is None:
                answer = self._pool.request(method, f"{self._server}{path}", fields=query)
            else:
                answer = self._pool.request(method, f"{self._server}{path}", body=body, headers=headers)
        except HTTPError as error:
            raise ClusterSilent(self._cluster, what, str(getattr(error, "reason", None) or error)) from error
        if answer.status >= HTTPStatus.BAD_REQUEST:
            raise self._refusal(what, answer.status)
        return answer.data

    def _read(self, what: str, kind: type[T], body: bytes) -> T:
        try:
            return kind.model_validate_json(body)
        except ValidationError as error:
            raise ClusterSilent(self._cluster, what, "its answer cannot be read") from error

    def _refusal(self, what: str, status: int) -> SwitchbackError:
        if status in _ASK_AGAIN or status > max(_ASK_AGAIN):
            return ClusterSilent(self._cluster, what, f"HTTP status {status}")
        return _KINDS.get(status, ClusterRefused)(self._cluster, what, status)


def _tls(access: Access) -> ssl.SSLContext:
    context = ssl.create_default_context(cadata=access.ca)
    if access.certificate and not access.token:
        with tempfile.NamedTemporaryFile() as file:  # ssl reads keys from files only: this one lives for a moment
            file.write(access.certificate + b"\n" + access.key)
            file.flush()
            context.load_cert_chain(file.name)
    return context
