"""One user: creates, changes, removes and reads things of its own, one request at a time."""

import random
import time
import uuid
from collections import Counter
from dataclasses import dataclass, replace
from http import HTTPStatus

from infra.local.services import COLLECTIONS, OPERATION
from infra.local.traffic.ledger import Fate, Kind, Ledger, Write
from infra.local.traffic.outcomes import OK, Outcomes
from infra.local.traffic.session import Answer, Session, Unanswered

MIX = {Kind.INSERT: 50, Kind.UPDATE: 35, Kind.DELETE: 15}
READS = 0.4  #: reads for each write
METHODS = {Kind.INSERT: "POST", Kind.UPDATE: "PATCH", Kind.DELETE: "DELETE"}


@dataclass(frozen=True, kw_only=True)
class Entity:
    """Something this client made."""

    service: str
    reference: str
    id: int


class Client:
    """A user with one connection to each service."""

    def __init__(self, sessions: dict[str, Session], ledger: Ledger, outcomes: Outcomes) -> None:
        self._sessions, self._ledger, self._outcomes = sessions, ledger, outcomes
        self._mine: list[Entity] = []
        self.fates: Counter[Fate] = Counter()

    async def act(self) -> None:
        """One write, and now and then a read."""
        kind = random.choices(list(MIX), weights=list(MIX.values()))[0]  # noqa: S311 - a mix, not a secret
        if kind is Kind.INSERT or not self._mine:
            await self._create()
        else:
            await self._alter(kind, self._any_of_mine())
        if self._mine and random.random() < READS:  # noqa: S311
            await self._look(self._any_of_mine())

    def close(self) -> None:
        """Drop the connections."""
        for session in self._sessions.values():
            session.close()

    async def _create(self) -> None:
        service = random.choice(list(self._sessions))  # noqa: S311
        reference = str(uuid.uuid4())
        answer = await self._write(service, Kind.INSERT, reference, f"/{COLLECTIONS[service]}")
        if answer and answer.id is not None:
            self._mine.append(Entity(service=service, reference=reference, id=answer.id))

    async def _alter(self, kind: Kind, entity: Entity) -> None:
        answer = await self._write(entity.service, kind, entity.reference, _path(entity))
        if kind is Kind.DELETE or answer is None or answer.id is None:
            self._mine.remove(entity)  # gone, or nobody can say what became of it

    async def _look(self, entity: Entity) -> None:
        try:
            answer = await self._request(entity.service, "GET", _path(entity))
        except Unanswered:
            return
        if answer.status == HTTPStatus.NOT_FOUND:
            self._mine.remove(entity)

    def _any_of_mine(self) -> Entity:
        return random.choice(self._mine)  # noqa: S311

    async def _write(self, service: str, kind: Kind, reference: str, path: str) -> Answer | None:
        operation = str(uuid.uuid4())
        write = Write(operation=operation, service=service, kind=kind, reference=reference, fate=Fate.SENT)
        body = {"text": f"Text of {operation}"} | ({"reference": reference} if kind is Kind.INSERT else {})
        self._ledger.note(write)
        answer: Answer | None = None
        try:
            answer = await self._request(service, METHODS[kind], path, {OPERATION: operation}, body)
            write = replace(write, fate=_fate(answer), site=answer.site)
        except Unanswered as lost:
            write = replace(write, fate=Fate.UNKNOWN if lost.sent else Fate.REFUSED)
        await self._ledger.commit(write)
        self.fates[write.fate] += 1
        return answer

    async def _request(
        self,
        service: str,
        method: str,
        path: str,
        headers: dict[str, str] | None = None,
        body: dict[str, str] | None = None,
    ) -> Answer:
        began = time.monotonic()
        site, outcome = "-", OK
        try:
            answer = await self._sessions[service].request(method, path, headers or {}, body or {})
            site = answer.site
            if answer.status >= HTTPStatus.BAD_REQUEST:
                outcome = str(answer.status)
        except Unanswered as lost:
            outcome = lost.why
            raise
        else:
            return answer
        finally:
            self._outcomes.note(service, site, outcome, time.monotonic() - began)


def _path(entity: Entity) -> str:
    return f"/{COLLECTIONS[entity.service]}/{entity.id}"


def _fate(answer: Answer) -> Fate:
    if answer.status < HTTPStatus.MULTIPLE_CHOICES:
        return Fate.ACKNOWLEDGED
    return Fate.REFUSED if answer.status < HTTPStatus.INTERNAL_SERVER_ERROR else Fate.UNKNOWN
