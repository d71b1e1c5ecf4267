"""Rules of backups that need no server: seals, certificates, retention, the instant asked for."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from switchback import settings
from switchback.backup import manifest
from switchback.backup.manifest import Archive, Certificate, Manifest, NotAManifest
from switchback.backup.retire import Kept, expired
from switchback.domain.errors import Refused
from switchback.domain.model import Side
from switchback.ways import history

NOW = datetime(2026, 11, 22, 14, tzinfo=UTC)
SEALED = Manifest(
    format=1,
    backup="20261122T140000Z-old-00000000",
    environment="dev",
    side=Side.OLD,
    taken_at=NOW,
    tools="pg_dump (PostgreSQL) 16.14",
    archive=Archive(blob="dev/x", bytes=1, sha256="00"),
    dumps=(),
).sealed()


def test_a_manifest_comes_back_as_it_was_written() -> None:
    """Through JSON, with its digest."""
    assert manifest.parse(Manifest, "it", manifest.dump(SEALED)) == SEALED


@pytest.mark.parametrize("content", [b"", b"{}", b"[]", manifest.dump(SEALED)[:-9]])
def test_what_is_no_manifest_is_refused(content: bytes) -> None:
    """Cut, empty, or of something else."""
    with pytest.raises(NotAManifest, match="cannot be read"):
        manifest.parse(Manifest, "it", content)


def test_a_manifest_changed_after_sealing_is_refused() -> None:
    """One number is enough."""
    changed = replace(SEALED, archive=replace(SEALED.archive, bytes=2))
    with pytest.raises(NotAManifest, match="was changed"):
        manifest.parse(Manifest, "it", manifest.dump(changed))


def test_a_certificate_proves_one_backup_only() -> None:
    """The same archive under another manifest is another backup."""
    proof = Certificate(
        backup=SEALED.backup,
        manifest=SEALED.digest,
        archive=SEALED.archive.sha256,
        restored_at=NOW,
        server_version=160014,
        seconds=1.0,
        rows=0,
    ).sealed()
    assert proof.proves(SEALED)
    assert not proof.proves(replace(SEALED, tools="others").sealed())


def test_the_last_proven_backups_never_expire() -> None:
    """However old; unproven ones do, and newer ones do not."""
    policy = settings.Backup(keep_days=10, keep_last=2)
    kept = [
        Kept(backup=str(days), taken_at=NOW - timedelta(days=days), proven=days != 50) for days in (1, 20, 30, 40, 50)
    ]
    assert expired(kept, policy, NOW) == ("30", "40", "50")


@pytest.mark.parametrize("given", ["yesterday", "2026-11-22T10:00:00", "22.11.2026"])
def test_an_instant_that_could_be_misread_is_refused(given: str) -> None:
    """Without a zone it is another instant on another machine."""
    with pytest.raises(Refused):
        history._instant(given, NOW)


def test_without_an_instant_the_newest_backup_is_meant() -> None:
    """Now is then written down, so that a resumed attempt means the same."""
    assert history._instant("", NOW) == NOW
    assert history._instant("2026-11-22T12:00:00+02:00", NOW) == NOW - timedelta(hours=4)
