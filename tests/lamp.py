"""A world of one lamp, and the step that switches it on."""

from dataclasses import dataclass, field

from switchback.domain.model import Change, Plan


@dataclass(frozen=True, kw_only=True)
class Light:
    on: bool


@dataclass
class Lamp:
    """What is planned for it can change while people think."""

    name: str
    on: bool = False
    after: str = "on"  #: what its plan says
    broken: bool = False
    applied: int = 0
    facts: type[Light] = field(default=Light)

    def look(self) -> Light:
        return Light(on=self.on)

    def plan(self, seen: Light) -> Plan:
        change = Change(system="lamp", subject=self.name, before="off", after=self.after)
        return Plan(title=self.name, changes=() if seen.on else (change,))

    def refuse_if_unsafe(self, seen: Light, planned: Light | None) -> None:
        assert not seen.on
        assert planned is None or not planned.on

    def apply(self, seen: Light) -> None:
        assert not seen.on
        self.applied += 1
        self.on = not self.broken

    def undo(self, before: Light) -> None:
        self.on = before.on
