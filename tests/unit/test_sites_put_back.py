"""From where a way back tells what each side has written, after others that were begun and undone."""

from collections.abc import Mapping
from dataclasses import asdict

import pytest

from switchback.domain.journal import Json, Kind, Record, next_record
from switchback.domain.model import Side
from switchback.rollback.records import Request, Way, as_json
from switchback.steps.postgres import AccessSeen, SitesSeen
from switchback.steps.recovery.home import BringHome, Home, HomeSeen
from switchback.steps.recovery.standing import put_back
from switchback.systems.postgres.access import FenceState
from switchback.systems.postgres.facts import DatabaseFacts
from switchback.systems.postgres.waiting import Waiting

CUTOVER, FENCED, OPENED = "100:100:", "200:200:", "210:210:"
LEFT = Waiting(schema="public", table="t", upserts=1, deletes=0, undecided=0)


def stands(snapshot: str) -> DatabaseFacts:
    """A database of one side."""
    return DatabaseFacts(
        database="app",
        server_version=160000,
        system_identifier="1",
        timeline=1,
        lsn="0/0",
        snapshot=snapshot,
        sequences=(),
        tables=1,
    )


def undone(home: Home) -> tuple[Record, ...]:
    """A DNS switchback that had opened old, and was taken back then: what came home stayed there."""
    told: tuple[Record, ...] = ()

    def write(kind: Kind, step: str, data: Mapping[str, Json]) -> None:
        nonlocal told
        told = (*told, next_record(told, at="2026-01-01T00:00:00+00:00", kind=kind, step=step, data=data))

    def at(snapshot: str) -> Json:
        return as_json(AccessSeen, AccessSeen(state=FenceState(), shut=True, lsn="", snapshot=snapshot))

    nothing = as_json(HomeSeen, HomeSeen(databases={}))
    asked = Request(way=Way.DNS_SWITCHBACK, environment="e", incident="i", requested_by="p")
    write(Kind.OPENED, "", asdict(asked))
    write(Kind.INTENT, f"fence {Side.NEW}", {"before": at("1:1:")})
    write(Kind.OBSERVED, f"fence {Side.NEW}", {"seen": at(FENCED)})
    write(Kind.INTENT, BringHome.name, {"before": nothing})
    write(Kind.OBSERVED, BringHome.name, {"seen": as_json(HomeSeen, HomeSeen(databases={"app": home}))})
    write(Kind.INTENT, f"unfence {Side.OLD}", {"before": at(OPENED)})
    write(Kind.UNDONE, f"unfence {Side.OLD}", {"seen": None})
    write(Kind.UNDONE, BringHome.name, {"seen": nothing})
    return told


@pytest.mark.parametrize(
    ("left", "kept", "since", "stayed"), [((), 0, OPENED, False), ((LEFT,), 0, CUTOVER, True), ((), 1, CUTOVER, True)]
)
def test_sites_that_were_not_the_same_are_told_apart_from_the_cutover(
    left: tuple[Waiting, ...], kept: int, since: str, *, stayed: bool
) -> None:
    """A row that only old has, kept there, is no row that users of new deleted: the next way back would delete it."""
    sites = SitesSeen(old=(stands(CUTOVER),), new=(stands(CUTOVER),))
    home = Home(recovery="r", digest="d", applied=True, rows=3, left=left, kept=kept)
    found = put_back([undone(home)], sites)
    assert (found.old[0].snapshot, found.stayed) == (since, stayed)
