"""Large objects, brought home one by one: each must still be what was captured, and is kept before it is touched.

An object that changes keeps its owner and rights; a new one gets new's owner where old has such a role.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, replace

from psycopg.rows import class_row, tuple_row
from psycopg.sql import Identifier, Literal

from switchback.recovery.apply import errors, records
from switchback.recovery.apply.engine import Engine
from switchback.recovery.bundle import Bundle, Operation, Row, Values
from switchback.systems.postgres import sqlfiles

PIECE = 1 << 20
NAME = "large objects"
LOID, OWNER, _SIZE, FINGERPRINT, _OFFSET = range(5)


@dataclass(frozen=True, kw_only=True)
class Present:
    """A large object of old as it is now."""

    owner: str
    size: int
    fingerprint: str
    closed: int


@dataclass
class Objects:
    """Old's large objects during one transaction."""

    engine: Engine
    kept: Identifier

    def bring(self, found: Bundle, rows: Sequence[Row]) -> records.Objects:
        """Apply these rows of the bundle; raises OldChanged before anything is touched."""
        self._refuse_changed([(_loid(row), row.old) for row in rows], errors.OldChanged)
        done = records.Objects()
        for row in rows:
            self._keep(_loid(row))
            self._apply(found, row)
            field = f"{row.operation.value}s"
            done = replace(done, **{field: getattr(done, field) + 1})
        return done

    def put_back(self, rows: Sequence[Row], view: str) -> None:
        """Make the objects what they were before these rows were applied; raises ChangedSince first."""
        self._refuse_changed([(_loid(row), row.new) for row in rows], errors.ChangedSince)
        for row in rows:
            loid, pieces = _loid(row), list(self._pieces(view, _loid(row))) if view else []
            if row.operation is Operation.INSERT:
                self._remove(loid)
                continue
            if row.operation is Operation.DELETE:
                self._create(loid, pieces[0][0] if pieces else "")
            self._fill(loid, (piece for _, _, piece in pieces))

    def _apply(self, found: Bundle, row: Row) -> None:
        if row.new is None:
            self._remove(_loid(row))
            return
        if row.operation is Operation.INSERT:
            self._create(_loid(row), row.new[OWNER] or "")
        self._fill(_loid(row), found.content(row))
        self._refuse_changed([(_loid(row), row.new)], errors.OldChanged)

    def _refuse_changed(
        self, expected: Sequence[tuple[int, Values | None]], kind: type[errors.OldChanged | errors.ChangedSince]
    ) -> None:
        changed = 0
        for loid, values in expected:
            present = self._present(loid)
            changed += (present.fingerprint if present else None) != (values[FINGERPRINT] if values else None)
        if changed:
            raise kind(NAME, changed)

    def _fill(self, loid: int, pieces: Iterator[bytes]) -> None:
        with self._owning(loid):
            self._run("empty_object", loid=loid)
            place = 0
            for piece in pieces:
                self._run("write_object", loid=loid, place=place, piece=piece)
                place += len(piece)

    def _keep(self, loid: int) -> None:
        present = self._present(loid)
        if present is None:
            return
        statement = sqlfiles.load("apply/keep_object").format(
            kept=self.kept,
            loid=Literal(loid),
            owner=Literal(present.owner),
            size=Literal(present.size),
            chunk=Literal(PIECE),
        )
        self.engine.let_in(self.kept)
        with self._owning(loid):
            self.engine.link.execute(statement)

    def _pieces(self, view: str, loid: int) -> Iterator[tuple[str, int, bytes]]:
        query = sqlfiles.load("apply/list_kept_pieces").format(view=Identifier(view), loid=Literal(loid))
        yield from self.engine.link.cursor(row_factory=tuple_row).execute(query)

    def _present(self, loid: int) -> Present | None:
        if self._owner(loid) is None:
            return None
        with self._owning(loid):
            cursor = self.engine.link.cursor(row_factory=class_row(Present))
            return cursor.execute(sqlfiles.load("apply/read_object"), {"loid": loid}).fetchone()

    def _owner(self, loid: int) -> str | None:
        cursor = self.engine.link.cursor(row_factory=tuple_row)
        row = cursor.execute(sqlfiles.load("apply/read_object_owner"), {"loid": loid}).fetchone()
        return row[0] if row else None

    def _create(self, loid: int, owner: str) -> None:
        found = self.engine.link.execute(sqlfiles.load("apply/read_role_exists"), {"role": owner}).fetchone()
        with self.engine.acting.acting_for(owner, f"large object {loid}") if found and found[0] else nullcontext():
            self._run("create_object", loid=loid)

    def _remove(self, loid: int) -> None:
        with self._owning(loid):
            self._run("remove_object", loid=loid)

    @contextmanager
    def _owning(self, loid: int) -> Iterator[None]:
        with self.engine.acting.acting_for(self._owner(loid) or "", f"large object {loid}"):
            yield

    def _run(self, statement: str, **parameters: object) -> None:
        self.engine.link.execute(sqlfiles.load(f"apply/{statement}"), parameters)


def _loid(row: Row) -> int:
    return int((row.new or row.old or ("0",))[LOID] or 0)
