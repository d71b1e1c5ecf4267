"""Telling the stand-in what to do wrong, and asking what it was asked.

faults = Faults.of(Layout())
faults.add(Fault.LOSE, method="PUT", path="/dnszones/", skip=1)   # the second PUT is done, its answer lost
calls = faults.calls()                                            # every request since the start
"""

from pathlib import Path
from ssl import create_default_context

import httpx
from pydantic import TypeAdapter

from infra.local.azure.disturbances import ADMIN, Call, Fault, Rule
from infra.local.layout import Layout

__all__ = ["Call", "Fault", "Faults"]

_CALLS = TypeAdapter(list[Call])


class Faults:
    """A client of the stand-in's own API. Raises httpx.HTTPError when it does not answer or refuses."""

    def __init__(self, url: str, ca: Path) -> None:
        verify = create_default_context(cafile=str(ca))
        self._http = httpx.Client(base_url=f"{url}{ADMIN}", verify=verify, trust_env=False, timeout=10)

    @classmethod
    def of(cls, layout: Layout) -> "Faults":
        """The client for that site's stand-in."""
        return cls(f"https://{layout.control_plane}", layout.ca)

    def add(  # noqa: PLR0913 - each word narrows which requests are meant
        self,
        fault: Fault,
        *,
        method: str = "",
        path: str = "",
        skip: int = 0,
        times: int | None = 1,
        seconds: float = 1,
    ) -> None:
        """From now on, requests with `method` whose path and query contain `path` meet `fault`.

        The first `skip` are spared, the next `times` hit (None: all). `seconds` is what Retry-After
        says, or how long a hanging answer takes. Rules are tried in the order they were added.
        """
        rule = Rule(fault=fault, method=method, path=path, skip=skip, times=times, seconds=seconds)
        self._tell("POST", "/faults", rule.model_dump(mode="json"))

    def clear(self) -> None:
        """No more faults."""
        self._tell("DELETE", "/faults")

    def reset(self) -> None:
        """The control plane as it was seeded, and no faults. Tokens stay valid; resolvers keep what they kept."""
        self._tell("DELETE", "/state")

    def calls(self, after: int = 0) -> list[Call]:
        """The requests received after call number `after`, oldest first; the last 20,000 are kept."""
        return _CALLS.validate_json(self._tell("GET", f"/calls?after={after}").content)

    def set_ready(self, cluster: str, pod: str, *, ready: bool) -> None:
        """Make a pod ready or not."""
        self._tell("PUT", f"/clusters/{cluster}/pods/{pod}", {"ready": ready})

    def set_addresses(self, cluster: str, ingress: str, addresses: tuple[str, ...]) -> None:
        """Give an ingress other addresses, or none."""
        self._tell("PUT", f"/clusters/{cluster}/ingresses/{ingress}", {"addresses": list(addresses)})

    def deploy(self, group: str) -> None:
        """Make a group again as it was seeded, with what lies in it; does nothing to one that exists."""
        self._tell("PUT", f"/groups/{group}")

    def answers(self) -> bool:
        """Whether the stand-in serves."""
        try:
            self._tell("GET", "/health")
        except httpx.HTTPError:
            return False
        return True

    def _tell(self, method: str, path: str, content: object = None) -> httpx.Response:
        return self._http.request(method, path, json=content).raise_for_status()
