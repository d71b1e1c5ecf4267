"""Journals and the environment's lock on blob storage: the same promises as on files, against Azurite."""

import time

import pytest

from switchback.domain.journal import JournalTampered, Kind, head, next_record, parse
from switchback.systems import blob, journal
from switchback.systems.journal.blob import BlobStore
from switchback.systems.journal.store import AlreadyHeld, Holder, LostTurn, NoJournal, RunnerAlive
from tests.fix_site import LocalSite

RECORD = next_record((), at="2026-01-01T00:00:00Z", kind=Kind.OPENED, step="", data={})
SECOND = next_record((RECORD,), at="2026-01-01T00:00:01Z", kind=Kind.OBSERVED, step="a", data={})


@pytest.fixture
def store(on_site: LocalSite, request: pytest.FixtureRequest) -> BlobStore:
    return BlobStore(blob.container(on_site.environment), f"test-{request.node.name[:40]}")


def test_what_is_appended_is_read(store: BlobStore) -> None:
    """Line by line, over two turns."""
    with store.turn("a") as turn:
        turn.append(RECORD.line(), head((RECORD,)))
    with store.turn("a") as turn:
        turn.append(SECOND.line(), head((RECORD, SECOND)))
    content, known = store.read("a")
    assert parse("a", content, known) == (RECORD, SECOND)
    assert store.runs() == ("a",)


def test_a_journal_that_is_not_there_is_named(store: BlobStore) -> None:
    """Reading an unknown attempt is refused."""
    with pytest.raises(NoJournal, match="no journal z"):
        store.read("z")


def test_a_runner_whose_lease_was_taken_may_not_write(store: BlobStore) -> None:
    """The fencing token: a runner that was declared dead and lives is stopped at its next line."""
    with store.turn("a") as turn:
        from azure.storage.blob import BlobLeaseClient

        BlobLeaseClient(store._journal("a")).break_lease(0)
        with store.turn("a") as other:
            other.append(RECORD.line(), head((RECORD,)))
            with pytest.raises(LostTurn):
                turn.append(SECOND.line(), head((RECORD, SECOND)))


def test_only_one_runner_holds_a_journal_and_a_dead_ones_turn_ends(
    store: BlobStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While the lease is renewed nobody gets in; when nobody renews it, it ends within 15 seconds."""
    with store.turn("a") as turn:
        with monkeypatch.context() as patched:
            patched.setattr(time, "monotonic", iter(range(0, 1000, 30)).__next__)
            with pytest.raises(RunnerAlive), store.turn("a"):
                pass
        turn._over.set()  # type: ignore[attr-defined]  # the runner is dead: nobody renews
        with store.turn("a") as other:
            other.append(RECORD.line(), head((RECORD,)))


def test_a_changed_journal_shows(store: BlobStore) -> None:
    """Somebody with the storage key writes a line of their own."""
    with store.turn("a") as turn:
        turn.append(RECORD.line(), head((RECORD,)))
    store._journal("a").append_block(b'{"seq":1}\n')
    with pytest.raises(JournalTampered, match="record 1 is not a journal record"):
        parse("a", *store.read("a"))


def test_one_attempt_locks_its_environment(store: BlobStore) -> None:
    """Another attempt is refused by name; the same one may take the lock again; only it can free it."""
    first = Holder(run="a", by="Ada", since="2026-01-01T00:00:00Z")
    store.lock(first)
    store.lock(first)
    with pytest.raises(AlreadyHeld, match="taken by a, asked for by Ada"):
        store.lock(Holder(run="b", by="Grace", since="2026-01-01T00:00:01Z"))
    store.unlock("b")
    assert store.holder() == first
    store.unlock("a")
    assert store.holder() is None


def test_the_store_is_the_descriptors(on_site: LocalSite) -> None:
    """An account in the descriptor means blobs, a folder files."""
    assert isinstance(journal.open_store(on_site.environment), BlobStore)
