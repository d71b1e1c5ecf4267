"""A few open connections to one database, opened again by themselves after the database was gone."""

import asyncio
import select
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from psycopg import AsyncConnection

PATIENCE_S = 1.0  #: for a free place and a new connection together: users get their 503 soon


class Pool:
    """Keeps sessions open between requests, as real services do: a fence must end them."""

    def __init__(self, conninfo: str, size: int) -> None:
        self._conninfo = conninfo
        self._places = asyncio.Semaphore(size)
        self._idle: list[AsyncConnection] = []

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[AsyncConnection]:
        """An autocommit connection; one that broke is not used again.

        Raises TimeoutError or psycopg.OperationalError when there is none to be had.
        """
        await asyncio.wait_for(self._places.acquire(), PATIENCE_S)
        try:
            connection = await self._idle_one() or await self._open()
            try:
                yield connection
            except BaseException:
                await connection.close()
                raise
            self._idle.append(connection)
        finally:
            self._places.release()

    async def close(self) -> None:
        """End the idle sessions; a later request opens new ones."""
        while self._idle:
            await self._idle.pop().close()

    async def _idle_one(self) -> AsyncConnection | None:
        while self._idle:
            connection = self._idle.pop()
            if not _was_ended(connection):
                return connection
            await connection.close()
        return None

    async def _open(self) -> AsyncConnection:
        opening = AsyncConnection.connect(self._conninfo, autocommit=True, options="-c statement_timeout=3s")
        return await asyncio.wait_for(opening, PATIENCE_S)


def _was_ended(connection: AsyncConnection) -> bool:
    """An idle session that has something to read was told to go."""
    if connection.closed:
        return True
    poll = select.poll()
    poll.register(connection.fileno(), select.POLLIN)
    return bool(poll.poll(0))
