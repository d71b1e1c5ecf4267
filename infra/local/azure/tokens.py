"""The token issuer: OpenID configuration and client credentials, as azure-identity asks for them.

Tokens are signed with a key of this site, so a wrong or foreign one is refused; nobody outside it
can check them, and Azurite only reads them.
"""

import secrets
import time
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import parse_qs

import jwt
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute

from infra.local.azure.answers import Problem, route
from infra.local.azure.state import Document
from infra.local.secrets import Client

LIFE_S = 3599


class Issuer:
    """Hands out tokens to the one client of the site, and checks those that come back."""

    def __init__(self, folder: Path, *, url: str, tenant: str, client: Client) -> None:
        self._key = Document(folder / "issuer.json", str, lambda: secrets.token_hex(32))
        self._client = client
        self._tenant = tenant
        self.url = f"{url}/{tenant}"  #: what a challenge calls the authorization server

    def routes(self) -> list[BaseRoute]:
        """The issuer's endpoints, below the site's root."""
        return [
            route("/{tenant}/v2.0/.well-known/openid-configuration", "GET", self.configuration),
            route("/{tenant}/oauth2/v2.0/token", "POST", self.token),
        ]

    def check(self, request: Request, audiences: Iterable[str], challenge: str) -> None:
        """A 401 with `challenge` unless the request carries a token that we issued for one of `audiences`."""
        accepted = {form for audience in audiences for form in (audience, f"{audience}/")}
        try:
            jwt.decode(bearer(request), self._key.value, algorithms=["HS256"], audience=accepted)
        except jwt.InvalidTokenError as error:
            headers = {"WWW-Authenticate": challenge}
            raise Problem(401, "Unauthorized", f"The access token is not accepted: {error}.", headers) from error

    async def configuration(self, request: Request) -> Response:
        """OpenID configuration of the tenant."""
        if request.path_params["tenant"].lower() != self._tenant.lower():
            return _refusal(400, "invalid_tenant", "AADSTS90002: Tenant not found.")
        return JSONResponse(
            {
                "issuer": f"{self.url}/v2.0",
                "authorization_endpoint": f"{self.url}/oauth2/v2.0/authorize",
                "token_endpoint": f"{self.url}/oauth2/v2.0/token",
                "jwks_uri": f"{self.url}/discovery/v2.0/keys",
                "token_endpoint_auth_methods_supported": ["client_secret_post"],
                "response_types_supported": ["token"],
                "subject_types_supported": ["pairwise"],
                "id_token_signing_alg_values_supported": ["RS256"],
            }
        )

    async def token(self, request: Request) -> Response:
        """A token for the asked resource, against the client's id and secret."""
        asked = {key: values[0] for key, values in parse_qs((await request.body()).decode()).items()}
        scope = asked.get("scope", "")
        if asked.get("grant_type") != "client_credentials":
            return _refusal(400, "unsupported_grant_type", "AADSTS70003: The grant type is not supported.")
        if asked.get("client_id") != self._client.id:
            return _refusal(400, "unauthorized_client", "AADSTS700016: The application was not found in the tenant.")
        if not secrets.compare_digest(asked.get("client_secret", ""), self._client.secret):
            return _refusal(401, "invalid_client", "AADSTS7000215: Invalid client secret provided.")
        if " " in scope or not scope.endswith("/.default"):
            return _refusal(400, "invalid_scope", "AADSTS1002012: The scope must end with /.default.")
        token = self._sign(scope.removesuffix("/.default"))
        return JSONResponse({"token_type": "Bearer", "expires_in": LIFE_S, "access_token": token})

    def _sign(self, audience: str) -> str:
        now = int(time.time())
        claims = {
            "aud": audience,
            "iss": f"https://sts.windows.net/{self._tenant}/",
            "iat": now,
            "nbf": now - 300,
            "exp": now + LIFE_S,
            "appid": self._client.id,
            "oid": self._client.id,
            "sub": self._client.id,
            "tid": self._tenant,
            "ver": "1.0",
        }
        return jwt.encode(claims, self._key.value, algorithm="HS256")


def bearer(request: Request) -> str:
    """The request's bearer token; empty when it has none."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token if scheme.lower() == "bearer" else ""


def _refusal(status: int, error: str, description: str) -> Response:
    return JSONResponse({"error": error, "error_description": description}, status)
