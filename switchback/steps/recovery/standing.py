"""What the records and the shelf say of a finished or unfinished recovery: what is left on new, who signed for it."""

import json
from collections.abc import Sequence
from dataclasses import asdict, replace

from switchback.domain.journal import Record
from switchback.domain.model import Side
from switchback.rollback import records
from switchback.rollback.records import Way, as_facts, intent, observed, request
from switchback.settings import Environment
from switchback.steps import postgres
from switchback.steps.postgres import AccessSeen, SitesSeen
from switchback.steps.recovery.bring import Apply, Brought, BroughtSeen
from switchback.steps.recovery.continuity import found_again, opened_as
from switchback.steps.recovery.ground import opened_behind_fences, workshop
from switchback.steps.recovery.home import BringHome, Home, HomeSeen
from switchback.steps.recovery.kept import LEFT, Part
from switchback.systems import shelf
from switchback.systems.postgres.waiting import Waiting

UNFENCE = f"unfence {Side.OLD}"


def put_back(undone: Sequence[Sequence[Record]], sites: SitesSeen) -> SitesSeen:
    """From where to tell what each side has written since, after ways back that were begun and undone.

    `sites`: as the cutover recorded them; `undone`: the oldest first. Behind its fences an attempt takes away again
    what it brought home, so old is as it left it. Once it has opened old, all of it stays there: both sites were the
    same then, and what each was told since, deletes of rows that had come home among it, is its own. Where they stay
    and the sites were not the same, a row that only old has may have been deleted on new since: nothing tells.
    """
    opened = False
    for own in undone:
        seen, sites = _taken_away(own), found_again(sites, own)
        if intent(own, UNFENCE):
            opened, sites = True, _at_opening(own, sites)
        elif _stays(own) or (seen and any(one.applied and one.rows for one in seen.databases.values())):
            opened, sites = True, replace(sites, stayed=True)
        elif seen and seen.old and not opened:
            sites = replace(sites, old=seen.old)
        if reopened := records.undone(own, f"fence {Side.NEW}"):
            sites = opened_as(sites, reopened)
    return sites


def _at_opening(own: Sequence[Record], sites: SitesSeen) -> SitesSeen:
    """Both sites behind their fences, just before old was opened; `sites` where they were not the same then."""
    fence, unfence = observed(own, f"fence {Side.NEW}"), intent(own, UNFENCE)
    if fence is None or unfence is None or not opened_behind_fences(own) or not _all_home(own):
        return replace(sites, stayed=sites.stayed or _came_home(own))
    new = as_facts(AccessSeen, fence.data["seen"]).snapshot
    old = as_facts(AccessSeen, unfence.data["before"]).snapshot
    return SitesSeen(
        old=tuple(replace(one, snapshot=old) for one in sites.old),
        new=tuple(replace(one, snapshot=new) for one in sites.new),
    )


def _all_home(own: Sequence[Record]) -> bool:
    """Whether an attempt made old as new: it left no row behind or on old, and edited none, not even signed for."""
    if home := observed(own, BringHome.name):
        return not any(one.left or one.kept for one in as_facts(HomeSeen, home.data["seen"]).databases.values())
    brought = observed(own, Apply.name)
    return brought is not None and not any(
        one.skipped or one.edited for one in as_facts(BroughtSeen, brought.data["seen"]).databases.values()
    )


def _came_home(own: Sequence[Record]) -> bool:
    """Whether an attempt brought any row of new home."""
    home, brought = observed(own, BringHome.name), observed(own, Apply.name)
    unasked = as_facts(HomeSeen, home.data["seen"]).databases if home else {}
    reviewed = as_facts(BroughtSeen, brought.data["seen"]).databases if brought else {}
    found: list[Home | Brought] = [*unasked.values(), *reviewed.values()]
    return any(one.applied and one.rows for one in found)


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
    """Whether what had come home was not taken away from old again: it did not answer, or the runbook had changed."""
    begun = [name for name in (BringHome.name, Apply.name) if intent(own, name)]
    undone = (records.undone(own, name) for name in begun)
    return any(one is None or one.data["seen"] is None for one in undone)


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
    left = counted.databases.items() if counted else ()
    return tuple(name for name, tables in left if _signed_for(on, f"{run}/{name}/{Part.LOSS}", tables))


def _signed_for(on: shelf.Shelf, place: str, left: Sequence[Waiting]) -> bool:
    """Whether the signature that is kept there is for exactly these rows: another one is for others."""
    with workshop() as folder:
        listed = folder / LEFT
        if Part.LOSS.last not in on.names(place) or not on.get(f"{place}/{LEFT}", listed):
            return False
        return bool(json.loads(listed.read_text(encoding="utf-8")) == [asdict(table) for table in left])
