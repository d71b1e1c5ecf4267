"""Backups on real Postgres and Azurite: taken, proven, chosen, and what must never be restored refused by name."""

import base64
import io
import json
import subprocess
import tarfile
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from azure.core.credentials import AccessToken

from switchback import settings
from switchback.backup import adopt, asides, certify, fetch, restore, retire, take
from switchback.backup.archive import BrokenArchive, UnsafeArchive
from switchback.backup.choose import NoBackup
from switchback.backup.contents import NotAsBackedUp
from switchback.backup.manifest import Certificate, Manifest
from switchback.backup.notes import Extension
from switchback.backup.restore import CannotHold, Mark
from switchback.domain.errors import Refused, Unreachable
from switchback.domain.model import Side
from switchback.drill import plant
from switchback.systems import credentials, depot
from switchback.systems.blob import BlobMissing
from switchback.systems.postgres import pipeline, tools
from tests.fix_backups import Backups
from tests.fix_site import LocalSite

DATABASE = "publisher_db"


def test_a_backup_says_what_it_holds_and_has_been_restored(
    on_site: LocalSite, taken: tuple[Manifest, Certificate]
) -> None:
    """Rows and sums of every table as the database has them; the certificate counts the same rows."""
    sealed, proof = taken
    found = restore.read(on_site.environment, Side.OLD, DATABASE)
    assert {dump.file for dump in sealed.dumps} == {f"{name}.backup" for name in on_site.environment.databases}
    assert sealed.of(DATABASE).contents.rows > 0
    assert {table.table for table in sealed.of(DATABASE).contents.tables} == {table.table for table in found.tables}
    assert proof.proves(sealed)
    assert proof.rows == sum(dump.contents.rows for dump in sealed.dumps)


def test_planted_backups_are_refused_by_name_and_the_good_one_is_taken(backups: Backups) -> None:
    """Corrupt, truncated, half-uploaded: all newer, all sealed and certified, none believed."""
    halfway, truncated, corrupt = plant.plant(backups.depot, backups.good, backups.proof, datetime.now(UTC))
    choice = backups.choose()
    assert choice.manifest == backups.good
    whys = {refusal.backup: refusal.why for refusal in choice.refused}
    assert whys[halfway].startswith("half-uploaded")
    assert whys[truncated].startswith("truncated")
    assert whys[corrupt].startswith("corrupt")
    plant.uproot(backups.depot, backups.environment.name, (halfway, truncated, corrupt))
    assert backups.choose().refused == ()


def test_what_is_not_proven_or_does_not_fit_is_refused_with_its_reason(backups: Backups) -> None:
    """No certificate, another's certificate, a changed manifest, too late, a database too few, a newer major."""
    backups.put(backups.newer("unproven"), proven=False)
    backups.put(backups.newer("swapped"))
    backups.put(backups.newer("swapped", tools="other"), proven=False)
    backups.put(replace(backups.newer("changed"), tools="changed after sealing"))
    backups.put(backups.newer("late", taken_at=datetime.now(UTC) + timedelta(days=9)))
    backups.put(backups.newer("fewer", dumps=backups.good.dumps[:2]))
    backups.put(backups.newer("gone", archive=replace(backups.good.archive, blob="nowhere")))
    whys = {refusal.backup.rsplit("-")[-1]: refusal.why for refusal in backups.choose().refused}
    assert whys == {
        "unproven": "never proven: it has no restore certificate",
        "swapped": "its certificate is that of another backup",
        "changed": "its manifest was changed after it was written",
        "late": whys["late"],
        "fewer": f"it lacks {backups.good.dumps[2].contents.database}",
        "gone": "its archive is gone",
    }
    assert whys["late"].startswith("too late")
    with pytest.raises(NoBackup, match="made by Postgres 16, the server that is to hold it is 15"):
        backups.choose(major=15)


def test_only_bad_backups_or_none_are_a_refusal_that_names_each(backups: Backups) -> None:
    """Nothing is restored because nothing else is left."""
    with pytest.raises(NoBackup, match=f"{backups.good.backup}: too late"):
        backups.choose(before=backups.good.taken_at)
    plant.uproot(backups.depot, backups.environment.name, [backups.good.backup])
    with pytest.raises(NoBackup, match="there are none"):
        backups.choose()


def test_a_restored_database_that_differs_from_its_manifest_takes_nobodys_place(
    backups: Backups, tmp_path: Path, dropping: Callable[[str], None]
) -> None:
    """A table with a row too few in the manifest, one with another sum: named; no certificate, nothing renamed."""
    dump = backups.good.of(DATABASE)
    first, second, *rest = dump.contents.tables
    lies = (replace(first, rows=first.rows + 1), replace(second, first="1"), *rest)
    mark = Mark(run="x-00000001", database=DATABASE, backup="b", manifest="m")
    dropping(asides.prefix(mark.run, mark.database))
    files = fetch.fetch(backups.depot, backups.good, tmp_path)
    wrong = replace(dump, contents=replace(dump.contents, tables=lies))
    with pytest.raises(NotAsBackedUp, match=rf"{first} has {first.rows} rows of .*; {second} has other contents"):
        restore.aside(backups.environment, Side.OLD, wrong, files[DATABASE], mark)
    with pipeline.session(backups.environment, Side.OLD) as session:
        assert mark not in {each.mark for each in restore.marked(session)}


def test_a_server_that_cannot_hold_a_backup_is_refused_before_anything_is_made(backups: Backups) -> None:
    """A role and an extension that it does not have, and a version that it is older than."""
    contents = backups.good.of(DATABASE).contents
    with pipeline.session(backups.environment, Side.OLD) as session:
        restore.refuse_unless_fits(session, [contents])
        lacking = replace(contents, roles=("nobody_here",), extensions=(Extension(name="postgis", version="3"),))
        with pytest.raises(CannotHold, match="no extension postgis, no role nobody_here"):
            restore.refuse_unless_fits(session, [lacking])
        with pytest.raises(CannotHold, match="older than Postgres 99"):
            restore.refuse_unless_fits(session, [replace(contents, server_version=990001)])


DYING = """#!/bin/sh
case "$*" in
  *--exit-on-error*) {real} "$@" & sleep 0.1; kill -9 $!; kill -9 $$ ;;
  *) exec {real} "$@" ;;
esac
"""


def test_pg_restore_that_is_killed_leaves_nothing_that_counts(
    backups: Backups, tmp_path: Path, dropping: Callable[[str], None]
) -> None:
    """It dies a tenth of a second after it began; the next run sweeps what it left and proves its own."""
    environment, mark = backups.environment, Mark(run="x-00000002", database=DATABASE, backup="b", manifest="m")
    dropping(asides.prefix(mark.run, mark.database))
    program = tmp_path / "bin" / "pg_restore"
    program.parent.mkdir()
    program.write_text(DYING.format(real=tools.of(environment, 16).path("pg_restore")))
    program.chmod(0o700)
    dying = (settings.Tools(major=16, folder=str(program.parent)),)
    mortal = replace(environment, backup=environment.backup.model_copy(update={"tools": dying}))
    files = fetch.fetch(backups.depot, backups.good, tmp_path)
    dump = backups.good.of(DATABASE)
    with pytest.raises(tools.ToolFailed, match="pg_restore of publisher_db ended with -9"):
        restore.aside(mortal, Side.OLD, dump, files[DATABASE], mark)
    with pipeline.session(environment, Side.OLD) as session:
        assert mark not in {each.mark for each in restore.marked(session)}
    restore.sweep(environment, Side.OLD, mark.run, mark.database)
    assert restore.aside(environment, Side.OLD, dump, files[DATABASE], mark).rows == dump.contents.rows


def test_a_backup_taken_while_users_write_is_what_its_manifest_says(on_site: LocalSite) -> None:
    """Rows are counted in the dump's own snapshot: its certificate holds, whatever was written meanwhile."""
    environment = replace(on_site.environment, name="busy", services=on_site.environment.services[:1])
    kept, over = depot.open_depot(environment), threading.Event()

    def write() -> None:
        with pipeline.session(environment, Side.OLD, DATABASE) as session:
            session.execute("set role publisher_app")
            while not over.is_set():
                session.execute(b"insert into public.authors (handle, email) values (gen_random_uuid()::text, 'busy')")
            session.execute("delete from public.authors where email = 'busy'")  # users may be on new by now

    writer = threading.Thread(target=write)
    writer.start()
    try:
        sealed = take.take(environment, kept, Side.OLD, datetime.now(UTC))
    finally:
        over.set()
        writer.join()
    assert certify.certify(environment, kept, sealed, Side.OLD).rows == sealed.of(DATABASE).contents.rows


def procedures_archive(on_site: LocalSite, folder: Path, names: tuple[str, ...]) -> bytes:
    """What the procedure's own commands make: pg_dump -Fc of each database, in a tar.gz."""
    program = tools.of(on_site.environment, 16)
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as tar:
        for name in names:
            path = folder / f"{name}.backup"
            environ = tools.login(on_site.environment, Side.OLD, name)
            subprocess.run([program.path("pg_dump"), "-Fc", "-f", path], env=environ, check=True)
            tar.add(path, arcname=path.name)
    return out.getvalue()


def test_an_archive_of_others_is_proven_and_may_then_be_restored(on_site: LocalSite, tmp_path: Path) -> None:
    """Made by the procedure's commands: adopted, it is chosen like one of ours; one that lacks a database is not."""
    environment = replace(on_site.environment, name="foreign")
    kept, names = depot.open_depot(environment), environment.databases
    kept.upload("theirs.tar.gz", [procedures_archive(on_site, tmp_path, names)])
    sealed = adopt.adopt(environment, kept, "theirs.tar.gz", Side.OLD)
    assert abs(sealed.taken_at - datetime.now(UTC)) < timedelta(minutes=2)
    here = Backups(environment=environment, depot=kept, good=sealed, proof=None)  # type: ignore[arg-type]
    assert here.choose().manifest == sealed
    kept.upload("less.tar.gz", [procedures_archive(on_site, tmp_path, names[:1])])
    with pytest.raises(adopt.NotAdopted, match=f"it lacks {min(names[1:])}"):
        adopt.adopt(environment, kept, "less.tar.gz", Side.OLD)
    with pytest.raises(adopt.NotAdopted, match="no such blob"):
        adopt.adopt(environment, kept, "nothing.tar.gz", Side.OLD)


def test_a_foreign_archive_that_leaves_its_folder_is_refused(on_site: LocalSite) -> None:
    """Found out while it streams; nothing is kept."""
    kept, out = depot.open_depot(on_site.environment), io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as tar:
        tar.addfile(tarfile.TarInfo("../../etc/evil.backup"))
    kept.upload("evil.tar.gz", [out.getvalue()])
    with pytest.raises(UnsafeArchive, match=r"\.\./\.\./etc/evil\.backup"):
        adopt.adopt(on_site.environment, kept, "evil.tar.gz", Side.OLD)


def test_an_archive_that_is_not_its_manifests_is_not_unpacked(backups: Backups, tmp_path: Path) -> None:
    """Another archive's SHA-256, a dump that is not named: refused, though it reads to its end."""
    other = replace(backups.good, archive=replace(backups.good.archive, sha256="0" * 64))
    with pytest.raises(BrokenArchive, match="another SHA-256"):
        fetch.fetch(backups.depot, other, tmp_path)
    (tmp_path / "second").mkdir()
    with pytest.raises(BrokenArchive, match="which its manifest does not name"):
        fetch.fetch(backups.depot, replace(backups.good, dumps=backups.good.dumps[:2]), tmp_path / "second")


def test_retention_removes_what_is_old_and_keeps_the_last_proven(backups: Backups) -> None:
    """Beyond the policy's days only, and never one of the last proven ones."""
    policy = backups.environment.backup.model_copy(update={"keep_days": 1, "keep_last": 1})
    environment = replace(backups.environment, backup=policy)
    old = datetime.now(UTC) - timedelta(days=2)
    backups.put(backups.newer("old", backup="20200101T000000Z-old-old", taken_at=old))
    assert retire.retire(environment, backups.depot, datetime.now(UTC)) == ("20200101T000000Z-old-old",)
    assert retire.retire(environment, backups.depot, datetime.now(UTC) + timedelta(days=9)) == ()
    assert backups.choose().manifest == backups.good


class Expired:
    """Somebody whom Azurite no longer lets in."""

    def get_token(self, *_scopes: str, **_more: object) -> AccessToken:
        claims = {"aud": "https://storage.azure.com", "iss": "https://sts.windows.net/x/", "nbf": 1, "exp": 2, "iat": 1}
        parts = ({"alg": "none", "typ": "JWT"}, claims)
        text = ".".join(base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts)
        return AccessToken(f"{text}.x", int(time.time()) + 3600)


def test_storage_that_cannot_be_used_is_said_in_seconds(on_site: LocalSite, monkeypatch: pytest.MonkeyPatch) -> None:
    """Wrong container or account, no right to read, nobody listening: each by its own error, in seconds."""
    environment, began = on_site.environment, time.monotonic()
    wrong = replace(environment, backup=environment.backup.model_copy(update={"container": "not-there"}))
    with pytest.raises(BlobMissing, match="not-there"):
        depot.open_depot(wrong)
    journal = environment.journal.model_copy
    with pytest.raises(BlobMissing, match="someoneelse"):
        depot.open_depot(replace(environment, journal=journal(update={"account": "someoneelse"})))
    with pytest.raises(depot.NoAccount):
        depot.open_depot(replace(environment, journal=journal(update={"account": ""})))
    dead = environment.azure.model_copy(update={"blob": "https://127.0.0.99:1/{account}"})
    with pytest.raises(Unreachable):
        depot.open_depot(replace(environment, azure=dead))
    monkeypatch.setattr(credentials, "credential", lambda _environment: Expired())
    with pytest.raises(Refused, match=r"may not|sign in"):
        depot.open_depot(environment)
    assert time.monotonic() - began < 20
