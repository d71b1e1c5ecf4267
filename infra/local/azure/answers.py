"""How the stand-in speaks HTTP: routes as ARM matches them, and problems in each API's own error body."""

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from json import JSONDecodeError
from typing import TypeAlias, TypeVar

from pydantic import BaseModel, ValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

Json: TypeAlias = Mapping[str, object]
Endpoint: TypeAlias = Callable[[Request], Awaitable[Response]]
Body = TypeVar("Body", bound=BaseModel)


@dataclass(eq=False)
class Problem(Exception):
    """An answer that is not the one asked for."""

    status: int
    code: str  #: the API's own code, which SDKs show as `error.code`
    message: str
    headers: dict[str, str] = field(default_factory=dict)


def route(path: str, method: str, endpoint: Endpoint) -> Route:
    """A route that, as in ARM, does not care about upper and lower case."""
    made = Route(path, endpoint, methods=[method])
    made.methods = {method}  # starlette adds HEAD to GET; ARM keeps them apart
    made.path_regex = re.compile(made.path_regex.pattern, re.IGNORECASE)
    return made


async def body(request: Request, shape: type[Body]) -> Body:
    """The request's JSON body; a 400 when it is none, or not of that shape."""
    try:
        return shape.model_validate(await request.json())
    except ValidationError as error:
        raise malformed(error) from error
    except (JSONDecodeError, UnicodeDecodeError) as error:
        raise Problem(400, "InvalidRequestContent", "The request content was not valid JSON.") from error


def number(request: Request, name: str, default: int) -> int:
    """A query parameter that is a number; a 400 when it is none, or negative."""
    text = request.query_params.get(name, str(default))
    if not text.isdecimal():
        raise Problem(400, "BadRequest", f"{name} must be a number.")
    return int(text)


def malformed(error: ValidationError) -> Problem:
    """The 400 that names what is wrong with a body."""
    faults = (f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in error.errors(include_url=False))
    return Problem(400, "BadRequest", f"The request is not valid: {'; '.join(faults)}.")


async def on_problem(request: Request, error: Exception) -> Response:
    """Renders a Problem in the form of the API that was asked."""
    problem = error if isinstance(error, Problem) else Problem(500, "InternalServerError", str(error))
    if request.url.path.startswith("/kubernetes/"):
        content: Json = {
            "kind": "Status",
            "apiVersion": "v1",
            "metadata": {},
            "status": "Failure",
            "reason": problem.code,
            "message": problem.message,
            "code": problem.status,
        }
    else:
        content = {"error": {"code": problem.code, "message": problem.message}}
    return JSONResponse(content, problem.status, problem.headers)


async def on_unrouted(request: Request, error: Exception) -> Response:
    """What the stand-in does not serve is a 404 or 405 that says so."""
    status = error.status_code if isinstance(error, HTTPException) else 500
    message = f"The stand-in serves no {request.method} {request.url.path}."
    return await on_problem(request, Problem(status, "NotFound", message))
