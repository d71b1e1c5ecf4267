"""Which keys a table had at the cutover, as one sum over them.

A row that only old has, and wrote since, was either made there or changed there and deleted on new. One by one nothing
tells, where keys are no numbers. Together they do: if leaving all of them out makes up the sum of the cutover, all
of them were made there (short of a collision of 64-bit sums).
"""

from dataclasses import dataclass, replace

from switchback.recovery import find
from switchback.recovery.lockstep import in_step
from switchback.recovery.view import FALSE, View


@dataclass(frozen=True, kw_only=True)
class KeySum:
    """A table's keys, counted and summed up."""

    schema: str
    table: str
    rows: int
    total: str  #: of their 64-bit hashes; text, because JSON's numbers are too short for it


def of(old: View) -> KeySum:
    """The keys that old has now; one scan."""
    rows, total = _all(old)
    return KeySum(schema=old.pair.name.schema, table=old.pair.name.name, rows=rows, total=str(total))


def only_inserted(new: View, old: View, then: KeySum) -> bool:
    """Whether all rows that one side alone has, and wrote since the cutover, were made there."""
    rows, total = _all(old)
    where = find.apart(new, old, lambda view: view.key_hash) or (FALSE, FALSE)
    for ours, theirs in in_step([find.hashes(*side, rows=False) for side in zip((new, old), where, strict=True)]):
        mine, other = ({cells[find.KEY]: cells for cells in found} for found in (ours, theirs))
        for cells in (mine[key] for key in mine.keys() - other.keys()):
            if cells[find.RECENT] == "f":  # deleted on old since
                rows, total = rows + 1, total + int(cells[0] or 0)
        for cells in (other[key] for key in other.keys() - mine.keys()):
            if cells[find.RECENT] == "t":
                rows, total = rows - 1, total - int(cells[0] or 0)
    return (rows, str(total)) == (then.rows, then.total)


def _all(old: View) -> tuple[int, int]:
    found = find.totals(replace(old, since=""))
    return found.kept, found.kept_sum
