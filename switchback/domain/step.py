"""The shape of every change: look, plan, refuse if unsafe, apply, look again. And of every proof: look."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar, runtime_checkable

from switchback.domain.model import Plan

Facts = TypeVar("Facts")
Seen_co = TypeVar("Seen_co", covariant=True)


@runtime_checkable
class Step(Protocol[Facts]):
    """Something that a way back changes.

    `look` must not change anything; `plan` must be empty when the world already is as wanted;
    `apply` may be killed anywhere and called again; `undo` may be called twice.
    """

    @property
    def facts(self) -> type[Facts]:
        """The frozen dataclass that `look` returns; the journal keeps it as JSON."""

    @property
    def name(self) -> str:
        """The runbook's words for it, unique within a way back."""

    def look(self) -> Facts:
        """The part of the world that this step changes, as it is now."""

    def plan(self, seen: Facts) -> Plan:
        """What would change, for people; empty when nothing would."""

    def refuse_if_unsafe(self, seen: Facts, planned: Facts | None) -> None:
        """Raise Refused when the change must not be made; `planned` is what was seen when people approved."""

    def apply(self, seen: Facts) -> None:
        """Make the change."""

    def undo(self, before: Facts) -> None:
        """Put back what was seen before the first `apply`."""


class Check(Protocol[Seen_co]):
    """Something that must hold, proven by looking: changes nothing; looked at again on every run, but see Runbook."""

    @property
    def facts(self) -> type[Seen_co]:
        """The frozen dataclass that `look` returns; the journal keeps it as JSON."""

    @property
    def name(self) -> str:
        """The runbook's words for it, unique within a way back."""

    def look(self) -> Seen_co:
        """The evidence; raises Refused, Unreachable or HalfDone when it does not hold."""


@dataclass(frozen=True, kw_only=True)
class Runbook:
    """A way back: what must hold before anyone is asked, then its steps and checks in their order."""

    title: str
    preconditions: Sequence[Check[Any]]
    items: Sequence[Step[Any] | Check[Any]]
    #: What holds only until a later step takes it back, and is not looked at again once that has begun: by their names.
    until: Mapping[str, str] = field(default_factory=dict)
    #: Once the step of this name has begun, undoing would lose what users have written since.
    no_return: str = ""

    @property
    def steps(self) -> tuple[Step[Any], ...]:
        """The items that change something."""
        return tuple(item for item in self.items if isinstance(item, Step))

    def named(self, name: str) -> Step[Any] | Check[Any]:
        """The item of that name; KeyError when the runbook has none."""
        return {item.name: item for item in self.items}[name]
