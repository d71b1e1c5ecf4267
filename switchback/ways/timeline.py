"""The post-mortem's timeline, from a journal alone: the same journal always gives the same text."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import cast

from switchback.domain import rendering
from switchback.domain.journal import Json, Kind, Record
from switchback.rollback import records
from switchback.steps import recovery

WIDTH = len("+1234.5 s")


def timeline(told: Sequence[Record]) -> str:
    """One line per record: when (UTC), how long after the first, and what; then the chain's last hash."""
    if not told:
        return "The journal is empty.\n"
    lines = [_line(record, told[0]) for record in told]
    return "\n".join([*lines, f"{len(told)} records; the last one's hash is {told[-1].hash}.", ""])


def rows(told: Sequence[Record]) -> list[dict[str, str]]:
    """The same as a table: a row per record."""
    columns = ("at (UTC)", "after", "what")
    return [dict(zip(columns, (*_times(record, told[0]), words(record)), strict=True)) for record in told]


def brought_home(told: Sequence[Record]) -> list[dict[str, str | int]]:
    """What came home and what was left on new, a row per database; empty where nothing was brought home."""
    kept = records.observed(told, recovery.BringHome.name)
    if kept is None:
        return []
    return [
        {"database": name, "came home": home.rows, "left on new": sum(one.upserts + one.deletes for one in home.left)}
        for name, home in records.as_facts(recovery.HomeSeen, kept.data["seen"]).databases.items()
    ]


def _line(record: Record, first: Record) -> str:
    at, after = _times(record, first)
    return f"{at}Z  {after.rjust(WIDTH)}  {words(record)}"


def _times(record: Record, first: Record) -> tuple[str, str]:
    at, began = (datetime.fromisoformat(one.at) for one in (record, first))
    return f"{at:%Y-%m-%d %H:%M:%S.%f}"[:-3], f"+{(at - began).total_seconds():.1f} s"


def words(record: Record) -> str:
    """What a record says, in one line."""
    return " ".join(part for part in _words(record.kind, record.step, record.data) if part)


def _words(kind: Kind, step: str, data: Mapping[str, Json]) -> Iterator[str]:
    match kind:
        case Kind.OPENED:
            yield f"{data['requested_by']} asks for {data['way']} in {data['environment']}: {data['incident']}"
        case Kind.PLANNED:
            yield f"plan {_short(data)}: {_changes(data)}"
        case Kind.INTENT:
            yield f"{step}: begins, {_changes(data)}"
        case Kind.OBSERVED:
            yield f"{step}: {'done' if data['changed'] else 'holds'}"
        case Kind.GIVEN_UP:
            names = ", ".join(cast("Sequence[str]", data["databases"]))
            yield f"{data['name']} signs for all that was written in {names} on new: {data['reason']}"
        case Kind.STAYED:
            yield f"{step}: not undone: {data['why']}"
        case Kind.UNDOING:
            yield "from here on it is taken back"
        case Kind.UNDONE:
            yield f"{step}: undone"
        case Kind.CLOSED:
            yield f"ended: {data['outcome']}"
            yield f"({data['waiting_on_new']} rows wait on new)" if data.get("waiting_on_new") else ""
            yield f"({data['refused']})" if data.get("refused") else ""
            yield f"({data['given_up_by']} signs for all of new: {data['reason']})" if data.get("given_up_by") else ""
        case _:
            yield _answer(kind, data)


def _answer(kind: Kind, data: Mapping[str, Json]) -> str:
    """What people were asked and said."""
    if kind is Kind.WITHOUT_NEW:
        return f"new has died: {data['asked_by']} asks to go on without it"
    what = f"{data.get('subject', 'plan')} {_short(data)}"
    if kind is Kind.ASKED:
        return f"approval of {what} is asked for"
    if kind is Kind.REVIEWED:
        return f"review of {what}: {data['why']}"
    return f"{data['name']} ({data['role']}) votes {data['decision']} on {what}: {data['reason']}"


def _short(data: Mapping[str, Json]) -> str:
    return str(data["digest"])[: rendering.SHORT]


def _changes(data: Mapping[str, Json]) -> str:
    plan = cast("Mapping[str, Sequence[Json]]", data["plan"])
    count = len(plan["changes"])
    return f"{count} change{'' if count == 1 else 's'}"
