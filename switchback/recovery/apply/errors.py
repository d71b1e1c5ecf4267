"""What stops rows from being brought home, told apart by what a person does about it. Nothing was changed then."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from switchback.domain.errors import HalfDone, Refused

SHOWN = 5  #: rows that a message names


@dataclass(eq=False)
class RecoveryRunning(Refused):
    """Another recovery writes to the same database."""

    problem: ClassVar[str] = "Another recovery is at work on {place} ({holder})."
    remedy: ClassVar[str] = "Wait for it to end, then run again."
    place: str
    holder: str


@dataclass(eq=False)
class NotOwner(Refused):
    """The role may not act for the owner of a table."""

    problem: ClassVar[str] = "{role} may not act for {owner}, who owns {thing}."
    remedy: ClassVar[str] = "Grant the role membership in {owner} (with SET from 16 on), then run again."
    role: str
    owner: str
    thing: str


@dataclass(eq=False)
class NotOurSchema(Refused):
    """Old has a schema of our name that somebody else made."""

    problem: ClassVar[str] = "{place} has a schema named switchback that is not ours."
    remedy: ClassVar[str] = "Rename it: what is needed to undo is kept under that name."
    place: str


@dataclass(eq=False)
class NoRoom(Refused):
    """There is no schema of ours on old, and the role may not make one."""

    problem: ClassVar[str] = "{role} may not make the schema switchback on {place}: what undo needs is kept there."
    remedy: ClassVar[str] = (
        'Nothing was changed. As the database\'s owner: create schema switchback authorization "{role}" '
        "(or grant create on the database), then run again."
    )
    role: str
    place: str


@dataclass(eq=False)
class AppliedDifferently(Refused):
    """The recovery was applied with other decisions."""

    problem: ClassVar[str] = "Recovery {recovery} was applied to {place} already, from a bundle reviewed differently."
    remedy: ClassVar[str] = "Undo it first (`switchback recover undo`), or capture again."
    recovery: str
    place: str


@dataclass(eq=False)
class OldChanged(Refused):
    """Rows of old are not what they were when the bundle was made: conflicts that appeared since."""

    problem: ClassVar[str] = "{table}: {rows} rows changed on old since the bundle was made."
    remedy: ClassVar[str] = "Nothing was applied. Capture and review again."
    table: str
    rows: int


@dataclass(eq=False)
class TableChanged(Refused):
    """A table of the bundle is not on old, or not with these columns."""

    problem: ClassVar[str] = "{table}: {fault}."
    remedy: ClassVar[str] = "Old's schema changed since the bundle was made. Capture again."
    table: str
    fault: str


@dataclass(eq=False)
class ValueNotTaken(Refused):
    """A value is not one of its column's type on old."""

    problem: ClassVar[str] = "{file}, row {row}, column {column}: {type} does not take the value ({condition})."
    remedy: ClassVar[str] = "Nothing was applied. Correct the cell and review again."
    file: str
    row: int
    column: str
    type: str
    condition: str


@dataclass(eq=False)
class TextNotTaken(Refused):
    """New's encoding has characters that old's lacks."""

    problem: ClassVar[str] = "{file} has a character that old's encoding lacks."
    remedy: ClassVar[str] = (
        "Nothing was applied. Replace it in the file, or move old to an encoding that has it; then review again."
    )
    file: str


@dataclass(eq=False)
class RowsDoNotFit(Refused):
    """The rows that people chose break a rule of the database together."""

    problem: ClassVar[str] = "{table}: {rule} does not hold for the rows that were chosen ({condition})."
    remedy: ClassVar[str] = (
        "Nothing was applied. Review again: a row was skipped, edited or kept that others depend on."
    )
    table: str
    rule: str
    condition: str


def rows_of(file: str, rows: Sequence[int]) -> str:
    """The first of these rows, as messages name them."""
    return f"row {', '.join(map(str, rows[:SHOWN]))} of {file}"


class NoPartition(RowsDoNotFit):
    """New has a partition that old has not."""

    problem = "{table}: {rule} of old takes a row that is to come ({condition})."
    remedy = "Nothing was applied. Make on old the partitions that new has, then run again."


@dataclass(eq=False)
class WroteElsewhere(Refused):
    """A trigger, a rule or an event trigger of old's wrote beside what was asked for; the transaction was given up."""

    problem: ClassVar[str] = "While rows were merged, old itself wrote to {tables}."
    remedy: ClassVar[str] = (
        "Nothing was applied. Disable what writes there (an event trigger hears what is set aside), or apply as a role "
        "that may set session_replication_role; then run again."
    )
    tables: str


@dataclass(eq=False)
class NotPutBack(Refused):
    """What was set aside for the merge did not come back exactly; the transaction was given up."""

    problem: ClassVar[str] = "{thing} would not have been put back exactly."
    remedy: ClassVar[str] = "Nothing was applied. Tell the maintainers."
    thing: str


@dataclass(eq=False)
class Stopped(Refused):
    """Postgres refused a statement; the transaction was rolled back."""

    problem: ClassVar[str] = "Postgres at {place} stopped the transaction: {condition} ({sqlstate}){where}."
    remedy: ClassVar[str] = "Nothing was applied; the server's log has the rest."
    place: str
    condition: str
    sqlstate: str
    where: str


@dataclass(eq=False)
class OutcomeUnknown(HalfDone):
    """The session was lost while it committed."""

    problem: ClassVar[str] = "The session on {place} was lost while it committed: everything was applied, or nothing."
    remedy: ClassVar[str] = "Run the same command again: it looks first, and does what is missing."
    place: str


@dataclass(eq=False)
class ChangedSince(Refused):
    """Rows that undo would touch were changed after the recovery was applied."""

    problem: ClassVar[str] = "{table}: {rows} rows were changed after the recovery was applied."
    remedy: ClassVar[str] = "Nothing was undone: it would lose these changes."
    table: str
    rows: int
