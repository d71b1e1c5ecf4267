"""Journals: the chain, the turn and the environment's lock, on files. Blob storage: tests/integration."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from switchback.domain.journal import Head, JournalTampered, Kind, Record, head, next_record, parse
from switchback.systems.journal.file import FileStore
from switchback.systems.journal.store import AlreadyHeld, Holder, LostTurn, NoJournal, RunnerAlive


def three() -> tuple[Record, ...]:
    made: tuple[Record, ...] = ()
    for step in ("fence new", "unfence old", "send users to old"):
        record = next_record(made, at="2026-01-01T00:00:00Z", kind=Kind.OBSERVED, step=step, data={"n": len(made)})
        made = (*made, record)
    return made


def lines(records: tuple[Record, ...]) -> list[bytes]:
    return [record.line() for record in records]


def test_a_whole_journal_reads_back_as_written() -> None:
    """Writing and parsing are inverse."""
    assert parse("j", b"".join(lines(three())), head(three())) == three()


@pytest.mark.parametrize("seq", [0, 1, 2])
def test_a_changed_record_shows(seq: int) -> None:
    """Any changed byte of meaning breaks the chain."""
    written = lines(three())
    written[seq] = written[seq].replace(b'"n":', b'"m":')
    with pytest.raises(JournalTampered, match=f"record {seq} was changed"):
        parse("j", b"".join(written), head(three()))


def test_a_removed_record_shows() -> None:
    """The middle cannot be left out."""
    first, _second, third = lines(three())
    with pytest.raises(JournalTampered, match="record 1"):
        parse("j", first + third, head(three()))


def test_a_cut_end_shows() -> None:
    """The head knows how many records were written."""
    with pytest.raises(JournalTampered, match="3 records were written"):
        parse("j", b"".join(lines(three())[:2]), head(three()))


def test_a_torn_line_shows() -> None:
    """Half a record is no record."""
    with pytest.raises(JournalTampered, match="cut in its middle"):
        parse("j", b"".join(lines(three()))[:-5], Head(records=2, hash=three()[1].hash))


def test_a_rewritten_journal_shows() -> None:
    """A chain that is whole in itself, but not the one that was written."""
    other = next_record((), at="2026-01-01T00:00:00Z", kind=Kind.OPENED, step="", data={})
    with pytest.raises(JournalTampered, match="not the one that was written"):
        parse("j", other.line(), Head(records=1, hash=three()[0].hash))


def test_a_writer_that_died_before_the_head_left_a_whole_journal() -> None:
    """A record more than the head says is no damage."""
    assert len(parse("j", b"".join(lines(three())), head(three()[:2]))) == 3


def test_what_is_appended_is_read(tmp_path: Path) -> None:
    """The file store keeps lines and head."""
    store = FileStore(tmp_path / "dev")
    with store.turn("a") as turn:
        for count, record in enumerate(three(), start=1):
            turn.append(record.line(), head(three()[:count]))
    content, known = store.read("a")
    assert parse("a", content, known) == three()
    assert store.runs() == ("a",)


def test_only_one_runner_holds_a_journal(tmp_path: Path) -> None:
    """A second turn is refused while the first lasts, and granted afterwards."""
    store = FileStore(tmp_path / "dev")
    with store.turn("a"), pytest.raises(RunnerAlive), store.turn("a"):
        pass
    with store.turn("a"):
        pass


def test_the_turn_of_a_killed_runner_ends(tmp_path: Path) -> None:
    """SIGKILL frees the journal."""
    code = (
        "import sys,time,pathlib;from switchback.systems.journal.file import FileStore\n"
        f"with FileStore(pathlib.Path({str(tmp_path / 'dev')!r})).turn('a'): print('held', flush=True); time.sleep(60)"
    )
    runner = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE)
    assert runner.stdout is not None
    assert runner.stdout.readline() == b"held\n"
    store = FileStore(tmp_path / "dev")
    with pytest.raises(RunnerAlive), store.turn("a"):
        pass
    os.kill(runner.pid, signal.SIGKILL)
    runner.wait()
    with store.turn("a"):
        pass


def test_a_runner_that_was_overtaken_may_not_write(tmp_path: Path) -> None:
    """A line that somebody else appended ends our turn before we act on stale knowledge."""
    store = FileStore(tmp_path / "dev")
    with store.turn("a") as turn:
        with (tmp_path / "dev" / "a.jsonl").open("ab") as other:
            other.write(b"x\n")
        with pytest.raises(LostTurn):
            turn.append(three()[0].line(), head(three()[:1]))


def test_one_attempt_locks_its_environment(tmp_path: Path) -> None:
    """Another attempt is refused by name; the same one may take the lock again; only it can free it."""
    store = FileStore(tmp_path / "dev")
    first = Holder(run="a", by="Ada", since="2026-01-01T00:00:00Z")
    store.lock(first)
    store.lock(first)
    with pytest.raises(AlreadyHeld, match="taken by a, asked for by Ada"):
        store.lock(Holder(run="b", by="Grace", since="2026-01-01T00:00:01Z"))
    store.unlock("b")
    assert store.holder() == first
    store.unlock("a")
    assert store.holder() is None


def test_a_journal_that_is_not_there_is_named(tmp_path: Path) -> None:
    """Reading an unknown attempt is refused."""
    with pytest.raises(NoJournal, match="no journal z in dev"):
        FileStore(tmp_path / "dev").read("z")
