"""Old's sequences past everything that both sites handed out, before old takes a write (defects 16, 46)."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from switchback.domain.model import Change, Plan, Side
from switchback.domain.together import together
from switchback.settings import Environment
from switchback.steps.postgres.access import databases
from switchback.systems.postgres import pipeline, sequences
from switchback.systems.postgres.connection import Connection
from switchback.systems.postgres.sequences import Sequences


@dataclass(frozen=True, kw_only=True)
class SequencesSeen:
    """Every sequence of each database, on both sides."""

    databases: dict[str, Sequences]


class AdvanceSequences:
    """Rows brought home later never collide with values that old hands out meanwhile."""

    facts = SequencesSeen
    name = "advance the sequences of old"

    def __init__(self, environment: Environment) -> None:
        self._environment = environment

    def look(self) -> SequencesSeen:
        """See Step."""
        names = databases(self._environment)
        return SequencesSeen(databases=dict(zip(names, together(names, self._look), strict=True)))

    def plan(self, seen: SequencesSeen) -> Plan:
        """See Step. How far is not said: new goes on handing out values until it is fenced."""
        gap = self._environment.policy.sequence_gap
        changes = tuple(
            Change(
                system="postgres",
                subject=f"sequences of {name} on old",
                before="where the cutover left them",
                after=f"at least {gap} steps past both sites",
            )
            for name, found in seen.databases.items()
            if sequences.plan(found, gap)
        )
        return Plan(title=self.name, changes=changes)

    def refuse_if_unsafe(self, seen: SequencesSeen, planned: SequencesSeen | None) -> None:
        """See Step. A sequence without room has been refused while planning: SequenceExhausted."""

    def apply(self, seen: SequencesSeen) -> None:
        """See Step."""
        together(list(seen.databases.items()), self._advance)

    def undo(self, before: SequencesSeen) -> None:
        """See Step. A sequence never goes back: values that were skipped harm nobody, a value used twice does."""

    def _look(self, name: str) -> Sequences:
        with self._both(name) as (old, new):
            return sequences.look(old, new)

    def _advance(self, found: tuple[str, Sequences]) -> None:
        name, seen = found
        with pipeline.session(self._environment, Side.OLD, name) as old:
            sequences.apply(old, sequences.plan(seen, self._environment.policy.sequence_gap))

    @contextmanager
    def _both(self, name: str) -> Iterator[tuple[Connection, Connection]]:
        environment = self._environment
        with pipeline.session(environment, Side.OLD, name) as old, pipeline.session(environment, Side.NEW, name) as new:
            yield old, new
