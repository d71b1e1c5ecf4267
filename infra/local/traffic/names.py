"""A stub resolver: asks one name server and keeps its answers for as long as their TTL allows."""

import random

import dns.asyncresolver
import dns.exception
import dns.resolver


class NoName(Exception):
    """The name has no address just now, or its server did not answer."""


class Names:
    """The names as one client process knows them."""

    def __init__(self, host: str, port: int) -> None:
        self._resolver = dns.asyncresolver.Resolver(configure=False)
        self._resolver.nameservers = [host]
        self._resolver.port = port
        self._resolver.lifetime = 2
        self._resolver.cache = dns.resolver.Cache()

    async def address(self, host: str) -> str:
        """One of the name's addresses; raises NoName."""
        try:
            answer = await self._resolver.resolve(host, "A")
        except dns.exception.DNSException as error:
            raise NoName from error
        return random.choice([str(record.address) for record in answer])  # noqa: S311 - any of them will do
