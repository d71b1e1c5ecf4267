"""What every ARM request must bring, and how a page of a list is answered."""

from collections.abc import Sequence

from starlette.datastructures import URL
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from infra.local.azure.answers import Json, Problem, number
from infra.local.azure.tokens import Issuer

PAGE = 100


class Guard:
    """Lets a request to ARM through when it has a token for it, an API version and our subscription."""

    def __init__(self, app: ASGIApp, *, issuer: Issuer, url: str, subscription: str) -> None:
        self._app = app
        self._issuer = issuer
        self._audiences = ("https://management.azure.com", "https://management.core.windows.net", url)
        self._subscription = subscription

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes the request on, or answers 401, 400 or 404."""
        request = Request(scope)
        self._issuer.check(request, self._audiences, f'Bearer authorization_uri="{self._issuer.url}"')
        if "api-version" not in request.query_params:
            raise Problem(400, "MissingApiVersionParameter", "The api-version query parameter is required.")
        subscription = request.url.path.split("/")[2]
        if subscription.lower() != self._subscription.lower():
            raise Problem(404, "SubscriptionNotFound", f"The subscription '{subscription}' could not be found.")
        await self._app(scope, receive, send)


def page(request: Request, items: Sequence[Json]) -> Response:
    """The asked part of a list, and the link to the rest: `$top` is the page's size, 100 when not given."""
    size, start = number(request, "$top", PAGE), number(request, "$skipToken", 0)
    if not 1 <= size <= PAGE:
        raise Problem(400, "BadRequest", f"$top must lie between 1 and {PAGE}.")
    answer: dict[str, object] = {"value": items[start : start + size]}
    if start + size < len(items):
        answer["nextLink"] = str(_following(request.url, start + size))
    return JSONResponse(answer)


def _following(url: URL, start: int) -> URL:
    return url.include_query_params(**{"$skipToken": start})
