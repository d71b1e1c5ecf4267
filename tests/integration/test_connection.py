"""Sessions as the pipeline opens them, and the ways in which a server says no."""

import socket
import ssl
import threading
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace

import pytest
import trustme
from psycopg import sql

from infra.local import secrets
from switchback.domain.model import Side
from switchback.systems.postgres import connection, errors
from switchback.systems.postgres.connection import Login
from tests.fix_pipeline import POSTGRES, Session, login, site_of
from tests.fix_postgres import Clusters, LocalDatabase

SECRET = "hunter2-is-not-it"
REQUEST = 8  #: bytes of the message with which a client asks for TLS


@pytest.mark.parametrize("side", list(Side))
def test_every_setting_is_pinned(side: Side, clone: Callable[..., LocalDatabase], pipeline: Session) -> None:
    """Whatever the role's and the database's own defaults are."""
    database = clone(side, empty=True)
    with closing(database.connect()) as admin:
        for setting in (
            "timezone = 'Asia/Tokyo'",
            "row_security = on",
            "search_path = public",
            "statement_timeout = 1",
        ):
            admin.execute(sql.SQL("alter database {} set ").format(sql.Identifier(database.name)) + sql.SQL(setting))
    session = pipeline(database)
    for name, value in {**connection.PINNED, "application_name": "switchback", "client_encoding": "UTF8"}.items():
        shown = session.execute("select current_setting(%s)", (name,)).fetchone()
        assert shown == ("1min" if value == "60s" else value,), name


@pytest.mark.parametrize(
    ("database", "who", "refusal"),
    [
        ("postgres", Login(role=secrets.ADMIN, password=SECRET), errors.WrongPassword),
        ("postgres", Login(role="nobody", password=SECRET), errors.WrongPassword),
        ("nowhere", None, errors.NoDatabase),
    ],
)
def test_refused_logins_are_told_apart(
    clusters: Clusters, database: str, who: Login | None, refusal: type[errors.WrongPassword]
) -> None:
    """No answer carries a code; the password is in no message, cause or representation."""
    site = site_of(clusters.layout, Side.OLD)
    with pytest.raises(refusal) as refused:
        connection.connect(site, POSTGRES, database, who or login(clusters.layout, Side.OLD))
    for text in (str(refused.value), repr(refused.value), str(refused.value.__cause__), repr(who)):
        assert SECRET not in text


def test_a_closed_login_is_told_apart(old_db: LocalDatabase) -> None:
    """NOLOGIN and a missing CONNECT look the same to the application: shut out."""
    site, owner = site_of(old_db.layout, Side.OLD), login(old_db.layout, Side.OLD, old_db.owner)
    with closing(old_db.connect()) as admin:
        names = map(sql.Identifier, (old_db.name, old_db.owner))
        admin.execute(sql.SQL("revoke connect on database {} from public, {}").format(*names))
        with pytest.raises(errors.LoginClosed, match=old_db.owner):
            connection.connect(site, POSTGRES, old_db.name, owner)
        admin.execute(sql.SQL("alter role {} nologin").format(sql.Identifier(old_db.owner)))
        with pytest.raises(errors.LoginClosed, match=old_db.owner):
            connection.connect(site, POSTGRES, old_db.name, owner)


def test_a_server_that_is_not_there_is_unreachable(clusters: Clusters) -> None:
    """Refused, unresolvable, silent: each with its reason, and none is a wrong password."""
    who = Login(role=secrets.ADMIN, password=SECRET)
    site = site_of(clusters.layout, Side.OLD)
    with pytest.raises(errors.ServerUnreachable, match="nobody listens there"):
        connection.connect(replace(site, postgres_port=1), POSTGRES, "postgres", who)
    with pytest.raises(errors.ServerUnreachable, match="the name does not resolve"):
        connection.connect(replace(site, postgres_host="db.invalid"), POSTGRES, "postgres", who)


def test_a_server_that_does_not_answer_is_unreachable(clusters: Clusters, monkeypatch: pytest.MonkeyPatch) -> None:
    """It takes the connection and says nothing."""
    monkeypatch.setattr(connection, "CONNECT_TIMEOUT_S", 2)
    with socket.create_server((f"{clusters.layout.network}.9.1", 0)) as silent:
        host, port = silent.getsockname()
        site = replace(site_of(clusters.layout, Side.OLD), postgres_host=host, postgres_port=port)
        with pytest.raises(errors.ServerUnreachable, match="no answer in time"):
            connection.connect(site, POSTGRES, "postgres", Login(role=secrets.ADMIN, password=SECRET))


def test_a_server_without_encryption_is_not_trusted(clusters: Clusters) -> None:
    """The local servers have no TLS; asking for it refuses them before a password is sent."""
    for sslmode in ("require", "verify-full"):
        with pytest.raises(errors.NotTrusted, match=f"sslmode={sslmode}"):
            connection.connect(
                site_of(clusters.layout, Side.OLD),
                POSTGRES.model_copy(update={"sslmode": sslmode}),
                "postgres",
                Login(role=secrets.ADMIN, password=SECRET),
            )


def test_a_certificate_of_a_stranger_is_not_trusted(clusters: Clusters) -> None:
    """Somebody else's certificate authority: no password is sent to that server."""
    host = f"{clusters.layout.network}.9.2"
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert(host).configure_cert(context)

    def impersonate(server: socket.socket) -> None:
        taken, _ = server.accept()
        with taken:
            taken.recv(REQUEST)
            taken.sendall(b"S")
            with pytest.raises(ssl.SSLError), context.wrap_socket(taken, server_side=True) as heard:
                heard.recv(1)

    with socket.create_server((host, 0)) as server:
        thread = threading.Thread(target=impersonate, args=(server,))
        thread.start()
        site = replace(site_of(clusters.layout, Side.OLD), postgres_host=host, postgres_port=server.getsockname()[1])
        verify = POSTGRES.model_copy(update={"sslmode": "verify-full"})
        with pytest.raises(errors.NotTrusted, match="verify-full"):
            connection.connect(site, verify, "postgres", Login(role=secrets.ADMIN, password=SECRET))
        thread.join()


def test_what_the_driver_raises_becomes_ours(old_db: LocalDatabase, pipeline: Session) -> None:
    """Lacking a privilege, out of time, ended, and anything else: by kind, without values of rows."""
    session = pipeline(old_db)
    with pytest.raises(errors.NotAllowed, match="permission denied"), connection.translated(session):
        session.execute("update pg_class set relname = relname")
    with pytest.raises(errors.NotAllowed, match="read-only transaction"), connection.translated(session):
        session.execute("begin read only; create table t ()")
    session.execute("rollback; set statement_timeout = '50ms'")
    with pytest.raises(errors.ServerUnreachable, match="QueryCanceled"), connection.translated(session):
        session.execute("select pg_sleep(5)")
    with pytest.raises(errors.StatementFailed, match="InvalidText") as failed, connection.translated(session):
        session.execute("select 'a value of a row'::int")
    assert "a value" not in str(failed.value)
    with closing(old_db.connect(secrets.SUPERUSER)) as boss:
        boss.execute("select pg_terminate_backend(%s)", (session.info.backend_pid,))
    with pytest.raises(errors.ServerUnreachable, match="the session was lost"), connection.translated(session):
        session.execute("select 1")
    with pytest.raises(errors.ServerUnreachable, match="the session has ended"), connection.translated(session):
        session.execute("select 1")
