"""The fence, closed over real sessions that keep writing, and opened again to exactly what was before."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import asdict

import psycopg
import pytest
from psycopg import sql
from pydantic import TypeAdapter

from infra.local import secrets
from switchback.domain.model import Side
from switchback.systems.postgres import access, connection, errors, fence, hostile, sessions, sqlfiles
from tests.fix_pipeline import POSTGRES, login, site_of
from tests.fix_postgres import Clusters, LocalDatabase

Clone = Callable[..., LocalDatabase]
Maintenance = Callable[[Side], connection.Connection]
Superuser = Callable[[Side], psycopg.Connection]
SIDES = pytest.mark.parametrize("side", list(Side))
ODD = 'Odd "name"; ÄÖ %s {x}'


@pytest.fixture
def role(superuser: Superuser) -> Iterator[Callable[[Side, str], str]]:
    """Makes a login role as the superuser, one that the pipeline's role may not alter.

    Ask for it before any database: it drops the role at the end, when the databases that it may enter are gone.
    """
    made: list[tuple[psycopg.Connection, str]] = []

    def _make(side: Side, name: str) -> str:
        admin = superuser(side)
        admin.execute(sql.SQL("create role {} login password 'guest'").format(sql.Identifier(name)))
        made.append((admin, name))
        return name

    yield _make
    for admin, name in made:
        admin.execute(sql.SQL("drop role {}").format(sql.Identifier(name)))


def run(session: psycopg.Connection, statement: str, *names: str) -> None:
    """The statement with its identifiers quoted."""
    session.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))


def access_list(session: psycopg.Connection, database: str) -> set[tuple[object, ...]]:
    """Every entry of a database's access list, whatever the privilege."""
    rows = session.execute(
        "select grantee, grantor, privilege_type, is_grantable from pg_database,"
        " aclexplode(coalesce(datacl, acldefault('d', datdba))) where datname = %s",
        (database,),
    )
    return set(rows)


def wait_until(holds: Callable[[], bool]) -> None:
    """Until it holds, half a minute at most."""
    deadline = time.monotonic() + 30
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def targets(database: LocalDatabase) -> list[hostile.Target]:
    """Both application roles of the database."""
    return [
        hostile.Target(database=database.name, login=login(database.layout, database.side, name))
        for name in (database.owner, database.jobs)
    ]


@SIDES
def test_no_commit_lands_after_the_fence_is_reported(side: Side, clone: Clone, maintenance: Maintenance) -> None:
    """Eight threads write as fast as they can, reconnecting whenever they are thrown out, while the fence closes."""
    database, admin = clone(side), maintenance(side)
    with closing(database.connect(database.owner)) as owner:
        owner.execute("create table hammer (at pg_lsn default pg_current_wal_insert_lsn(), n bigint)")
        run(owner, "grant insert on hammer to {}", database.jobs)
    acknowledged, stop = [0] * 8, threading.Event()

    def hammer(number: int) -> None:
        role_name = (database.owner, database.jobs)[number % 2]
        while not stop.is_set():
            try:
                with closing(database.connect(role_name)) as session:
                    while not stop.is_set():
                        session.execute("begin read write; insert into hammer (n) values (1); commit")
                        acknowledged[number] += 1
            except psycopg.Error:
                time.sleep(0.01)

    threads = [threading.Thread(target=hammer, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    wait_until(lambda: min(acknowledged) > 10)
    before = fence.look(admin, (database.name,))
    fence.close(admin, before.state)
    fenced, _snapshot = fence.mark(admin)
    with closing(database.connect()) as reader:
        at_fence = reader.execute("select count(*), max(at) from hammer").fetchone()
        time.sleep(0.5)
        later = reader.execute("select count(*), max(at), max(at) <= %s::pg_lsn from hammer", (fenced,)).fetchone()
    stop.set()
    for thread in threads:
        thread.join()
    assert at_fence is not None
    assert later is not None
    assert at_fence[0] >= sum(acknowledged) > 80
    assert later == (*at_fence, True)
    assert fence.look(admin, (database.name,)).shut


@SIDES
def test_a_fence_opens_to_exactly_what_was_before(
    side: Side, role: Callable[[Side, str], str], clone: Clone, maintenance: Maintenance, superuser: Superuser
) -> None:
    """Explicit grants, grants passed on, a default access list, odd names, roles that nobody listed: all come back."""
    admin, databases = maintenance(side), (clone(side, name=ODD), clone(side), clone(side, empty=True))
    first, default = databases[0], databases[2]
    app, jobs, guest = first.owner, first.jobs, role(side, f"{ODD} guest")
    run(admin, "grant connect on database {} to {} with grant option", ODD, app)
    run(admin, "set role {}", app)
    run(admin, "grant connect on database {} to {} with grant option", ODD, jobs)
    run(admin, "set role {}", jobs)
    run(admin, "grant connect on database {} to {}", ODD, guest)
    admin.execute("reset role")
    superuser(side).execute("update pg_database set datacl = null where datname = %s", (default.name,))
    names = tuple(database.name for database in databases)
    lists = [access_list(admin, name) for name in names]
    before = fence.look(admin, names).state
    assert {app, jobs, guest} <= set(before.logins)

    fenced = fence.close(admin, before)

    shut = fence.look(admin, names)
    assert shut.shut
    assert shut.state.logins == ()
    assert guest in fenced.unaltered
    for name in (app, jobs):
        with pytest.raises(psycopg.OperationalError, match="not permitted to log in"):
            first.connect(name)
    with pytest.raises(psycopg.OperationalError, match="permission denied for database"):
        psycopg.connect(default.conninfo(), user=guest, password="guest")

    fence.open_again(admin, before)
    fence.open_again(admin, before)
    assert fence.look(admin, names).state == before
    assert [access_list(admin, name) for name in names] == lists
    psycopg.connect(default.conninfo(), user=guest, password="guest").close()
    for database in databases[:2]:
        database.connect(database.jobs).close()


def test_a_recorded_state_survives_a_journal(old_db: LocalDatabase, maintenance: Maintenance) -> None:
    """Through JSON and back it is the same state, and opens the fence."""
    admin = maintenance(Side.OLD)
    before = fence.look(admin, (old_db.name,)).state
    text = json.dumps(asdict(before))
    fence.close(admin, before)
    fence.open_again(admin, TypeAdapter(access.FenceState).validate_json(text))
    assert fence.look(admin, (old_db.name,)).state == before


def test_closing_twice_changes_nothing_more(old_db: LocalDatabase, maintenance: Maintenance) -> None:
    """A resumed run closes with the same recorded state."""
    admin = maintenance(Side.OLD)
    before = fence.look(admin, (old_db.name,)).state
    fence.close(admin, before)
    after = fence.look(admin, (old_db.name,)).state
    fence.close(admin, before)
    assert fence.look(admin, (old_db.name,)).state == after


class Killed(BaseException):
    """Stands for SIGKILL: nothing catches it."""


@pytest.mark.parametrize("going", ["closing", "opening"])
def test_killed_before_any_statement_it_finishes_when_run_again(
    going: str, old_db: LocalDatabase, maintenance: Maintenance, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed at its first, second, ... last statement, the next run ends in the same state as an undisturbed one."""
    admin = maintenance(Side.OLD)
    before = fence.look(admin, (old_db.name,)).state
    fence.close(admin, before)
    shut = fence.look(admin, (old_db.name,)).state
    load = sqlfiles.load
    for survives in range(100):
        (fence.open_again if going == "closing" else fence.close)(admin, before)
        left = iter(range(survives))

        def dying(name: str, left: Iterator[int] = left) -> sql.SQL:
            if next(left, None) is None:
                raise Killed
            return load(name)

        victim = maintenance(Side.OLD)
        try:
            with monkeypatch.context() as patch:
                patch.setattr(sqlfiles, "load", dying)
                (fence.close if going == "closing" else fence.open_again)(victim, before)
        except Killed:
            victim.close()
        else:
            break
        now = fence.look(admin, (old_db.name,)).state
        assert now in (before, shut), "one transaction: all of it or none of it"
        (fence.close if going == "closing" else fence.open_again)(admin, before)
        assert fence.look(admin, (old_db.name,)).state == (shut if going == "closing" else before)
    assert survives > 8
    fence.open_again(admin, before)


def test_a_session_that_is_just_being_opened_does_not_slip_through(
    old_db: LocalDatabase, maintenance: Maintenance
) -> None:
    """It has passed its check of CONNECT and is in no list of sessions yet; the fence waits for it and ends it."""
    admin = maintenance(Side.OLD)
    before = fence.look(admin, (old_db.name,)).state
    outcome: list[str] = []

    def late() -> None:
        slow = old_db.conninfo(old_db.owner) + " connect_timeout=20 options='-c post_auth_delay=3'"
        try:
            with closing(psycopg.connect(slow, autocommit=True)) as session:
                time.sleep(0.5)
                session.execute("create table slipped ()")
                outcome.append("wrote")
        except psycopg.Error:
            outcome.append("ended")

    thread = threading.Thread(target=late)
    thread.start()
    wait_until(lambda: sessions._opening(admin, (old_db.name,)) == 1)
    inside = fence.look(admin, (old_db.name,)).sessions
    fence.close(admin, before)
    thread.join()
    assert not inside, "the session should not have been visible, or this test shows nothing"
    assert outcome == ["ended"]


def test_a_prepared_transaction_is_refused_by_name(old_db: LocalDatabase, maintenance: Maintenance) -> None:
    """It could commit behind the fence; nothing is closed."""
    admin = maintenance(Side.OLD)
    before = fence.look(admin, (old_db.name,)).state
    with closing(old_db.connect(old_db.owner)) as session:
        session.execute("begin; create table later (); prepare transaction 'order 66'")
        with pytest.raises(fence.PreparedTransactions, match=rf"order 66 of {old_db.owner} in {old_db.name}"):
            fence.close(admin, before)
        assert fence.look(admin, (old_db.name,)).state == before
        session.execute("rollback prepared 'order 66'")
    fence.close(admin, before)


def test_somebody_let_in_since_the_record_is_refused(
    role: Callable[[Side, str], str], old_db: LocalDatabase, maintenance: Maintenance
) -> None:
    """Closing more than was recorded could not be taken back; the newcomer is named and nothing is closed."""
    admin = maintenance(Side.OLD)
    before = fence.look(admin, (old_db.name,)).state
    newcomer = role(Side.OLD, "newcomer")
    run(admin, "grant connect on database {} to {}", old_db.name, newcomer)
    with pytest.raises(fence.AccessChanged, match="newcomer"):
        fence.close(admin, before)
    old_db.connect(old_db.owner).close()


def test_a_role_that_keeps_its_way_in_is_reported(
    role: Callable[[Side, str], str], old_db: LocalDatabase, maintenance: Maintenance, superuser: Superuser
) -> None:
    """A login made by the superuser that inherits from the pipeline's role can be neither closed nor shut out."""
    admin, twin = maintenance(Side.OLD), role(Side.OLD, "twin")
    run(superuser(Side.OLD), "grant {} to {}", secrets.ADMIN, twin)
    before = fence.look(admin, (old_db.name,)).state
    with pytest.raises(fence.StillOpen, match="twin"):
        fence.close(admin, before)


def test_a_database_that_is_not_ours_to_close_is_refused_whole(
    old_db: LocalDatabase, maintenance: Maintenance, superuser: Superuser
) -> None:
    """One of two belongs to the superuser: neither is closed, and nobody is thrown out."""
    admin, boss = maintenance(Side.OLD), superuser(Side.OLD)
    boss.execute("create database theirs")
    try:
        before = fence.look(admin, (old_db.name, "theirs")).state
        with closing(old_db.connect(old_db.owner)) as app:
            with pytest.raises(errors.NotAllowed, match="permission denied to set role"):
                fence.close(admin, before)
            assert app.execute("select 1").fetchone() == (1,)
        assert fence.look(admin, (old_db.name, "theirs")).state == before
    finally:
        boss.execute("drop database theirs")


def test_superusers_and_replication_are_reported_and_left_alone(
    old_db: LocalDatabase, maintenance: Maintenance
) -> None:
    """They do not belong to an application; a person judges them."""
    admin = maintenance(Side.OLD)
    before = fence.look(admin, (old_db.name,)).state
    stream = psycopg.connect(old_db.conninfo() + " replication=database", autocommit=True)
    with closing(stream), closing(old_db.connect(secrets.SUPERUSER)) as boss, closing(old_db.connect(old_db.owner)):
        fenced = fence.close(admin, before)
        left = {(each.kind, each.role, each.closable) for each in fenced.others}
        assert left == {("walsender", secrets.ADMIN, False), ("client backend", secrets.SUPERUSER, False)}
        assert boss.execute("select 1").fetchone() == (1,)


def test_sessions_that_cannot_be_ended_in_time_are_named(old_db: LocalDatabase, maintenance: Maintenance) -> None:
    """With no patience at all the open session is named; the next run continues."""
    admin = maintenance(Side.OLD)
    before = fence.look(admin, (old_db.name,)).state
    with closing(old_db.connect(old_db.jobs)):
        with pytest.raises(sessions.SessionsRemain, match=old_db.jobs):
            fence.close(admin, before, patience_s=-1)
        fence.close(admin, before)
        assert fence.look(admin, (old_db.name,)).shut


def test_a_database_that_is_not_there_is_refused(maintenance: Maintenance) -> None:
    """It is named."""
    with pytest.raises(access.NoSuchDatabases, match="nowhere"):
        fence.look(maintenance(Side.OLD), ("postgres", "nowhere"))


@SIDES
def test_the_hostile_writer_gets_through_an_open_site_and_leaves_no_trace(side: Side, clone: Clone) -> None:
    """Both roles, every way: each attempt really writes a row, so a refusal after the fence means the fence."""
    database = clone(side)
    before = rows(database)
    with hostile.HostileWriter(site_of(database.layout, side), POSTGRES, targets(database)) as writer:
        made = writer.attempts()
        with pytest.raises(hostile.FenceLeaks, match=rf"{database.jobs} in {database.name} .* wrote"):
            writer.prove()
    assert {(each.role, each.way) for each in made} == {
        (name, way) for name in (database.owner, database.jobs) for way in hostile.Way
    }
    assert {each.result for each in made} == {hostile.Result.WROTE}
    assert rows(database) == before


@SIDES
def test_the_hostile_writer_proves_the_fence(side: Side, clone: Clone, maintenance: Maintenance) -> None:
    """Open sessions are dead and new ones refused; a resumed run, shut out beforehand, proves it from outside."""
    database, admin = clone(side), maintenance(side)
    site = site_of(database.layout, side)
    before = fence.look(admin, (database.name,)).state
    with hostile.HostileWriter(site, POSTGRES, targets(database)) as writer:
        fence.close(admin, before)
        assert len(writer.prove()) == 12
    with hostile.HostileWriter(site, POSTGRES, targets(database)) as writer:
        assert len(writer.prove()) == 6


def test_a_read_only_default_is_no_fence(old_db: LocalDatabase, maintenance: Maintenance) -> None:
    """Defect 18: everything but the naive write gets through it."""
    run(maintenance(Side.OLD), "alter database {} set default_transaction_read_only = on", old_db.name)
    with hostile.HostileWriter(site_of(old_db.layout, Side.OLD), POSTGRES, targets(old_db)[:1]) as writer:
        results = {each.way: each.result for each in writer.attempts()}
    assert results.pop(hostile.Way.OPEN_SESSION) is hostile.Result.GOT_IN
    assert results.pop(hostile.Way.FRESH) is hostile.Result.GOT_IN
    assert set(results.values()) == {hostile.Result.WROTE}


def test_a_wrong_password_proves_nothing(old_db: LocalDatabase, maintenance: Maintenance) -> None:
    """Found out before the fence it stops the run; found out after it, the fence counts as unproven."""
    wrong = hostile.Target(database=old_db.name, login=connection.Login(role=old_db.owner, password="wrong"))
    admin, site = maintenance(Side.OLD), site_of(old_db.layout, Side.OLD)
    writer = hostile.HostileWriter(site, POSTGRES, [wrong])
    with pytest.raises(errors.WrongPassword), writer:
        pytest.fail("nothing may be closed before the passwords are known to be right")
    fence.close(admin, fence.look(admin, (old_db.name,)).state)
    with pytest.raises(hostile.FenceLeaks, match="unproven, WrongPassword"):
        writer.prove()


def rows(database: LocalDatabase) -> list[tuple[object, ...]]:
    """Every table's rows with their row versions, as a count and a checksum."""
    with closing(database.connect()) as session:
        tables = session.execute(
            "select schemaname, tablename from pg_tables where schemaname !~ '^(pg_|information)' order by 1, 2"
        ).fetchall()
        count = "select count(*), sum(hashtextextended(row(xmin, t)::text, 0)) from {} as t"
        return [session.execute(sql.SQL(count).format(sql.Identifier(*name))).fetchone() or () for name in tables]


@pytest.mark.usefixtures("clusters")
def test_ended_sessions_lose_what_they_had_not_committed(clusters: Clusters, old_db: LocalDatabase) -> None:
    """An open transaction of an application is rolled back, as its client is told."""
    admin_info = clusters.conninfo(Side.OLD)
    with closing(psycopg.connect(admin_info, autocommit=True)) as admin, closing(old_db.connect(old_db.owner)) as app:
        app.execute("create table kept (n int)")
        app.execute("begin; insert into kept values (1)")
        fence.close(admin, fence.look(admin, (old_db.name,)).state)
        with pytest.raises(psycopg.OperationalError):
            app.execute("commit")
    with closing(old_db.connect()) as reader:
        assert reader.execute("select count(*) from kept").fetchone() == (0,)
