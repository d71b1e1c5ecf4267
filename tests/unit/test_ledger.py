"""The ledger of the users' writes: nothing counts before it is on disk, and nothing is told twice."""

import asyncio
from dataclasses import replace
from pathlib import Path

from infra.local.traffic import ledger
from infra.local.traffic.ledger import Fate, Kind, Ledger, Write


def _write(operation: str, fate: Fate = Fate.SENT) -> Write:
    return Write(operation=operation, service="chain", kind=Kind.INSERT, reference=f"of {operation}", fate=fate)


def test_a_committed_write_is_in_the_file_when_its_commit_returns(tmp_path: Path) -> None:
    """Also when a hundred commits share the disk."""
    path = tmp_path / "ledger.jsonl"
    seen: list[bool] = []

    async def _one(book: Ledger, operation: str) -> None:
        await book.commit(_write(operation, Fate.ACKNOWLEDGED))
        seen.append(operation in {write.operation for write in ledger.read(path)})

    async def _all() -> None:
        book = Ledger(path)
        async with asyncio.TaskGroup() as group:
            for number in range(100):
                group.create_task(_one(book, f"operation {number}"))
        book.close()

    asyncio.run(_all())
    assert seen == [True] * 100


def test_writes_are_read_in_the_order_of_sending_with_their_last_fate(tmp_path: Path) -> None:
    """The answer may come in any order; a write without one keeps the fate of being sent."""
    book = Ledger(tmp_path / "ledger.jsonl")
    for operation in ("one", "two", "three"):
        book.note(_write(operation))
    for operation, fate, site in (("three", Fate.REFUSED, "new"), ("one", Fate.ACKNOWLEDGED, "old")):
        book.note(replace(_write(operation, fate), site=site))
    book.close()
    assert [(write.operation, write.fate, write.site) for write in ledger.read(tmp_path / "ledger.jsonl")] == [
        ("one", Fate.ACKNOWLEDGED, "old"),
        ("two", Fate.SENT, "-"),
        ("three", Fate.REFUSED, "new"),
    ]
