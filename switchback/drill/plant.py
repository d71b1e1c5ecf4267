"""Backups that must not be restored, planted beside a good one: newer than it, and each wrong in one way.

Made from the good one's own archive, piece by piece; removed again by `uproot`. Never touches another backup.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from switchback.backup import choose, manifest
from switchback.backup.manifest import Certificate, Manifest, Part
from switchback.systems.depot import Depot

Spoil = Callable[[Iterable[bytes]], Iterator[bytes]]


def plant(depot: Depot, good: Manifest, proof: Certificate, now: datetime) -> tuple[str, ...]:
    """A corrupt, a truncated and a half-uploaded backup, newer than `good`; their names, newest first."""
    corrupt = _named(good, "corrupt", now)
    truncated = _named(good, "truncated", now + timedelta(seconds=1))
    halfway = _named(good, "halfway", now + timedelta(seconds=2))
    _upload(depot, good, proof, corrupt, _one_bit_off)
    _upload(depot, good, proof, truncated, _cut)
    depot.write(manifest.place(good.environment, halfway, Part.BEGUN), b"{}")
    depot.upload(manifest.place(good.environment, halfway, Part.ARCHIVE), _cut(_pieces(depot, good)))
    return halfway, truncated, corrupt


def uproot(depot: Depot, environment: str, planted: Iterable[str]) -> None:
    """Remove planted backups; those that are gone already are no error."""
    for backup in planted:
        for part in Part:
            depot.drop(manifest.place(environment, backup, part))


def newest(depot: Depot, environment: str) -> tuple[Manifest, Certificate]:
    """The newest backup that says it is proven; raises NoBackup when there is none."""
    for _, found in choose.listed(depot, environment):
        proof = choose.proof(depot, found) if isinstance(found, Manifest) else ""
        if isinstance(found, Manifest) and isinstance(proof, Certificate):
            return found, proof
    raise choose.NoBackup(environment, 0, datetime.now(UTC).isoformat(timespec="seconds"), "none is proven")


def _named(good: Manifest, what: str, now: datetime) -> str:
    return f"{now.astimezone(UTC):%Y%m%dT%H%M%SZ}-{good.side}-{what}"


def _upload(depot: Depot, good: Manifest, proof: Certificate, backup: str, spoil: Spoil) -> None:
    """Sealed like a good one: only who reads the archive finds out."""
    blob = manifest.place(good.environment, backup, Part.ARCHIVE)
    depot.upload(blob, spoil(_pieces(depot, good)))
    sealed = replace(good, backup=backup, archive=replace(good.archive, blob=blob)).sealed()
    proven = replace(proof, backup=backup, manifest=sealed.digest).sealed()
    depot.write(manifest.place(good.environment, backup, Part.CERTIFICATE), manifest.dump(proven))
    depot.write(manifest.place(good.environment, backup, Part.MANIFEST), manifest.dump(sealed))


def _pieces(depot: Depot, good: Manifest) -> Iterator[bytes]:
    return depot.stream(good.archive.blob, good.archive.bytes)


def _one_bit_off(pieces: Iterable[bytes]) -> Iterator[bytes]:
    for number, piece in enumerate(pieces):
        middle = len(piece) // 2
        spoilt = bytes([piece[middle] ^ 1])
        yield piece if number else piece[:middle] + spoilt + piece[middle + 1 :]


def _cut(pieces: Iterable[bytes]) -> Iterator[bytes]:
    for piece in pieces:
        yield piece[: len(piece) * 2 // 3]
        return
