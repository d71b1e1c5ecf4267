"""What is asked of one table: its stage, counted, and which of its columns are more than a value. Changes nothing."""

from dataclasses import dataclass, replace

from psycopg.rows import class_row
from psycopg.sql import SQL, Composed

from switchback.recovery.apply.stage import OR, Stage
from switchback.recovery.session import Connection
from switchback.systems.postgres import sqlfiles


@dataclass(frozen=True, kw_only=True)
class Counts:
    """What a stage asks for."""

    inserts: int
    updates: int
    deletes: int
    reinserted: int  #: of the updates, those that move their row
    unique_updates: int  #: of the updates, those that touch a unique value

    @property
    def total(self) -> int:
        """Rows that old gains, loses or sees changed."""
        return self.inserts + self.updates + self.deletes


@dataclass(frozen=True, kw_only=True)
class Sensitive:
    """Columns of one table that are more than a value."""

    moving: tuple[str, ...]  #: key, partition key, identity always, referred to: the row is made anew
    unique: tuple[str, ...]  #: in unique and exclusion indexes
    any_is_unique: bool  #: an index that depends on the whole row, or on a generated column


@dataclass(frozen=True, kw_only=True)
class Left:
    """Rows of a file, by number, that were not applied: old's had changed meanwhile, or what old has leaves no room."""

    inserts: tuple[int, ...] = ()
    updates: tuple[int, ...] = ()
    deletes: tuple[int, ...] = ()

    def __add__(self, other: "Left") -> "Left":
        return Left(
            inserts=self.inserts + other.inserts,
            updates=self.updates + other.updates,
            deletes=self.deletes + other.deletes,
        )


@dataclass(frozen=True, kw_only=True)
class Work:
    """One table's merge."""

    stage: Stage
    sensitive: Sensitive
    counts: Counts

    def moving(self, *, thorough: bool) -> Composed:
        """Whether an update is made anew."""
        moving = self.stage.changed((*self.stage.layout.key, *self.sensitive.moving))
        return SQL("({})").format(OR.join([moving, self.colliding()])) if thorough else moving

    def colliding(self) -> Composed:
        """Whether an update touches a value that must stay unique."""
        if self.sensitive.any_is_unique:
            return SQL("{}").format(SQL("true"))
        return self.stage.changed(self.sensitive.unique)

    def removes(self, *, thorough: bool) -> bool:
        """Whether any row leaves the table, if only to come again."""
        counts = self.counts
        return bool(counts.deletes or counts.reinserted or (thorough and counts.unique_updates))


def count(link: Connection, stage: Stage, sensitive: Sensitive) -> Work:
    """What the stage asks for, counted; what goes straight into its table is known without."""
    nothing = Counts(**dict.fromkeys(Counts.__annotations__, 0))
    asked = Work(stage=stage, sensitive=sensitive, counts=replace(nothing, inserts=stage.lines))
    if stage.lines:
        return asked
    statement = sqlfiles.load("apply/count_operations").format(
        stage=stage.rows, applied=stage.applied, reinserted=asked.moving(thorough=False), unique=asked.colliding()
    )
    counts = link.cursor(row_factory=class_row(Counts)).execute(statement).fetchone()
    return Work(stage=stage, sensitive=sensitive, counts=counts or asked.counts)
