"""What a difference means, by every combination of what the sides hold: pure rules, no server."""

import pytest

from switchback.recovery.bundle import Conflict, Decision, Operation
from switchback.recovery.capture.keyless import Copies, shares
from switchback.recovery.judge import Ancestry, Seen, judge

A, B, C = (Seen(values=(text,)) for text in "abc")
RECENT_A, RECENT_B = (Seen(values=(text,), recent=True) for text in "ab")


@pytest.mark.parametrize(
    ("new", "old", "base", "operation", "conflict"),
    [
        (A, A, B, None, None),
        (None, None, A, None, None),
        (A, None, None, Operation.INSERT, Conflict.NONE),
        (A, B, B, Operation.UPDATE, Conflict.NONE),
        (None, B, B, Operation.DELETE, Conflict.NONE),
        (B, A, B, Operation.UPDATE, Conflict.KEPT_ON_OLD),
        (B, None, B, Operation.INSERT, Conflict.KEPT_ON_OLD),
        (None, A, None, Operation.DELETE, Conflict.KEPT_ON_OLD),
        (A, B, C, Operation.UPDATE, Conflict.BOTH_CHANGED),
        (A, B, None, Operation.UPDATE, Conflict.BOTH_INSERTED),
        (A, None, C, Operation.INSERT, Conflict.DELETED_ON_OLD),
        (None, A, C, Operation.DELETE, Conflict.DELETED_ON_NEW),
    ],
)
def test_three_versions_have_one_meaning(
    new: Seen | None, old: Seen | None, base: Seen | None, operation: Operation | None, conflict: Conflict | None
) -> None:
    """Against the base: who changed what, and whether a person is asked."""
    verdict = judge(new, old, base, Ancestry.BASE)
    assert (verdict and verdict.operation, verdict and verdict.conflict) == (operation, conflict)


@pytest.mark.parametrize(
    ("new", "old", "later", "conflict"),
    [
        (RECENT_A, B, None, Conflict.NONE),
        (A, RECENT_B, None, Conflict.KEPT_ON_OLD),
        (RECENT_A, RECENT_B, None, Conflict.BOTH_CHANGED),
        (A, B, None, Conflict.BOTH_CHANGED),
        (RECENT_A, None, None, Conflict.NONE),
        (RECENT_A, None, True, Conflict.NONE),
        (RECENT_A, None, False, Conflict.DELETED_ON_OLD),
        (A, None, None, Conflict.KEPT_ON_OLD),
        (None, B, None, Conflict.NONE),
        (None, RECENT_B, None, Conflict.ONLY_ON_OLD),
        (None, RECENT_B, False, Conflict.ONLY_ON_OLD),
        (None, RECENT_B, True, Conflict.KEPT_ON_OLD),
    ],
)
def test_transaction_ids_tell_who_wrote(
    new: Seen | None, old: Seen | None, *, later: bool | None, conflict: Conflict
) -> None:
    """Without a base: what they cannot tell is asked, unless the key's number tells it."""
    verdict = judge(new, old, None, Ancestry.RECENCY, later=later)
    assert verdict is not None
    assert verdict.conflict is conflict


def test_a_fenced_old_has_no_conflicts() -> None:
    """Old is the ancestor: every difference is new's."""
    for new, old in ((A, B), (A, None), (None, B)):
        verdict = judge(new, old, None, Ancestry.FENCED)
        assert verdict is not None
        assert verdict.conflict.decision is Decision.APPLY


@pytest.mark.parametrize(
    ("new", "old", "base", "shared"),
    [
        ((3, 0), (1, 0), (1, 0), (2, 0)),
        ((0, 0), (2, 0), (2, 0), (-2, 0)),
        ((1, 0), (2, 0), (1, 0), (0, -1)),
        ((2, 0), (2, 0), (1, 0), (1, -1)),
        ((0, 0), (0, 0), (1, 0), (0, 0)),
        ((0, 0), (1, 0), (3, 0), (-1, 0)),
    ],
)
def test_copies_without_a_key_are_shared_out(
    new: tuple[int, int], old: tuple[int, int], base: tuple[int, int], shared: tuple[int, int]
) -> None:
    """What new added or took comes on top of what old did; what is left over is old's own."""
    copies = [Copies(count=count, recent=recent) for count, recent in (new, old, base)]
    apply, kept = shares(copies[0], copies[1], copies[2], Ancestry.BASE)
    assert (apply, kept) == shared
    assert copies[1].count + apply + kept == copies[0].count


@pytest.mark.parametrize(
    ("new", "old", "shared"),
    [((2, 1), (1, 0), (1, 0)), ((1, 0), (2, 1), (0, -1)), ((0, 0), (2, 1), (-1, -1)), ((1, 0), (0, 0), (0, 1))],
)
def test_copies_are_shared_out_by_transaction_ids(
    new: tuple[int, int], old: tuple[int, int], shared: tuple[int, int]
) -> None:
    """Without a base: recent copies came, copies of old that are not recent may go."""
    apply, kept = shares(
        Copies(count=new[0], recent=new[1]), Copies(count=old[0], recent=old[1]), Copies(), Ancestry.RECENCY
    )
    assert (apply, kept) == shared
