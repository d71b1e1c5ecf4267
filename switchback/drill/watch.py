"""What a screen beside a running drill shows: read from its folder and from the journals, never from its process."""

import time
from collections import Counter, deque
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from switchback.domain.errors import SwitchbackError
from switchback.drill import archive, diary, ledger, outcomes
from switchback.drill.archive import Folder
from switchback.drill.diary import Entry, Event
from switchback.drill.outcomes import Request, Served
from switchback.drill.tail import Tail
from switchback.rollback import records
from switchback.settings import Environment
from switchback.systems import journal

if TYPE_CHECKING:
    from switchback.domain.journal import Record
    from switchback.systems.journal import Store

RATE_OVER_S = 3.0
READ_JOURNAL_EVERY_S = 2.0
SHOWN = 8  #: of the journal's latest records


class Watch:
    """One drill as it goes on; `look` reads what is new."""

    def __init__(self, folder: Folder, environment: Environment) -> None:
        self._environment = environment
        self._diary = folder.diary
        self._outcomes, self._ledger = Tail(folder.outcomes), Tail(folder.ledger)
        self._recent: deque[Request] = deque()
        self._store: Store | None = None
        self._journal_read = 0.0
        self.entries: tuple[Entry, ...] = ()
        self.acknowledged = 0
        self.told: tuple[Record, ...] = ()

    def look(self) -> None:
        """Take in what has been written since the last call."""
        self.entries = diary.read(self._diary)
        self.acknowledged += sum(1 for _ in ledger.parse(self._ledger.lines()))
        self._recent.extend(outcomes.parse(self._outcomes.lines()))
        until = datetime.now(UTC).timestamp() - RATE_OVER_S
        while self._recent and self._recent[0].at < until:
            self._recent.popleft()
        if time.monotonic() - self._journal_read > READ_JOURNAL_EVERY_S:
            self._journal_read = time.monotonic()
            self._read_journal()

    @property
    def rates(self) -> dict[Served, float]:
        """Requests a second over the last seconds."""
        counted = Counter(request.served for request in self._recent)
        return {served: counted[served] / RATE_OVER_S for served in Served}

    def _read_journal(self) -> None:
        attempt = next((entry.subject for entry in reversed(self.entries) if entry.event is Event.ATTEMPT), None)
        if attempt is None:
            return
        try:
            self._store = self._store or journal.open_store(self._environment)
            self.told = records.read(self._store, attempt)[-SHOWN:]
        except SwitchbackError:
            return  # a screen is no reason to stop; the drill itself says what it cannot reach


def newest(environment: str) -> Folder | None:
    """The environment's drill that `latest` points to, if there is one."""
    path = (archive.root() / "latest").resolve()
    return Folder(path=path) if path.is_dir() and path.name.startswith(f"{environment}-") else None
