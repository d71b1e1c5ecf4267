"""What one side's database holds of the users' writes. Reads only, in one snapshot."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

import psycopg
from psycopg import IsolationLevel, sql
from psycopg.conninfo import conninfo_to_dict

from infra.local.databases import of
from switchback.domain.model import Side

ENTITIES = "select reference::text, operation_id::text from {}"
OPERATIONS = "select operation_id::text, count(*) from {} group by operation_id"


@dataclass(frozen=True, kw_only=True)
class Tracked:
    """The tables of a service in which its users' writes show."""

    service: str
    entities: str  #: one row an entity, naming its last operation
    children: str  #: one row for each insert or update while the entity lives
    events: str  #: one row for each operation, for ever; nothing keeps it unique

    def named(self, table: str) -> str:
        """The table with its database, as reports write it."""
        return f"{of(self.service).name}.{table}"


TRACKED = {
    "publisher": Tracked(service="publisher", entities="stories", children="revisions", events="publication_events"),
    "chain": Tracked(service="chain", entities="assets", children="transfers", events="chain_events"),
    "story-generator": Tracked(
        service="story-generator", entities="generations", children="Draft", events="generation_events"
    ),
}


@dataclass(frozen=True, kw_only=True)
class Holdings:
    """The rows that tell; nothing at all where the tables do not exist yet."""

    entities: dict[str, str] = field(default_factory=dict)  #: reference -> last operation
    children: Counter[str] = field(default_factory=Counter)  #: operation -> rows
    events: Counter[str] = field(default_factory=Counter)  #: operation -> rows

    def twice(self, operation: str) -> bool:
        """Whether the operation took effect more than once."""
        return self.events[operation] > 1 or self.children[operation] > 1


def look(conninfo: Callable[[Side, str], str], side: Side, service: str) -> Holdings:
    """What the side holds for the service; raises psycopg.Error when it cannot be read."""
    tables = TRACKED[service]
    place = conninfo(side, of(service).name)
    if side is Side.NEW and not _is_there(conninfo(side, "postgres"), place):
        return Holdings()
    with psycopg.connect(place) as connection:
        connection.isolation_level = IsolationLevel.REPEATABLE_READ
        connection.read_only = True
        there = connection.execute("select to_regclass(%s) is not null", [tables.events]).fetchone()
        if there == (False,):
            return Holdings()
        rows = [
            connection.execute(sql.SQL(statement).format(sql.Identifier(table))).fetchall()
            for statement, table in (
                (ENTITIES, tables.entities),
                (OPERATIONS, tables.children),
                (OPERATIONS, tables.events),
            )
        ]
    return Holdings(entities=dict(rows[0]), children=Counter(dict(rows[1])), events=Counter(dict(rows[2])))


def _is_there(server: str, place: str) -> bool:
    """New may have been destroyed, and its databases with it."""
    database = conninfo_to_dict(place)["dbname"]
    with psycopg.connect(server) as connection:
        found = connection.execute("select true from pg_database where datname = %s", [database]).fetchone()
    return found is not None
