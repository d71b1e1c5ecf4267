"""Old's sequences past everything that both sites handed out, before old takes a write (defects 16, 46)."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from switchback.domain.model import Change, Plan, Side
from switchback.domain.together import side_by_side, together
from switchback.settings import Environment
from switchback.steps.postgres.sites import SitesSeen
from switchback.systems.postgres import pipeline, sequences
from switchback.systems.postgres.connection import Connection
from switchback.systems.postgres.sequences import SequenceMove, Sequences


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
        return SequencesSeen(databases=side_by_side(self._environment.databases, self._look))

    def plan(self, seen: SequencesSeen) -> Plan:
        """See Step. How far is not said: new goes on handing out values until it is fenced."""
        changes = tuple(
            Change(
                system="postgres",
                subject=f"sequences of {name} on old",
                before="where the cutover left them",
                after=self._how_far,
            )
            for name, found in seen.databases.items()
            if self._moves(found)
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
            sequences.apply(old, self._moves(seen))

    @property
    def _how_far(self) -> str:
        return f"at least {self._environment.policy.sequence_gap} steps past both sites"

    def _moves(self, found: Sequences) -> tuple[SequenceMove, ...]:
        return sequences.plan(found, self._environment.policy.sequence_gap)

    @contextmanager
    def _both(self, name: str) -> Iterator[tuple[Connection, Connection]]:
        environment = self._environment
        with pipeline.session(environment, Side.OLD, name) as old, pipeline.session(environment, Side.NEW, name) as new:
            yield old, new


class AdvanceSequencesFar(AdvanceSequences):
    """The same where new cannot be read: past what the cutover recorded, by more than new can have handed out since."""

    name = "advance the sequences of old, far"

    def __init__(self, environment: Environment, sites: SitesSeen) -> None:
        super().__init__(environment)
        self._sites = sites

    @property
    def _how_far(self) -> str:
        gap = self._environment.policy.unseen_sequence_gap
        return f"{gap} steps on, or half of what they have left: nobody knows what new has handed out"

    def _moves(self, found: Sequences) -> tuple[SequenceMove, ...]:
        return sequences.plan(found, self._environment.policy.unseen_sequence_gap, sparing=True)

    def _look(self, name: str) -> Sequences:
        recorded = next(found for found in self._sites.new if found.database == name)
        with pipeline.session(self._environment, Side.OLD, name) as old:
            return sequences.look_at_old(old, recorded.sequences)
