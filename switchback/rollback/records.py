"""What the records of an attempt say: who asked, for what, how it stands and how it ended."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TypeVar, cast

from pydantic import TypeAdapter

from switchback.domain.journal import Json, Kind, Record, parse
from switchback.systems.journal import Store

Facts = TypeVar("Facts")


class Way(StrEnum):
    """What an attempt is for."""

    CUTOVER = "cutover"
    PRE_CUTOVER_DESTROY = "pre-cutover-destroy"
    DNS_SWITCHBACK = "dns-switchback"
    EVALUATED_ROLLBACK = "evaluated-rollback"
    EMERGENCY_RESTORE = "emergency-restore"


class Option(StrEnum):
    """What becomes of the rows that users wrote on new."""

    RECOVER = "recover"  # they are reviewed and brought home
    ACCEPT_LOSS = "accept_loss"  # they stay behind, signed for; kept, and can be brought home later


class Outcome(StrEnum):
    """How an attempt ended."""

    DONE = "done"
    UNDONE = "undone"


@dataclass(frozen=True, kw_only=True)
class Request:
    """Who asked for which way back, and why."""

    way: Way
    environment: str
    incident: str
    requested_by: str
    option: Option = Option.RECOVER
    new_is_down: bool = False  #: a DNS switchback goes on without new, and brings its rows home when it answers
    lost: tuple[str, ...] = ()  #: databases of new that an emergency restore gives up, because they are lost too
    before: str = ""  #: an emergency restore takes a backup of before this instant: ISO 8601, UTC
    run: str = ""  #: the attempt's own id
    follows: str = ""  #: the finished attempt before: the cutover that a rollback answers, or the other way round


def read(store: Store, run: str) -> tuple[Record, ...]:
    """An attempt's records; raises NoJournal or JournalTampered."""
    content, known = store.read(run)
    return parse(run, content, known)


def request(records: Sequence[Record]) -> Request:
    """Who asked for the attempt that these records tell of, and for what by now."""
    asked = TypeAdapter(Request).validate_python(records[0].data)
    if last(records, Kind.WITHOUT_NEW) is None:
        return asked
    return replace(asked, way=Way.DNS_SWITCHBACK, option=Option.RECOVER, new_is_down=True)


def begun(records: Sequence[Record]) -> bool:
    """Whether a step of what was last asked for has begun: then the plan and the vote that it began with stand."""
    intent_, turned = last(records, Kind.INTENT), last(records, Kind.WITHOUT_NEW)
    return intent_ is not None and (turned is None or turned.seq < intent_.seq)


def going_back(records: Sequence[Record]) -> bool:
    """Whether an attempt is being undone, so that it is not carried on."""
    undoing = last(records, Kind.UNDOING)
    later = (last(records, kind) for kind in (Kind.STAYED, Kind.WITHOUT_NEW))
    return undoing is not None and all(one is None or one.seq < undoing.seq for one in later)


def outcome(records: Sequence[Record]) -> Outcome | None:
    """How the attempt ended, if it has."""
    closed = closing(records)
    return Outcome(str(closed["outcome"])) if closed else None


def closing(records: Sequence[Record]) -> Mapping[str, Json]:
    """What was written down when the attempt ended; empty while it has not."""
    last = records[-1] if records else None
    return last.data if last and last.kind is Kind.CLOSED else {}


def intent(records: Sequence[Record], step: str) -> Record | None:
    """The first intent of a step: it holds what was there before anything was changed."""
    return next((r for r in records if r.kind is Kind.INTENT and r.step == step), None)


def observed(records: Sequence[Record], step: str) -> Record | None:
    """What was last seen after a step or by a check."""
    return next((r for r in reversed(records) if r.kind is Kind.OBSERVED and r.step == step), None)


def undone(records: Sequence[Record], step: str) -> Record | None:
    """What was seen after a step had been taken back."""
    return next((r for r in reversed(records) if r.kind is Kind.UNDONE and r.step == step), None)


def last(records: Sequence[Record], kind: Kind) -> Record | None:
    """The latest record of a kind."""
    return next((r for r in reversed(records) if r.kind is kind), None)


def given_up(records: Sequence[Record]) -> tuple[str, ...]:
    """The databases of new that nobody waits for any more: somebody has signed for all that was written there."""
    lost = request(records).lost if records else ()
    signed = [record.data for record in records if record.kind is Kind.GIVEN_UP] + [closing(records)]
    return (*lost, *(name for one in signed for name in cast("Sequence[str]", one.get("databases", ()))))


def as_json(kind: type[Facts], facts: Facts) -> Json:
    """Facts as the journal keeps them."""
    return cast("Json", TypeAdapter(kind).dump_python(facts, mode="json"))


def as_facts(kind: type[Facts], value: Json) -> Facts:
    """What `as_json` made, typed again."""
    return TypeAdapter(kind).validate_python(value)
