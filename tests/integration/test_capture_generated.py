"""Capture over generated schemas: old's rows and the bundle together are new's rows, exactly.

And what people approve is what comes home: what is counted as waiting on new is what is exported.
"""

from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import psycopg
import pytest

from switchback.recovery import buckets, bundle, find
from switchback.recovery.capture import keyed
from switchback.systems.postgres import facts, waiting
from tests import oracle
from tests.fix_pipeline import Session
from tests.fix_postgres import LocalDatabase
from tests.generated import Generator, make
from tests.twins import twins


@pytest.fixture(autouse=True)
def few_take_the_ways_of_many(monkeypatch: pytest.MonkeyPatch) -> None:
    """The limits lowered."""
    monkeypatch.setattr(find, "SMALL", 8)
    monkeypatch.setattr(keyed, "CHUNK", 5)
    monkeypatch.setattr(buckets, "ROWS_PER_BUCKET", 2)


@pytest.mark.parametrize("by", [bundle.Method.SNAPSHOT, bundle.Method.DIFF])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_old_and_the_bundle_make_new(
    clone: Callable[..., LocalDatabase],
    pipeline: Session,
    tmp_path: Path,
    seed: int,
    by: bundle.Method,
) -> None:
    """Random tables, keys, types and changes."""
    pair = twins(clone)
    generator = Generator(seed)
    statements = [*generator.schema(), *generator.rows(150), "analyze"]
    for database in (pair.old, pair.new):
        with closing(psycopg.connect(database.conninfo())) as link:
            assert make(link, iter(statements)) > len(statements) / 4
            link.commit()
    pair.everywhere("select 1")
    old, new = pipeline(pair.old), pipeline(pair.new)
    at_old, at_new = facts.read(old), facts.read(new)
    with closing(psycopg.connect(pair.new.conninfo())) as link:
        make(link, generator.changes(200))
        link.commit()
    found = pair.capture(tmp_path / "b", method=by)
    assert found.manifest.changes > 0
    for note in found.manifest.tables:
        expected = oracle.rows(pair.new.conninfo(), note)
        assert oracle.applied(oracle.rows(pair.old.conninfo(), note), found, note) == expected, note.name
    exported = {note.name: (note.inserts + note.updates, note.deletes) for note in found.manifest.tables}
    waiting_ = {one.table: (one.upserts, one.deletes) for one in waiting.waiting(old, new, at_new, at_old)}
    assert waiting_ == {name: rows for name, rows in exported.items() if any(rows)}
