"""What the stand-in was told to do wrong, and a log of what it was asked."""

import asyncio
from collections import deque
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from infra.local.azure import answers
from infra.local.azure.answers import Problem

ADMIN = "/_admin"
REMEMBERED = 20_000


class Fault(StrEnum):
    """The ways in which an answer can go wrong."""

    THROTTLE = "throttle"  # 429 with Retry-After: seconds
    ERROR = "error"  # 500; nothing was done
    DENY = "deny"  # 403
    STALE = "stale"  # 412
    HANG = "hang"  # done and answered, but only after `seconds`, even when nobody waits any more
    DROP = "drop"  # the connection breaks; nothing was done
    LOSE = "lose"  # it was done, then the connection breaks


class Rule(BaseModel):
    """Which requests meet which fault."""

    model_config = ConfigDict(extra="forbid")

    fault: Fault
    method: str = ""  #: empty: any
    path: str = ""  #: what the path with its query contains, in any case; empty: any
    skip: int = Field(default=0, ge=0)  #: so many matching requests are spared first
    times: int | None = Field(default=1, ge=1)  #: so many are hit; None: all that follow
    seconds: float = Field(default=1, ge=0)


class Call(BaseModel):
    """A request that was received."""

    number: int
    at: datetime
    method: str
    path: str  #: with its query
    status: int  #: 0: no answer was sent
    fault: Fault | None


_PROBLEMS = {
    Fault.THROTTLE: (429, "TooManyRequests", "The request is being throttled."),
    Fault.ERROR: (500, "InternalServerError", "An error has occurred."),
    Fault.DENY: (403, "Forbidden", "The caller is not authorized to perform this action."),
    Fault.STALE: (412, "PreconditionFailed", "The condition was not satisfied."),
}


@dataclass
class Disturbances:
    """The rules in force and the calls received; neither survives a restart."""

    rules: list[Rule] = field(default_factory=list)
    calls: deque[Call] = field(default_factory=lambda: deque(maxlen=REMEMBERED))
    received: int = 0

    def hit(self, method: str, path: str) -> Rule | None:
        """The first rule that this request meets; counts it."""
        for index, rule in enumerate(self.rules):
            if rule.method not in ("", method) or rule.path.lower() not in path.lower():
                continue
            if rule.skip:
                self.rules[index] = rule.model_copy(update={"skip": rule.skip - 1})
                continue
            if rule.times == 1:
                del self.rules[index]
            elif rule.times:
                self.rules[index] = rule.model_copy(update={"times": rule.times - 1})
            return rule
        return None

    def note(self, method: str, path: str, status: int, fault: Fault | None) -> None:
        """Remember a call."""
        self.received += 1
        made = Call(number=self.received, at=datetime.now(UTC), method=method, path=path, status=status, fault=fault)
        self.calls.append(made)


class Disturbed:
    """The app as it is met by the rules; the admin's own requests are neither hit nor noted."""

    def __init__(self, app: ASGIApp, disturbances: Disturbances) -> None:
        self._app = app
        self._disturbances = disturbances

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers as the first rule that matches says, and notes the call."""
        if scope["type"] != "http" or scope["path"].startswith(ADMIN):
            await self._app(scope, receive, send)
            return
        query = scope["query_string"].decode()
        path = f"{scope['path']}?{query}" if query else scope["path"]
        rule = self._disturbances.hit(scope["method"], path)
        status = 0
        try:
            status = await self._answer(rule, scope, receive, send)
        finally:
            self._disturbances.note(scope["method"], path, status, rule.fault if rule else None)

    async def _answer(self, rule: Rule | None, scope: Scope, receive: Receive, send: Send) -> int:
        status = 0

        async def watched(message: Message) -> None:
            nonlocal status
            status = message.get("status", status)
            await send(message)

        if rule is None:
            await self._app(scope, receive, watched)
        elif rule.fault in _PROBLEMS:
            code, word, text = _PROBLEMS[rule.fault]
            headers = {"Retry-After": f"{rule.seconds:g}"} if rule.fault is Fault.THROTTLE else {}
            refusal = await answers.on_problem(Request(scope), Problem(code, word, text, headers))
            await refusal(scope, receive, watched)
        elif rule.fault is Fault.HANG:
            await asyncio.sleep(rule.seconds)
            await self._app(scope, receive, watched)
        else:
            if rule.fault is Fault.LOSE:
                await self._app(scope, receive, _unsent)
            await _break(receive, send)
        return status


async def _unsent(_message: Message) -> None:
    """An answer that goes nowhere."""


async def _break(receive: Receive, send: Send) -> None:
    # ASGI has no word for this: uvicorn's `send` is bound to the request that owns the connection
    send.__self__.transport.abort()  # type: ignore[attr-defined]
    while (await receive())["type"] != "http.disconnect":
        pass
