"""Captures one table into the bundle: its CSV, where anything differs, and what the manifest says of it."""

from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass, field

from psycopg import sql

from switchback.recovery import find
from switchback.recovery.ahead import ahead
from switchback.recovery.bundle import (
    ColumnNote,
    Conflict,
    Layout,
    Method,
    Operation,
    TableNote,
    TableWriter,
    Versions,
    Writer,
    Written,
    cells,
)
from switchback.recovery.capture import keyed, keyless
from switchback.recovery.capture.keyed import Difference
from switchback.recovery.capture.needs import Needs, Obstacle
from switchback.recovery.capture.obstacles import CHUNK, Obstacles
from switchback.recovery.judge import Ancestry, Verdict, conflict_of, values
from switchback.recovery.pairing import Pair


@dataclass
class Tally:
    """What was found so far; mutable, because it counts."""

    operations: dict[Operation, int] = field(default_factory=lambda: dict.fromkeys(Operation, 0))
    conflicts: int = 0
    kept: int = 0
    rewritten: int = 0
    lost: int = 0

    def count(self, operation: Operation, conflict: Conflict, rows: int, stamped: int) -> None:
        """Add rows, of which the timestamp rule sees `stamped`."""
        if conflict is Conflict.KEPT_ON_OLD:
            self.kept += rows
            return
        self.operations[operation] += rows
        self.conflicts += rows if conflict else 0
        self.lost += rows if operation is Operation.DELETE else rows - stamped


class TableCapture:
    """One table on its way into the bundle. The file is made when the first difference is met."""

    def __init__(self, writer: Writer, needs: Needs, pair: Pair) -> None:
        sides = needs.both.sides(pair)
        self._deletes = needs.deletes.of(pair.name)
        self.tally = Tally()
        self._obstacles = Obstacles(pair.name, needs) if sides.ancestry is not Ancestry.FENCED else None
        self._writer = writer
        self._sides = sides
        self._pair = pair
        self._table: TableWriter | None = None

    def run(self, method: Method) -> TableNote:
        """Find, judge and write; what Postgres or the disk answers is raised."""
        sides, covered, why = self._sides, method, ""
        if method is Method.TIMESTAMPS and not sides.new.stamps:
            why = "no timestamp column: the timestamp rule sees nothing here"
        elif not self._pair.key_columns:
            if method is Method.SNAPSHOT:
                covered, why = Method.DIFF, "no key: rows are counted on both sides"
            for surplus in keyless.surpluses(sides, stamped_only=method is Method.TIMESTAMPS):
                self._surplus(surplus)
        elif method is Method.TIMESTAMPS:
            self._candidates(find.by_timestamps(sides.new))
        elif method is Method.SNAPSHOT:
            self._found(find.by_snapshot(sides.new, sides.old, fenced=sides.ancestry is Ancestry.FENCED))
        elif sides.ancestry is Ancestry.FENCED:
            self._found(find.by_diff(sides.new, sides.old))
        else:
            self._candidates(find.one_by_one(sides.new, sides.old))
        return self._note(covered, why)

    def _found(self, found: find.Found) -> None:
        self._candidates(found.others)
        if found.inserts is not None:
            self._inserts(found.inserts)

    def _candidates(self, candidates: Iterable[find.Candidate]) -> None:
        for chunk in keyed.chunks(keyed.differences(self._sides, candidates), CHUNK if self._obstacles else 1):
            met = self._obstacles.of(chunk) if self._obstacles else {}
            for difference in chunk:
                if difference.verdict is None:
                    self.tally.rewritten += 1
                else:
                    self._difference(difference, difference.verdict, met.get(difference.key))

    def _difference(self, found: Difference, verdict: Verdict, obstacle: Obstacle | None) -> None:
        own = obstacle.conflict if obstacle else verdict.conflict
        conflict = conflict_of(verdict.operation, own, self._deletes)
        old = values(found.old)
        if obstacle and verdict.operation is Operation.INSERT:
            old = obstacle.holder
        versions = Versions(new=values(found.new), old=old, base=found.base if conflict else None)
        self._file(old=True).row(verdict.operation, versions, conflict, obstacle.constraint if obstacle else "")
        self.tally.count(verdict.operation, conflict, 1, int(bool(found.new and found.new.stamped)))

    def _surplus(self, surplus: keyless.Surplus) -> None:
        deleted_or_made = Conflict.ONLY_ON_OLD if self._sides.stayed and surplus.kept < 0 else Conflict.KEPT_ON_OLD
        for copies, own in ((surplus.apply, Conflict.NONE), (surplus.kept, deleted_or_made)):
            operation = Operation.INSERT if copies > 0 else Operation.DELETE
            conflict = conflict_of(operation, own, self._deletes)
            side = "new" if copies > 0 else "old"
            for _ in range(abs(copies)):
                self._file(old=False).row(operation, Versions(**{side: surplus.values}), conflict)
            self.tally.count(operation, conflict, abs(copies), min(abs(copies), surplus.stamped))

    def _inserts(self, wanted: sql.Composable) -> None:
        table = self._file(old=False)
        with closing(ahead(self._sides.new.csv(wanted))) as blocks, closing(ahead(map(table.lines, blocks))) as made:
            for lines in made:
                table.output.write(lines)
        rows, stamped = find.counted(self._sides.new, wanted)
        self.tally.count(Operation.INSERT, Conflict.NONE, rows, stamped)

    def _file(self, *, old: bool) -> TableWriter:
        if self._table is None:
            layout = self._layout(old=old)
            self._table = self._writer.table(self._pair.name.schema, self._pair.name.name, layout)
        return self._table

    def _layout(self, *, old: bool) -> Layout:
        columns = [shared.old for shared in self._pair.columns]
        return Layout(
            columns=tuple(column.name for column in columns),
            alone=tuple(cells.left_alone(column.base_type) for column in columns),
            key=tuple(shared.name for shared in self._pair.key_columns),
            old=old,
            base=old and self._sides.ancestry in (Ancestry.BASE, Ancestry.EXPORTED),
        )

    def _note(self, method: Method, why: str) -> TableNote:
        written = self._table.close() if self._table else Written()
        tally, name = self.tally, self._pair.name
        return TableNote(
            schema=name.schema,
            name=name.name,
            file=written.file,
            sha256=written.sha256,
            bytes=written.bytes,
            rows=written.rows,
            layout=self._table.layout if self._table else self._layout(old=False),
            columns=_columns(self._pair),
            method=method,
            why=why,
            inserts=tally.operations[Operation.INSERT],
            updates=tally.operations[Operation.UPDATE],
            deletes=tally.operations[Operation.DELETE],
            conflicts=tally.conflicts,
            kept_on_old=tally.kept,
            rewritten=tally.rewritten,
            timestamp_columns=self._sides.new.stamps,
            lost_by_timestamps=tally.lost,
        )


def _columns(pair: Pair) -> tuple[ColumnNote, ...]:
    return tuple(
        ColumnNote(name=column.name, type=column.type, base_type=column.base_type, not_null=column.not_null)
        for column in (shared.old for shared in pair.columns)
    )
