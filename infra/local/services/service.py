"""One service: create, change, remove and read its resource, and say how it is.

A write is answered 2xx only after its commit. Without its database every request is answered 503 soon,
with `Connection: close`, so that clients ask DNS again.
"""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from uuid import UUID, uuid4

import psycopg
from psycopg import sql
from psycopg.rows import dict_row
from pydantic import BaseModel
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from infra.local.faults import Faults
from infra.local.services import COLLECTIONS, OPERATION
from infra.local.services.pool import Pool
from switchback.domain.model import Side

BUILDS = {Side.OLD: "2.1.7", Side.NEW: "2.2.0"}
CLOSE = {"Connection": "close"}

Values = dict[str, UUID | int | str]
Handler = Callable[[Request], Awaitable[Response]]


class New(BaseModel):
    """The body of a create."""

    reference: UUID
    text: str


class Changed(BaseModel):
    """The body of a change."""

    text: str


@dataclass(frozen=True, kw_only=True)
class DatabaseHealth:
    """What a service found out about its database."""

    answers: bool = False
    accepts_writes: bool = False


class Service:
    """One service of one site over its database."""

    def __init__(self, name: str, side: Side, pool: Pool, faults: Faults) -> None:
        self._name, self._side, self._pool, self._faults = name, side, pool, faults
        folder = Path(__file__).parent / "sql"
        self._statements = {
            path.stem: sql.SQL(path.read_text(encoding="utf-8"))
            for path in [*(folder / name).glob("*.sql"), folder / "probe.sql"]
        }

    def app(self) -> Starlette:
        """The service as an ASGI application."""
        collection = f"/{COLLECTIONS[self._name]}"
        member = f"{collection}/{{id:int}}"
        return Starlette(
            routes=[
                Route("/health", self._faulty(self._health)),
                Route(collection, self._faulty(self._create), methods=["POST"]),
                Route(member, self._faulty(self._change), methods=["PATCH"]),
                Route(member, self._faulty(self._remove), methods=["DELETE"]),
                Route(member, self._faulty(self._read)),
            ]
        )

    async def _health(self, _request: Request) -> Response:
        database = await self._look_at_database()
        well = database.answers and database.accepts_writes
        about = {"service": self._name, "site": self._side.value, "build": BUILDS[self._side]}
        return JSONResponse(
            about | {"database": asdict(database)}, 200 if well else 503, headers=None if well else CLOSE
        )

    async def _look_at_database(self) -> DatabaseHealth:
        answers = False
        try:
            async with self._connection() as connection:
                await connection.execute("select 1")
                answers = True
                async with connection.transaction(force_rollback=True):
                    await connection.execute("set transaction read write")
                    written = await connection.execute(self._statements["probe"])
                return DatabaseHealth(answers=True, accepts_writes=written.rowcount == 1)
        except (psycopg.Error, TimeoutError):
            return DatabaseHealth(answers=answers)

    async def _create(self, request: Request) -> Response:
        body = New.model_validate_json(await request.body())
        row = await self._run("insert", _write(request) | {"reference": body.reference, "text": body.text})
        return JSONResponse(row, 201)

    async def _change(self, request: Request) -> Response:
        body = Changed.model_validate_json(await request.body())
        return JSONResponse(await self._run("update", _write(request) | _member(request) | {"text": body.text}))

    async def _remove(self, request: Request) -> Response:
        return JSONResponse(await self._run("delete", _write(request) | _member(request)))

    async def _read(self, request: Request) -> Response:
        return JSONResponse(await self._run("read", _member(request)))

    async def _run(self, statement: str, values: Values) -> dict[str, int | str]:
        try:
            async with self._connection() as connection:
                cursor = connection.cursor(row_factory=dict_row)
                row = await (await cursor.execute(self._statements[statement], values)).fetchone()
        except psycopg.IntegrityError as error:
            raise HTTPException(409, "it contradicts what is there") from error
        except (psycopg.Error, TimeoutError) as error:
            raise HTTPException(503, "the database does not answer", CLOSE) from error
        if row is None:
            raise HTTPException(404, "there is none")
        return {name: value if isinstance(value, int) else str(value) for name, value in row.items()}

    @asynccontextmanager
    async def _connection(self) -> AsyncIterator[psycopg.AsyncConnection]:
        if self._faults.of(self._name).database_lost:
            await self._pool.close()
            raise psycopg.OperationalError
        async with self._pool.connection() as connection:
            yield connection

    def _faulty(self, handler: Handler) -> Handler:
        async def handle(request: Request) -> Response:
            fault = self._faults.of(self._name)
            await asyncio.sleep(fault.latency_s)
            if random.random() < fault.failing:  # noqa: S311 - which request fails is no secret
                raise HTTPException(500, "told to fail")
            try:
                return await handler(request)
            except ValueError as error:  # pydantic's and UUID's: the client's mistake
                raise HTTPException(400, "this is not what I was told to expect") from error

        return handle


def _write(request: Request) -> Values:
    return {"operation": UUID(request.headers.get(OPERATION, "")), "child": uuid4()}


def _member(request: Request) -> Values:
    return {"id": int(request.path_params["id"])}
