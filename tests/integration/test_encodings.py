"""Databases that are not in UTF-8 come home too, also into one of another encoding."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psycopg
import pytest

from switchback.domain.model import Side
from switchback.recovery import capture, recover
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
