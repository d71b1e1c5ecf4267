"""A small bundle with every operation, the command that works on it, and the edits that people make."""

import csv
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from flows.recover import app
from switchback.domain.model import Side
from tests import exactly
from tests.fix_postgres import Clusters, LocalDatabase
from tests.twins import Twins, run, twins

Clone = Callable[..., LocalDatabase]
Change = Callable[[list[list[str]]], object]
SETUP = """
create table account (id int primary key, email varchar(20) not null unique, code text, big numeric, born date,
  seen timestamptz, ok bool, prefs jsonb, price numeric(6,2), parent int references account);
insert into account select i, 'a' || i, '007', 123456789012345678901, date '2000-01-01' + i, '2020-01-01T00:00:00Z',
  true, '{}', 1.50, null from generate_series(1, 6) i;
create table log (v text, n int);
insert into log select 'x', i % 2 from generate_series(1, 6) i;
"""
CHANGES = """
insert into account values (10, 'new', '0042', 100000000000000000000, '2001-02-03', '2021-01-01T10:20:30.5Z',
  false, '{"a": 1}', 2.50, 1), (11, '', null, null, null, null, null, null, null, 10);
update account set email = 'renamed', code = '=1+1', price = 9.90 where id = 2;
update account set code = null where id = 3;
delete from account where id = 4;
insert into log values ('y', null);
delete from log where ctid = (select ctid from log where n = 1 limit 1);
"""


@dataclass(frozen=True, kw_only=True)
class Captured:
    """Twins with a bundle of what new has written."""

    pair: Twins
    folder: Path

    @property
    def old(self) -> str:
        """Old's connection string."""
        return self.pair.old.conninfo()

    @property
    def new(self) -> str:
        """New's connection string."""
        return self.pair.new.conninfo()

    def file(self, table: str) -> Path:
        """The CSV of a table."""
        return next(self.folder.glob(f"*-public.{table}.csv"))

    def sides(self) -> list[object]:
        """What both databases hold."""
        return [exactly.contents(side.conninfo("postgres")) for side in (self.pair.old, self.pair.new)]


def command(*words: str | Path) -> Result:
    """Run `switchback recover` in this process."""
    return CliRunner().invoke(app, [str(word) for word in words])


def capture(pair: Twins, folder: Path) -> Captured:
    """A bundle by the command."""
    options = (
        "--cutover",
        pair.cutover.isoformat(),
        "--cutover-snapshot",
        pair.snapshots[Side.NEW],
        "--bundle",
        folder,
    )
    ended = command("capture", "--old", pair.old.conninfo(), "--new", pair.new.conninfo(), *options)
    assert ended.exit_code == 0, ended.output
    return Captured(pair=pair, folder=folder)


@pytest.fixture
def captured(clone: Clone, tmp_path: Path) -> Captured:
    """A small bundle with every operation, with and without a key."""
    pair = twins(clone)
    pair.everywhere(SETUP)
    run(pair.new, CHANGES)
    return capture(pair, tmp_path / "bundle")


@pytest.fixture(scope="module")
def shelf(clusters: Clusters, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Captured]:
    """The same, shared by tests that change nothing in either database, which is held to; each copies the bundle."""
    made = [clusters.clone(side, empty=True) for side in (Side.OLD, Side.NEW)]
    pair = Twins(old=made[0], new=made[1])
    pair.everywhere(SETUP)
    run(pair.new, CHANGES)
    taken = capture(pair, tmp_path_factory.mktemp("shelf") / "bundle")
    before = taken.sides()
    yield taken
    assert taken.sides() == before
    for database in made:
        clusters.drop(database)


def edit(path: Path, change: Change) -> None:
    """Rewrite a CSV the way a careful program would."""
    with path.open(encoding="utf-8", newline="") as file:
        lines = list(csv.reader(file))
    change(lines)
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(lines)


def cell(column: str, before: str, after: str) -> Change:
    """An edit: the first cell of that column which reads `before` becomes `after`."""

    def change(lines: list[list[str]]) -> None:
        place = lines[0].index(column)
        next(line for line in lines[1:] if line[place] == before)[place] = after

    return change


def decide(operation: str, decision: str) -> Change:
    """An edit: all rows of an operation are decided so."""

    def change(lines: list[list[str]]) -> None:
        for line in lines[1:]:
            line[1] = decision if line[0] == operation else line[1]

    return change
