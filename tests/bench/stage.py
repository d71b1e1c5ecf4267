"""Two throw-away clusters with one large table on each side, old's ready to be made anew before every measurement.

Autovacuum is off and the tables are vacuumed beforehand, so that no measurement meets it by chance.
"""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

import psycopg
from psycopg import sql

from infra.local import postgres
from infra.local.layout import Layout
from infra.local.secrets import SUPERUSER
from switchback.domain.model import Side
from tests import vanishing

NETWORK = "127.66"
SETTINGS = "shared_buffers = 512MB\nmax_wal_size = 8GB\nautovacuum = off\n"
TABLE = """
create table bench (id bigint primary key, tenant integer not null, email text not null, amount numeric(12,2) not null,
  payload jsonb not null, created_at timestamptz not null, updated_at timestamptz not null, note text)
"""
INDEXES = ("create index on bench (tenant, created_at)", "create index on bench (email)")
FILL = """
insert into bench
select i, i % 5000, 'user-' || i || '@example.org', (i % 1000000) / 100.0,
  jsonb_build_object('kind', 'k' || i % 7, 'number', i, 'tags', jsonb_build_array('a', 'b', i % 13)),
  {at} + i * interval '1 millisecond', {at} + i * interval '1 millisecond', repeat(md5(i::text), 2)
from generate_series({first}::bigint, {last}) i
"""
TOUCH = "update bench set amount = amount + 1, note = 'touched', updated_at = clock_timestamp() where id % 5 = 0"


@dataclass(frozen=True, kw_only=True)
class Load:
    """How much there is, and what happened to it on new after the cutover."""

    rows: int  #: of new in the end
    written: int  #: of those, inserted after the cutover
    touched: bool = False  #: and a fifth of all rows updated


class Stage:
    """The running clusters."""

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self.cutover = datetime.now(UTC)
        self.snapshot = ""

    def dsn(self, side: Side, database: str = "bench") -> str:
        """How to connect, as a superuser."""
        return postgres.conninfo(self._layout, side, database=database, role=SUPERUSER)

    def fill(self, load: Load) -> None:
        """The same rows on both sides, then the cutover, then what new alone was given."""
        for side, name in ((Side.OLD, "seed"), (Side.NEW, "bench")):
            self._run(side, "postgres", f"drop database if exists {name} with (force)", f"create database {name}")
            past = sql.SQL("timestamptz '2025-01-01'")
            self._run(side, name, TABLE, _rows(past, 1, load.rows - load.written), *INDEXES, "vacuum (freeze, analyze)")
        with closing(psycopg.connect(self.dsn(Side.NEW), autocommit=True)) as link:
            row = link.execute("select pg_current_snapshot()::text, clock_timestamp()").fetchone()
            assert row is not None
            self.snapshot, self.cutover = row[0], row[1].astimezone(UTC)
        since = sql.Literal(self.cutover)
        self._run(Side.NEW, "bench", _rows(since, load.rows - load.written + 1, load.rows))
        self._run(Side.NEW, "bench", *([TOUCH] if load.touched else []), "vacuum analyze", "checkpoint")

    def renew(self) -> None:
        """Old as it was at the cutover."""
        fresh = "create database bench template seed strategy file_copy"
        self._run(Side.OLD, "postgres", "drop database if exists bench with (force)", fresh, "checkpoint")

    def _run(self, side: Side, database: str, *statements: str | sql.Composable) -> None:
        with closing(psycopg.connect(self.dsn(side, database), autocommit=True)) as link:
            for statement in statements:
                link.execute(statement.encode() if isinstance(statement, str) else statement)


@contextmanager
def running() -> Iterator[Stage]:
    """Both clusters, in a folder that vanishes with them."""
    with vanishing.clusters(NETWORK, SETTINGS) as layout:
        yield Stage(layout)


def _rows(at: sql.Composable, first: int, last: int) -> sql.Composed:
    return sql.SQL(FILL).format(at=at, first=sql.Literal(first), last=sql.Literal(last))
