"""New that was given up because it could not be read, and can be read again: the next load of it destroys what it has.

What it had was signed for; what it was given since, by clients that never heard of old, was not.
"""

import hashlib
from collections.abc import Sequence

from switchback.domain.journal import Record
from switchback.domain.model import Side
from switchback.settings import Environment
from switchback.steps import postgres
from switchback.steps.postgres.sites import BackAgain
from switchback.steps.recovery.continuity import AnotherNew, refuse_another_new
from switchback.systems.postgres import connection, facts, pipeline, tables


def back_again(environment: Environment, cutover: Sequence[Record], given_up: Sequence[str]) -> dict[str, BackAgain]:
    """What is in those databases that are the ones users wrote to, where it is not what old has."""
    sites = postgres.recorded(cutover)
    recorded = {one.database: one for one in sites.new if one.database in environment.databases}

    def known(name: str) -> None:
        with pipeline.session(environment, Side.NEW, name) as session:
            refuse_another_new(recorded[name], facts.read(session))

    names = [name for name in recorded if name in given_up]
    lost = postgres.silent(names, known, also=AnotherNew).databases
    there = environment.only([name for name in names if name not in lost])
    found = postgres.RowsWaiting(there, sites).look().databases if there.databases else {}
    rows = {name: sum(one.upserts + one.deletes for one in waiting) for name, waiting in found.items()}
    return {name: BackAgain(rows=count, content=_content(environment, name)) for name, count in rows.items() if count}


def _content(environment: Environment, name: str) -> str:
    with pipeline.session(environment, Side.NEW, name) as session, connection.holding_still(session):
        held = [(key, tables.sums(session, table)) for key, table in sorted(tables.listed(session).items())]
    return hashlib.sha256(repr(held).encode()).hexdigest()
