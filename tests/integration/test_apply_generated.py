"""Applying over generated schemas: after a whole recovery old is new to the byte, after undo it is what it was."""

import csv
import random
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import psycopg
import pytest

from switchback.domain.model import Side
from switchback.recovery import capture, recover, undo
from switchback.recovery.apply import errors
from tests import exactly
from tests.fix_postgres import LocalDatabase
from tests.generated import Generator, make
from tests.twins import Twins, twins

Clone = Callable[..., LocalDatabase]


def lived(clone: Clone, seed: int, *, changes: int = 200) -> Twins:
    """Twins of a random schema, owned by the application's role, of which new has gone on."""
    pair = twins(clone)
    generator = Generator(seed)
    statements = [*generator.schema(), *generator.rows(150), "analyze"]
    for database in (pair.old, pair.new):
        with closing(psycopg.connect(database.conninfo("postgres"), autocommit=True)) as link:
            link.execute(f"grant all on schema public to {database.owner}".encode())
        with closing(psycopg.connect(database.conninfo(database.owner))) as link:
            assert make(link, iter(statements)) > len(statements) / 4
            link.commit()
    pair.everywhere("select 1")
    with closing(psycopg.connect(pair.new.conninfo(pair.new.owner))) as link:
        make(link, generator.changes(changes))
        link.commit()
    return pair


@pytest.mark.parametrize("role", ["postgres", "psqladmin"])
@pytest.mark.parametrize("seed", [11, 12, 13])
def test_a_whole_recovery_ends_equal_and_undo_puts_it_back(clone: Clone, tmp_path: Path, seed: int, role: str) -> None:
    """Random tables, keys, types, cycles and changes."""
    pair = lived(clone, seed)
    looks = [side.conninfo("postgres") for side in (pair.old, pair.new)]
    before, made_so = exactly.contents(looks[0]), exactly.making(looks[0])
    request = capture.Request(cutover=pair.cutover, cutover_snapshot=pair.snapshots[Side.NEW])
    outcome = recover.run(pair.old.conninfo(role), pair.new.conninfo(role), tmp_path / "b", request, "all")
    assert outcome.report.equal
    assert outcome.applied.rows > 0
    assert exactly.contents(looks[0]) == exactly.contents(looks[1])
    assert exactly.making(looks[0]) == made_so
    undo.undo(pair.old.conninfo(role), tmp_path / "b")
    assert exactly.contents(looks[0]) == before
    assert exactly.making(looks[0]) == made_so


@pytest.mark.parametrize(("seed", "role"), [(21, "postgres"), (22, "psqladmin"), (23, "postgres"), (24, "psqladmin")])
def test_any_choice_of_rows_is_applied_whole_or_refused_whole(
    clone: Clone, tmp_path: Path, seed: int, role: str
) -> None:
    """Half of the rows skipped at random: the proof holds, or a rule of the schema breaks and nothing changed."""
    pair = lived(clone, seed, changes=60)
    look = pair.old.conninfo("postgres")
    before = exactly.contents(look)
    found = pair.capture(tmp_path / "b")
    chance = random.Random(seed)  # noqa: S311 - a choice for a test
    for note in found.manifest.tables:
        if note.file:
            skip_some(tmp_path / "b" / note.file, chance)
    recover.reviewed_bundle(tmp_path / "b", "all")
    try:
        recover.apply(pair.old.conninfo(role), tmp_path / "b")
    except errors.RowsDoNotFit:
        assert exactly.contents(look) == before
        return
    assert_no_orphans(look)
    assert recover.prove(pair.old.conninfo(), pair.new.conninfo(), tmp_path / "b").proven
    undo.undo(pair.old.conninfo(role), tmp_path / "b")
    assert exactly.contents(look) == before


def assert_no_orphans(conninfo: str) -> None:
    """Every foreign key could be made again."""
    with closing(psycopg.connect(conninfo)) as link:
        keys = "select conrelid::regclass::text, pg_get_constraintdef(oid) from pg_constraint where contype = 'f'"
        for table, definition in link.execute(keys + " and conparentid = 0").fetchall():
            link.execute(f"alter table {table} add {definition}".encode())


def skip_some(path: Path, chance: random.Random) -> None:
    """Decide `skip` for half of a file's rows."""
    with path.open(encoding="utf-8", newline="") as file:
        lines = list(csv.reader(file))
    for line in lines[1:]:
        line[1] = chance.choice(("apply", "skip"))
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, quoting=csv.QUOTE_ALL).writerows(lines)
