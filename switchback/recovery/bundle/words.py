"""The words of a bundle: what rows do, what people decide, why they are asked, and the columns of a CSV."""

from dataclasses import dataclass
from enum import StrEnum

from switchback.recovery.bundle import cells


class Operation(StrEnum):
    """What applying a row does to old."""

    INSERT = "insert"
    UPDATE = "update"
    DELETE = "delete"


class Decision(StrEnum):
    """What people say about a row."""

    APPLY = "apply"
    SKIP = "skip"
    OPEN = ""  #: a conflict that nobody has decided


class Conflict(StrEnum):
    """Why a row is not simply applied. The cell may go on after ": " with the name of a constraint."""

    NONE = ""
    KEPT_ON_OLD = "kept-on-old"  #: only old changed it since the cutover: decided as skip, nobody is asked
    BOTH_CHANGED = "changed-on-both"  #: base, old and new all differ
    BOTH_INSERTED = "inserted-on-both"  #: the same key, other values
    DELETED_ON_OLD = "deleted-on-old"  #: changed on new meanwhile
    DELETED_ON_NEW = "deleted-on-new"  #: changed on old meanwhile
    UNIQUE_TAKEN = "unique-taken"  #: another row of old holds the value
    PARENT_GONE = "parent-gone"  #: deleted on old; or still referred to by rows written on old
    DEPENDS = "depends-on-undecided"  #: another row of new must come first, or go, and a person decides on that one
    TABLE_EMPTIED = "table-emptied"  #: a delete, and most of a table was deleted: by users, or by mistake
    ONLY_ON_OLD = "only-on-old"  #: written on old since the cutover, and nothing tells whether new deleted it

    @property
    def decision(self) -> "Decision":
        """How a row with this reason is decided before anyone has looked."""
        decided = {Conflict.NONE: Decision.APPLY, Conflict.KEPT_ON_OLD: Decision.SKIP}
        return decided.get(self, Decision.OPEN)


#: How the line of a row to insert begins, before its number.
INSERTED = f"{Operation.INSERT.value},{Decision.APPLY.value},,".encode()


class Method(StrEnum):
    """How changed rows were found."""

    SNAPSHOT = "snapshot"  #: by the cutover's transaction snapshot of new
    DIFF = "diff"  #: by comparing every row
    TIMESTAMPS = "timestamps"  #: by timestamp columns: incomplete by itself (defects 34-40)


@dataclass(frozen=True, kw_only=True)
class Layout:
    """The columns of one table's CSV."""

    columns: tuple[str, ...]  #: true names: the key's first, then the others by position; generated ones excluded
    alone: tuple[bool, ...]  #: per column: cells.left_alone of its type
    key: tuple[str, ...]  #: empty: rows are told apart by all their columns
    old: bool  #: whether `old:` columns follow
    base: bool  #: whether `base:` columns follow those

    @property
    def header(self) -> list[str]:
        """The first line's cells."""
        names = ["_op", "_decision", "_why", "_row", *(cells.heading(name) for name in self.columns)]
        names += [f"old:{name}" for name in self.columns if self.old]
        return names + [f"base:{name}" for name in self.columns if self.base]


#: The columns of the CSV that lists large objects. `offset`: where the content begins in the binary file.
LARGE_OBJECTS = Layout(
    columns=("loid", "owner", "size", "fingerprint", "offset"),
    alone=(True, False, True, True, True),
    key=("loid",),
    old=True,
    base=False,
)
