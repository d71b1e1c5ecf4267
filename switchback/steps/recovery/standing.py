"""What the records and the shelf say of a finished or unfinished recovery: what is left on new, who signed for it."""

from collections.abc import Sequence
from dataclasses import replace

from switchback.domain.journal import Record
from switchback.domain.model import Side
from switchback.rollback import records
from switchback.rollback.records import Way, as_facts, intent, observed, request
from switchback.settings import Environment
from switchback.steps import postgres
from switchback.steps.postgres import AccessSeen, SitesSeen
from switchback.steps.recovery.bring import Apply, BroughtSeen
from switchback.steps.recovery.continuity import found_again, opened_as
from switchback.steps.recovery.ground import opened_behind_fences
from switchback.steps.recovery.home import BringHome, HomeSeen
from switchback.steps.recovery.kept import Part
from switchback.systems import shelf
from switchback.systems.postgres.waiting import Waiting

UNFENCE = f"unfence {Side.OLD}"


def put_back(undone: Sequence[Sequence[Record]], sites: SitesSeen) -> SitesSeen:
    """From where to tell what each side has written since, after ways back that were begun and undone.

    `sites`: as the cutover recorded them; `undone`: the oldest first. Behind its fences an attempt takes away again
    what it brought home, so old is as it left it. Once it has opened old, all of it stays there: both sites were the
    same then, and what each was told since, deletes of rows that had come home among it, is its own.
    """
    opened = False
    for own in undone:
        seen, sites = _taken_away(own), found_again(sites, own)
        if intent(own, UNFENCE):
            opened, sites = True, _at_opening(own, sites)
        elif _stays(own) or (seen and any(one.applied and one.rows for one in seen.databases.values())):
            opened = True
        elif seen and seen.old and not opened:
            sites = replace(sites, old=seen.old)
        if reopened := records.undone(own, f"fence {Side.NEW}"):
            sites = opened_as(sites, reopened)
    return sites


def _at_opening(own: Sequence[Record], sites: SitesSeen) -> SitesSeen:
    """Both sites behind their fences, just before old was opened; `sites` where they were not the same then."""
    fence, unfence = observed(own, f"fence {Side.NEW}"), intent(own, UNFENCE)
    if fence is None or unfence is None or not opened_behind_fences(own) or not _all_home(own):
        return sites
    new = as_facts(AccessSeen, fence.data["seen"]).snapshot
    old = as_facts(AccessSeen, unfence.data["before"]).snapshot
    return SitesSeen(
        old=tuple(replace(one, snapshot=old) for one in sites.old),
        new=tuple(replace(one, snapshot=new) for one in sites.new),
    )


def _all_home(own: Sequence[Record]) -> bool:
    """Whether an attempt left no row of new behind, not even one that somebody had signed for."""
    if home := observed(own, BringHome.name):
        return not any(one.left for one in as_facts(HomeSeen, home.data["seen"]).databases.values())
    brought = observed(own, Apply.name)
    return brought is not None and not any(
        one.skipped for one in as_facts(BroughtSeen, brought.data["seen"]).databases.values()
    )


def _taken_away(own: Sequence[Record]) -> HomeSeen | BroughtSeen | None:
    """What was seen after an attempt had taken away from old what it had brought home.

    None of an emergency restore: the former old has its place again, and was never touched.
    """
    if request(own).way is Way.EMERGENCY_RESTORE or _stays(own):
        return None
    if home := records.undone(own, BringHome.name):
        return as_facts(HomeSeen, home.data["seen"])
    applied = records.undone(own, Apply.name)
    return as_facts(BroughtSeen, applied.data["seen"]) if applied else None


def _stays(own: Sequence[Record]) -> bool:
    """Whether old did not answer when what had come home was to be taken away from it again."""
    undone = (records.undone(own, name) for name in (BringHome.name, Apply.name))
    return any(one and one.data["seen"] is None for one in undone)


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
