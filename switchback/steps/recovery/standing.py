"""What the records and the shelf say of a finished or unfinished recovery: what is left on new, who signed for it."""

from collections.abc import Sequence
from dataclasses import replace

from switchback.domain.journal import Record
from switchback.domain.model import Side
from switchback.rollback import records
from switchback.rollback.records import as_facts, intent, observed, request
from switchback.settings import Environment
from switchback.steps import postgres
from switchback.steps.postgres import SitesSeen
from switchback.steps.recovery.bring import Apply, BroughtSeen
from switchback.steps.recovery.home import BringHome, HomeSeen
from switchback.steps.recovery.kept import Part
from switchback.systems import shelf
from switchback.systems.postgres.waiting import Waiting


def put_back(undone: Sequence[Sequence[Record]], sites: SitesSeen) -> SitesSeen:
    """The sites as the cutover recorded them; old as ways back, begun since and undone, have left it behind its fence.

    What they brought home and took away again is not what users changed on old. `undone`: the oldest first. Once one
    has opened old to users, or could not take all of it away, what changed from there on counts as theirs.
    """
    for own in undone:
        seen = _taken_away(own)
        if intent(own, f"unfence {Side.OLD}") or (
            seen and any(one.applied and one.rows for one in seen.databases.values())
        ):
            break
        if seen and seen.old:
            sites = replace(sites, old=seen.old)
    return sites


def _taken_away(own: Sequence[Record]) -> HomeSeen | BroughtSeen | None:
    """What was seen after an attempt had taken away from old what it had brought home."""
    if home := records.undone(own, BringHome.name):
        return as_facts(HomeSeen, home.data["seen"])
    applied = records.undone(own, Apply.name)
    return as_facts(BroughtSeen, applied.data["seen"]) if applied else None


def left_by(own: Sequence[Record]) -> dict[str, tuple[Waiting, ...]] | None:
    """The rows that an attempt left on new, by database; None when it has not brought anything home yet."""
    kept = observed(own, BringHome.name)
    if kept is None:
        return None
    return {name: home.left for name, home in as_facts(HomeSeen, kept.data["seen"]).databases.items() if home.left}


def signed(environment: Environment, told: Sequence[Record]) -> tuple[str, ...]:
    """The databases for whose rows left on new, by the attempt that `told` tells of, somebody has signed."""
    run, on = request(told).run, shelf.open_shelf(environment)
    counted = postgres.counted(told)
    names = counted.databases if counted else ()
    return tuple(name for name in names if Part.LOSS.last in on.names(f"{run}/{name}/{Part.LOSS}"))
