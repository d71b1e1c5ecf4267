"""What is kept of two databases that hold the same at the cutover, beside their snapshots."""

from datetime import UTC, datetime

from switchback.recovery import keys, sides
from switchback.recovery.keys import KeySum
from switchback.recovery.sides import Known


def key_sums(old_dsn: str, new_dsn: str) -> tuple[KeySum, ...]:
    """Of every table whose keys do not tell by themselves which came later. Raises what `sides.paired` raises."""
    with sides.opened(old_dsn, new_dsn) as found:
        both = sides.paired(found, Known(cutover=datetime.now(UTC)))
        views = [both.sides(pair).old for pair in both.pairing.pairs if pair.key_columns]
        return tuple(keys.of(view) for view in views if not view.numbered)
