"""Databases that are not in UTF-8 come home too, also into one of another encoding."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psycopg
import pytest

from switchback.domain.model import Side
from switchback.recovery import capture, recover
from switchback.recovery.apply import errors
from tests.fix_postgres import Clusters

SETUP = """
create table t (id int primary key, v text);
insert into t select i, 'é' || i from generate_series(1, 9) i;
create table loose (v text);
insert into loose select 'é' || i % 3 from generate_series(1, 9) i
"""
CHANGES = "update t set v = 'ü' where id < 3; insert into loose values ('é1'), ('ö'); delete from loose where v = 'é2'"
NAME = "encoded"


def run(dsn: str, script: str) -> list[tuple[str, ...]]:
    """A script's last rows."""
    with closing(psycopg.connect(dsn, autocommit=True, client_encoding="UTF8")) as link:
        cursor = link.execute(script.encode())
        return cursor.fetchall() if cursor.description else []


@pytest.fixture
def dsns(clusters: Clusters, request: pytest.FixtureRequest) -> Iterator[dict[Side, str]]:
    """Old in LATIN1, new in the encoding asked for."""
    for side, encoding in ((Side.OLD, "LATIN1"), (Side.NEW, request.param)):
        made = f"create database {NAME} template template0 encoding '{encoding}' locale 'C'"
        run(clusters.conninfo(side, role="postgres"), made)
    yield {side: clusters.conninfo(side, NAME, "postgres") for side in Side}
    for side in Side:
        run(clusters.conninfo(side, role="postgres"), f"drop database {NAME} with (force)")


@pytest.mark.parametrize("dsns", ["LATIN1", "UTF8"], indirect=True)
def test_old_ends_equal_whatever_the_encodings(dsns: dict[Side, str], tmp_path: Path) -> None:
    """Hashes of bytes are not compared where the same text has other bytes."""
    for dsn in dsns.values():
        run(dsn, SETUP)
    [(now,)] = run(dsns[Side.NEW], "select clock_timestamp()")
    run(dsns[Side.NEW], CHANGES)
    outcome = recover.run(dsns[Side.OLD], dsns[Side.NEW], tmp_path / "b", capture.Request(cutover=now), "all")
    assert outcome.report.equal
    asked = "select v from t union all select v from loose order by 1"
    assert run(dsns[Side.OLD], asked) == run(dsns[Side.NEW], asked)


@pytest.mark.parametrize("change", ["insert into t values (99, '€')", "update t set v = '€' where id = 1"])
@pytest.mark.parametrize("dsns", ["UTF8"], indirect=True)
def test_what_olds_encoding_lacks_is_named_by_its_file(dsns: dict[Side, str], tmp_path: Path, change: str) -> None:
    """Nobody has to read the server's log; by a stage, and where rows would go without one."""
    for dsn in dsns.values():
        run(dsn, SETUP)
    [(now,)] = run(dsns[Side.NEW], "select clock_timestamp()")
    run(dsns[Side.NEW], change)
    with pytest.raises(errors.TextNotTaken, match=r"0001-public\.t\.csv"):
        recover.run(dsns[Side.OLD], dsns[Side.NEW], tmp_path / "b", capture.Request(cutover=now), "all")
    assert run(dsns[Side.OLD], "select count(*) from t") == [(9,)]


@pytest.mark.parametrize("dsns", ["UTF8"], indirect=True)
def test_a_database_that_reads_null_as_text_is_read_as_any_other(dsns: dict[Side, str], tmp_path: Path) -> None:
    """array_nulls is off on old: an element that is NULL stays one."""
    for dsn in dsns.values():
        run(dsn, "create table a (id int primary key, v text[]); insert into a values (1, array[null, 'x'])")
    run(dsns[Side.OLD], f"alter database {NAME} set array_nulls = off")
    [(now,)] = run(dsns[Side.NEW], "select clock_timestamp()")
    run(dsns[Side.NEW], "insert into a values (2, array[null, 'NULL']); update a set v = v || v")
    outcome = recover.run(dsns[Side.OLD], dsns[Side.NEW], tmp_path / "b", capture.Request(cutover=now), "all")
    assert outcome.report.equal
    assert run(dsns[Side.OLD], "select v[1] is null, v[2] from a order by id") == [(True, "x"), (True, "NULL")]
