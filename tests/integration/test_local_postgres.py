"""The local clusters, and what the pipeline's role may do on them: the same as Azure's admin, no more."""

import os
import stat
import subprocess
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest
from psycopg import sql
from psycopg.errors import InsufficientPrivilege

from infra.local import postgres, secrets
from infra.local.layout import Layout
from switchback.domain.model import Side
from tests.fix_postgres import Clusters, LocalDatabase

Clone = Callable[..., LocalDatabase]


@pytest.mark.parametrize("side", list(Side))
def test_each_side_runs_the_version_that_was_asked_for(clusters: Clusters, side: Side) -> None:
    """Old is 16 and new is 18 unless a setting says otherwise, and the tools are the server's own."""
    with psycopg.connect(clusters.conninfo(side)) as connection:
        assert connection.info.server_version // 10000 == postgres.major(side)
    dump = subprocess.run([postgres.tools(side) / "pg_dump", "--version"], capture_output=True, text=True, check=True)
    assert f" {postgres.major(side)}." in dump.stdout


def test_a_version_that_nothing_provides_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """The refusal names the setting and the versions there are."""
    monkeypatch.setenv("SWITCHBACK_LOCAL_POSTGRES_OLD", "9")
    with pytest.raises(postgres.NoSuchMajor, match=r"SWITCHBACK_LOCAL_POSTGRES_OLD=9.*16, 18"):
        postgres.major(Side.OLD)


def test_a_cluster_of_another_version_is_not_started_over(clusters: Clusters, monkeypatch: pytest.MonkeyPatch) -> None:
    """Asking for 18 over a folder of 16 says what to do and touches nothing."""
    monkeypatch.setenv("SWITCHBACK_LOCAL_POSTGRES_OLD", "18")
    with pytest.raises(postgres.OtherMajor, match="holds a Postgres 16 cluster"):
        postgres.create(clusters.layout, Side.OLD)


def test_creating_and_starting_again_changes_nothing(clusters: Clusters) -> None:
    """The second call finds the cluster and the running server."""
    pid = (postgres.data(clusters.layout, Side.OLD) / "postmaster.pid").read_text(encoding="ascii")
    postgres.create(clusters.layout, Side.OLD)
    postgres.start(clusters.layout, Side.OLD)
    assert (postgres.data(clusters.layout, Side.OLD) / "postmaster.pid").read_text(encoding="ascii") == pid


def test_a_taken_address_is_a_clear_failure_and_what_was_made_survives(clusters: Clusters, tmp_path: Path) -> None:
    """A half-made cluster is thrown away, a whole one kept, and a port in use is named by the server's own words."""
    tmp_path.chmod(0o755)
    for parent in tmp_path.parents[:2]:
        parent.chmod(0o755)
    layout = Layout(network=clusters.layout.network, var=tmp_path / "var")
    unfinished = postgres.data(layout, Side.OLD).parent / "pg.making-1"
    unfinished.mkdir(parents=True)
    postgres.create(layout, Side.OLD)
    assert not unfinished.exists()
    with pytest.raises(postgres.ServerCommandFailed, match="pg_ctl"):
        postgres.start(layout, Side.OLD)
    assert "Address already in use" in postgres.log(layout, Side.OLD).read_text(encoding="utf-8")
    assert not postgres.running(layout, Side.OLD)


def test_secrets_are_made_once_and_private(clusters: Clusters) -> None:
    """Two loads agree; nobody else can read the file; the sides' passwords differ."""
    path = clusters.layout.var / "secrets.json"
    known = secrets.load(clusters.layout)
    assert known == secrets.load(clusters.layout)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert path.stat().st_uid == os.geteuid()
    assert known.old.keys() == known.new.keys() == set(secrets.PASSWORD_NAMES.values())
    assert known.old != known.new


@pytest.mark.parametrize("side", list(Side))
def test_the_pipeline_may_close_and_open_an_application(clone: Clone, side: Side) -> None:
    """NOLOGIN, REVOKE CONNECT and ending sessions all work on roles that it made; a login is then refused."""
    database = clone(side)
    admin, application = database.connect(), database.connect(database.owner)
    names = {"db": sql.Identifier(database.name), "app": sql.Identifier(database.owner)}
    admin.execute(sql.SQL("alter role {app} nologin").format(**names))
    admin.execute(sql.SQL("revoke connect on database {db} from {app}").format(**names))
    admin.execute("select pg_terminate_backend(%s)", [application.info.backend_pid])
    with pytest.raises(psycopg.OperationalError):
        application.execute("select 1")
    with pytest.raises(psycopg.OperationalError, match="not permitted to log in"):
        database.connect(database.owner)
    admin.execute(sql.SQL("alter role {app} login").format(**names))
    with pytest.raises(psycopg.OperationalError, match="permission denied for database"):
        database.connect(database.owner)
    admin.execute(sql.SQL("grant connect on database {db} to {app}").format(**names))
    database.connect(database.owner).close()
    admin.close()


@pytest.mark.parametrize("side", list(Side))
def test_the_pipeline_may_act_as_an_application(clone: Clone, side: Side) -> None:
    """SET ROLE, setval and reading another role's sessions need no superuser."""
    with clone(side).connect() as admin:
        admin.execute("select setval(pg_get_serial_sequence('stories', 'id'), 1000000)")
        admin.execute("set role publisher_app")
        admin.execute("alter table stories disable trigger user")
        admin.execute("alter table stories enable trigger user")
        admin.execute("reset role")
        assert admin.execute("select count(*) from pg_stat_activity where query <> ''").fetchone()


@pytest.mark.parametrize("side", list(Side))
def test_the_pipeline_may_make_rename_and_drop_databases_and_dump_everything(clone: Clone, side: Side) -> None:
    """What a dump, a swap by rename and a restore need."""
    database = clone(side)
    with psycopg.connect(database.conninfo(), dbname="postgres", autocommit=True) as admin:
        for statement in ("create database {a}", "alter database {a} rename to {b}", "drop database {b}"):
            names = {"a": sql.Identifier("platform_a"), "b": sql.Identifier("platform_b")}
            admin.execute(sql.SQL(statement).format(**names))
    subprocess.run(
        [postgres.tools(side) / "pg_dump", "--format=custom"],
        env=postgres.environment(database.conninfo()),
        stdout=subprocess.DEVNULL,
        check=True,
    )


@pytest.mark.parametrize("side", list(Side))
@pytest.mark.parametrize(
    "statement",
    [
        "set session_replication_role = replica",
        "alter table stories disable trigger all",
        "copy stories to program 'cat'",
        "grant pg_write_all_data to psqladmin",
        "alter system set fsync = off",
        "alter role psqladmin superuser",
    ],
)
def test_the_pipeline_may_not_do_what_only_a_superuser_may(clone: Clone, side: Side, statement: str) -> None:
    """The role is a twin of Azure's admin, not a superuser in disguise."""
    with clone(side).connect() as admin, pytest.raises(InsufficientPrivilege):
        admin.execute(sql.SQL(statement))


@pytest.mark.parametrize("service", ["publisher", "chain", "story-generator"])
def test_both_sides_are_seeded_alike(clone: Clone, service: str) -> None:
    """The seed is deterministic: every table of both sides holds the same rows, some ten thousand in all."""
    tables = """
        select format('%I.%I', n.nspname, c.relname) from pg_class c join pg_namespace n on n.oid = c.relnamespace
        where c.relkind in ('r', 'p') and not c.relispartition and c.relowner::regrole::text <> 'postgres'
    """
    counts: dict[Side, dict[str, tuple[int, str]]] = {}
    for side in Side:
        with clone(side, service).connect() as connection:
            names = [name for (name,) in connection.execute(tables)]
            rows = "select count(*), md5(string_agg(t::text, ',' order by t::text)) from {} t"
            counts[side] = {
                name: connection.execute(sql.SQL(rows).format(sql.SQL(name))).fetchone() or (0, "") for name in names
            }
    assert counts[Side.OLD] == counts[Side.NEW]
    assert len(counts[Side.OLD]) >= 8
    assert 8000 <= sum(rows for rows, _digest in counts[Side.OLD].values()) <= 15000
