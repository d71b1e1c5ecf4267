"""Destroying new: a plan is saved, shown, approved by its digest, and exactly that file is applied.

Once the apply has begun the file is stale by itself; what is left is then planned anew, and refused unless every
resource of it was in the approved plan. There is no way back from here: undo refuses as soon as anything is gone.
"""

import json
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from switchback.domain.journal import Record
from switchback.domain.model import Change, Plan
from switchback.domain.rendering import SHORT
from switchback.rollback.records import intent, request
from switchback.settings import Environment
from switchback.steps import unused
from switchback.steps.terraform import gate
from switchback.systems import resources, shelf, terraform
from switchback.systems.resources import Group
from switchback.systems.terraform import Doomed, PlanStale, Saved, Stack

FILE, MANIFEST = "destroy.tfplan", "manifest.json"


@dataclass(frozen=True, kw_only=True)
class DestroySeen:
    """What would be destroyed, by which saved plan, and the groups that exist now."""

    plan: str  #: SHA-256 of the saved plan; empty when nothing is left to destroy
    doomed: tuple[Doomed, ...]
    groups: tuple[Group, ...]  #: new's
    beside: tuple[Group, ...]  #: old's and the zone's, which must stay as they are


class Destroy:
    """Everything in the state that new was made from is gone, and nothing else."""

    facts = DestroySeen
    name = unused.DESTROY

    def __init__(self, environment: Environment, own: Sequence[Record]) -> None:
        self._environment = environment
        self._run = request(own).run if own else ""  #: empty in a rehearsal, which keeps no plan
        self._begun = intent(own, self.name) is not None

    def look(self) -> DestroySeen:
        """See Step. Makes a plan where none is kept that fits the state; raises StateLocked, TerraformFailed."""
        environment = self._environment
        stack = terraform.open_stack(environment)
        stack.wait_for_another()
        with _folder() as folder:
            saved = self._saved(stack, folder)
        beside = (*environment.old.groups, environment.dns.resource_group)
        return DestroySeen(
            plan=saved.digest,
            doomed=saved.doomed,
            groups=resources.groups(environment, environment.new.groups),
            beside=resources.groups(environment, beside),
        )

    def plan(self, seen: DestroySeen) -> Plan:
        """See Step. The saved plan's digest is one of the changes, so that people approve that very file."""
        if not seen.doomed:
            return Plan(title=self.name)
        file = Change(system="terraform", subject="saved plan", before=seen.plan[:SHORT], after="applied, and no other")
        changes = (
            Change(system="terraform", subject=each.address, before=each.id, after="destroyed") for each in seen.doomed
        )
        return Plan(title=self.name, changes=(file, *changes))

    def refuse_if_unsafe(self, seen: DestroySeen, planned: DestroySeen | None) -> None:
        """See Step. Raises what gate.check raises; PlanStale or NotInPlan when it is not what people approved."""
        gate.check(self._environment, seen.doomed, seen.groups)
        if planned is None:
            return
        if not self._begun and seen.plan != planned.plan:
            raise PlanStale(planned.plan[:SHORT])
        for each in seen.doomed:
            if each not in planned.doomed:
                raise gate.NotInPlan(each.address)

    def apply(self, seen: DestroySeen) -> None:
        """See Step. Raises PlanStale, StateLocked or PartlyDestroyed."""
        stack = terraform.open_stack(self._environment)
        kept = shelf.open_shelf(self._environment)
        with _folder() as folder:
            shelf.fetch(kept, self._place, folder)
            saved = stack.read(folder / FILE)
            if saved.digest != seen.plan:
                raise PlanStale(seen.plan[:SHORT])
            stack.apply(folder / FILE, saved)
        for name in (MANIFEST, FILE):
            kept.drop(f"{self._place}/{name}")

    def undo(self, before: DestroySeen) -> None:
        """See Step. Raises CannotComeBack when anything is gone; nothing was changed before that."""
        left = self.look()
        if len(left.doomed) < len(before.doomed) or left.groups != before.groups:
            raise gate.CannotComeBack(len(before.doomed) - len(left.doomed), len(before.doomed))

    @property
    def _place(self) -> str:
        return f"{self._run}/terraform"

    def _saved(self, stack: Stack, folder: Path) -> Saved:
        state = stack.state()
        if not state.resources:
            return Saved(digest="", doomed=())
        if not self._run:
            return stack.plan_destroy(folder / FILE)
        kept = shelf.open_shelf(self._environment)
        shelf.fetch(kept, self._place, folder)
        fits = json.dumps(asdict(state), sort_keys=True)
        if (folder / MANIFEST).is_file() and (folder / MANIFEST).read_text(encoding="utf-8") == fits:
            return stack.read(folder / FILE)
        saved = stack.plan_destroy(folder / FILE)
        (folder / MANIFEST).write_text(fits, encoding="utf-8")
        shelf.keep(kept, self._place, {name: folder / name for name in (FILE, MANIFEST)}, MANIFEST)
        return saved


@contextmanager
def _folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="switchback-plan-") as folder:  # only its owner may enter it
        yield Path(folder)
