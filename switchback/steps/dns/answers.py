"""Proof that the name servers say what the records say."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from switchback.domain.errors import HalfDone
from switchback.domain.model import Side
from switchback.settings import Environment
from switchback.systems import dns, kubernetes

ASK_AGAIN_S = 0.2


@dataclass(frozen=True, kw_only=True)
class Said:
    """What one server answered for one host."""

    server: str
    host: str
    addresses: tuple[str, ...]
    ttl_s: int


@dataclass(frozen=True, kw_only=True)
class AnswersSeen:
    """Every server's answer for every host."""

    answers: tuple[Said, ...]


@dataclass(eq=False)
class AnswersLag(HalfDone):
    """After the TTL, a server still sends users elsewhere (defect 29)."""

    problem: ClassVar[str] = "{count} answers do not follow the records after {waited_s:g} s: {first}."
    remedy: ClassVar[str] = "Ask that server yourself; resume when it follows."
    count: int
    waited_s: float
    first: str


class AnswersFollow:
    """Every authoritative server and every resolver of the descriptor answers with one site's addresses."""

    facts = AnswersSeen

    def __init__(self, environment: Environment, side: Side) -> None:
        self._environment = environment
        self._side = side

    @property
    def name(self) -> str:
        """See Check."""
        return f"name servers answer with {self._side}"

    def look(self) -> AnswersSeen:
        """See Check. Waits for as long as resolvers may remember; raises AnswersLag."""
        environment = self._environment
        hosts = tuple(environment.host(service) for service in environment.services)
        wanted = kubernetes.open_cluster(environment, self._side).ingress_addresses(hosts)
        servers = (*dns.authorities(environment), *environment.dns.resolvers)
        patience_s = environment.dns.ttl_s * 2 + 5
        deadline = time.monotonic() + patience_s
        while True:
            answers = ask(servers, hosts)
            wrong = [said for said in answers if set(said.addresses) != set(wanted[said.host])]
            if not wrong:
                return AnswersSeen(answers=answers)
            if time.monotonic() > deadline:
                first = f"{wrong[0].server} says {', '.join(wrong[0].addresses) or 'nothing'} for {wrong[0].host}"
                raise AnswersLag(len(wrong), patience_s, first)
            time.sleep(ASK_AGAIN_S)


def ask(servers: Sequence[str], hosts: Sequence[str]) -> tuple[Said, ...]:
    """What every server answers for every host."""
    said = []
    for server in servers:
        for host in hosts:
            answer = dns.answers(server, host)
            said.append(Said(server=server, host=host, addresses=answer.addresses, ttl_s=answer.ttl_s))
    return tuple(said)
