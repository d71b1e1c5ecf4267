"""What a difference between the sides means. Pure: rows in, verdict out.

Three-way: against the base's own row, or against what each side's transaction ids say. Never
last-write-wins: where both sides wrote, a person decides.
"""

from dataclasses import dataclass
from enum import Enum, auto

from switchback.recovery.bundle import Conflict, Operation, Values
from switchback.recovery.catalog import Name


class Ancestry(Enum):
    """How the common ancestor is known."""

    FENCED = auto()  #: old is what it was at the cutover
    BASE = auto()  #: a base database holds it
    RECENCY = auto()  #: old's own snapshot of the cutover tells which of its rows were written since
    EXPORTED = auto()  #: an earlier bundle, made while both sides were fenced, tells what old held


@dataclass(frozen=True, kw_only=True)
class Seen:
    """A row as one side has it."""

    values: Values
    recent: bool = False  #: written since the cutover; where nothing tells, new's are and old's are not
    stamped: bool = False  #: seen by the timestamp rule


def values(seen: Seen | None) -> Values | None:
    """The row's values; None where there is no row."""
    return None if seen is None else seen.values


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What would make old's row new's, and whether that may be done unasked."""

    operation: Operation
    conflict: Conflict = Conflict.NONE


def judge(
    new: Seen | None, old: Seen | None, base: Seen | None, ancestry: Ancestry, *, later: bool | None = None
) -> Verdict | None:
    """The verdict over one key; None where both sides have the same.

    `later`: whether the key itself says that it came after the cutover (numbers beyond all older ones); None: nothing.
    """
    if values(new) == values(old):
        return None
    operation = Operation.INSERT if old is None else Operation.DELETE if new is None else Operation.UPDATE
    if ancestry in (Ancestry.BASE, Ancestry.EXPORTED):
        return Verdict(operation=operation, conflict=_against_base(new, old, base))
    if ancestry is Ancestry.RECENCY:
        return Verdict(operation=operation, conflict=_by_recency(new, old, later=later))
    return Verdict(operation=operation)


@dataclass(frozen=True, kw_only=True)
class Deletes:
    """What deletes on new are taken for, where nobody reviews them."""

    conflict: Conflict = Conflict.NONE
    tables: frozenset[Name] | None = None  #: in these tables; None: everywhere

    def of(self, table: Name | None = None) -> Conflict:
        """What those of a table are taken for, or those of large objects."""
        return self.conflict if self.tables is None or table in self.tables else Conflict.NONE


def conflict_of(operation: Operation, conflict: Conflict, deletes: Conflict) -> Conflict:
    """The conflict of a difference; a delete that has none is taken for `deletes`."""
    return conflict or (deletes if operation is Operation.DELETE else Conflict.NONE)


def _against_base(new: Seen | None, old: Seen | None, base: Seen | None) -> Conflict:
    ancestor = values(base)
    if values(old) == ancestor:
        return Conflict.NONE
    if values(new) == ancestor:
        return Conflict.KEPT_ON_OLD
    if base is None:
        return Conflict.BOTH_INSERTED
    if old is None:
        return Conflict.DELETED_ON_OLD
    return Conflict.DELETED_ON_NEW if new is None else Conflict.BOTH_CHANGED


def _by_recency(new: Seen | None, old: Seen | None, *, later: bool | None) -> Conflict:
    if old is None:
        if new is None or not new.recent:
            return Conflict.KEPT_ON_OLD
        return Conflict.DELETED_ON_OLD if later is False else Conflict.NONE
    if new is None:
        if not old.recent:
            return Conflict.NONE
        return Conflict.KEPT_ON_OLD if later else Conflict.ONLY_ON_OLD
    if new.recent and not old.recent:
        return Conflict.NONE
    return Conflict.KEPT_ON_OLD if old.recent and not new.recent else Conflict.BOTH_CHANGED
