"""New that was given up because it could not be read, and can be read again: the next load of it destroys what it has.

What it had was signed for; what it was given since, by clients that never heard of old, was not.
"""

from collections.abc import Sequence

from switchback.domain.journal import Record
from switchback.domain.model import Side
from switchback.settings import Environment
from switchback.steps import postgres
from switchback.steps.recovery.continuity import AnotherNew, refuse_another_new
from switchback.systems.postgres import facts, pipeline


def back_again(environment: Environment, cutover: Sequence[Record], given_up: Sequence[str]) -> dict[str, int]:
    """How many rows only new has, or old alone any more, in those databases that are the ones users wrote to."""
    sites = postgres.recorded(cutover)
    recorded = {one.database: one for one in sites.new if one.database in environment.databases}

    def known(name: str) -> None:
        with pipeline.session(environment, Side.NEW, name) as session:
            refuse_another_new(recorded[name], facts.read(session))

    names = [name for name in recorded if name in given_up]
    lost = postgres.silent(names, known, also=AnotherNew).databases
    there = environment.only([name for name in names if name not in lost])
    found = postgres.RowsWaiting(there, sites).look().databases if there.databases else {}
    rows = {name: sum(one.upserts + one.deletes for one in tables) for name, tables in found.items()}
    return {name: count for name, count in rows.items() if count}
