"""The conflicts of a bundle as the page shows them: one by one, base, old and new beside each other."""

from collections.abc import Iterator
from dataclasses import dataclass

from switchback.recovery.bundle import Bundle, Conflict, Decision, Row, TableNote, Values

SHOWN = 100  #: conflicts on the page; all of them are in the CSVs
LONGEST = 200  #: characters of a value on the page


@dataclass(frozen=True, kw_only=True)
class Cell:
    """One column of a row that one side alone has, or in which the sides differ; None where a side has no such row."""

    column: str
    base: str | None
    old: str | None
    new: str | None


@dataclass(frozen=True, kw_only=True)
class Shown:
    """One conflict."""

    table: str
    file: str
    row: int
    kind: str
    key: str
    cells: tuple[Cell, ...]


def shown(found: Bundle) -> tuple[Shown, ...]:
    """The first conflicts of a bundle, as exported; those that only depend on others come last."""
    themselves, depending = list[Shown](), list[Shown]()
    for note, row in _conflicts(found):
        alike = depending if row.conflict is Conflict.DEPENDS else themselves
        if len(alike) < SHOWN:
            alike.append(_shown(note, row))
        if len(themselves) == SHOWN:
            break
    return tuple((themselves + depending)[:SHOWN])


def _conflicts(found: Bundle) -> Iterator[tuple[TableNote, Row]]:
    for note in found.manifest.tables:
        if note.conflicts:
            for row in found.exported_rows(note):
                if row.conflict.decision is Decision.OPEN:
                    yield note, row


def _shown(note: TableNote, row: Row) -> Shown:
    layout, old = note.layout, row.old or row.holder
    own = row.new or old or ()
    cells = tuple(
        Cell(column=name, base=_cell(row.base, place), old=_cell(old, place), new=_cell(row.new, place))
        for place, name in enumerate(layout.columns)
        if row.old is None or row.new is None or len({side[place] for side in (row.base, row.old, row.new) if side}) > 1
    )
    key = ", ".join(
        f"{name} = {_short(value)}" for name, value in zip(layout.columns, own, strict=True) if name in layout.key
    )
    kind = f"{row.conflict.value}: {row.constraint}" if row.constraint else row.conflict.value
    return Shown(table=f"{note.schema}.{note.name}", file=note.file, row=row.number, kind=kind, key=key, cells=cells)


def _cell(values: Values | None, place: int) -> str | None:
    return None if values is None else _short(values[place])


def _short(value: str | None) -> str:
    if value is None:
        return "NULL"
    return value if len(value) <= LONGEST else f"{value[:LONGEST]}... ({len(value)} characters)"
