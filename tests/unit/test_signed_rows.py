"""What stays behind is counted row by row, and a signature is for what it was given for."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from switchback.domain.journal import Json, Kind, Record
from switchback.recovery import bundle, loss, review
from switchback.recovery.reviewed import Decide
from switchback.steps import recovery
from tests import manifests

LAYOUT = bundle.Layout(columns=("id", "n"), alone=(True, True), key=("id",), old=True, base=False)
UPDATE = bundle.Operation.UPDATE


def vote(decision: str, subject: str, digest: str, seq: int) -> Record:
    """One answer, as the journal keeps it."""
    data: dict[str, Json] = {"decision": decision, "subject": subject, "digest": digest}
    return Record(
        seq=seq, at=datetime(2026, 1, 1, tzinfo=UTC).isoformat(), kind=Kind.VOTED, step="", data=data, prev="0" * 64
    )


def test_a_row_of_olds_own_that_is_applied_hides_none_that_stays_behind(tmp_path: Path) -> None:
    """One update of new is skipped, one of old's own is overwritten: the first stays behind, and is signed for."""
    with bundle.writing(tmp_path / "b") as writer:
        table = writer.table("public", "t", LAYOUT)
        table.row(UPDATE, bundle.Versions(new=("1", "2"), old=("1", "1")))
        table.row(UPDATE, bundle.Versions(new=("2", "2"), old=("2", "1")), bundle.Conflict.KEPT_ON_OLD)
        types = dict.fromkeys(LAYOUT.columns, "integer")
        note = manifests.note(("public", "t"), table.close(), LAYOUT, types, updates=1, kept_on_old=1)
        writer.finish(manifests.of(note))
    file = tmp_path / "b" / note.file
    text = file.read_text(encoding="utf-8")
    file.write_text(
        text.replace("update,apply", "update,SKIP").replace("update,skip", "update,apply").replace("SKIP", "skip")
    )
    decided = review.review(tmp_path / "b", Decide.LEAVE)
    [left] = loss.left_behind(bundle.opened(tmp_path / "b"), decided)
    assert (left.inserts, left.updates, left.deletes) == (0, 1, 0)
    assert loss.accept(tmp_path / "b", "Dana Example", "not wanted").rows == 1


@pytest.mark.parametrize(
    ("votes", "stands"),
    [
        ([], ""),
        ([("approve", recovery.REVIEWS, "a")], "a"),
        ([("approve", recovery.REVIEWS, "a"), ("approve", "the plan", "p")], "a"),
        ([("approve", recovery.REVIEWS, "a"), ("deny", "the exported bundle", "e")], ""),
        ([("approve", recovery.REVIEWS, "a"), ("approve", "the exported bundle", "e")], "a"),
        ([("deny", "the exported bundle", "e"), ("approve", recovery.REVIEWS, "b")], "b"),
    ],
)
def test_the_last_word_about_a_review_counts(votes: list[tuple[str, str, str]], stands: str) -> None:
    """A plan that is approved anew takes no signature away; a denial does."""
    assert recovery.voted([vote(*one, seq) for seq, one in enumerate(votes)]) == stands
