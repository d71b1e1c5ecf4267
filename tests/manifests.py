"""The manifest of a bundle of one table, as capture would have written it."""

from collections.abc import Mapping
from datetime import UTC, datetime

from switchback.recovery import bundle

AT = datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=UTC)
SIDE = bundle.Side(database="d", system_identifier="1", version=160014, snapshot="1:1:", lsn="0/0", user="u")
NONE = dict.fromkeys(("inserts", "updates", "deletes", "conflicts", "kept_on_old"), 0)


def of(table: bundle.TableNote) -> bundle.Manifest:
    """Nothing else was found."""
    return bundle.Manifest(
        format=bundle.FORMAT,
        recovery="r",
        environment="test",
        taken_at=AT,
        cutover=AT,
        method=table.method,
        why="",
        cutover_snapshot="",
        old_snapshot="",
        three_way=False,
        old=SIDE,
        new=SIDE,
        base=None,
        tables=(table,),
        asides=(),
        notes=(),
        sequences=(),
        large_objects=bundle.LargeObjectsNote(
            file="", sha256="", bytes=0, data_file="", data_sha256="", data_bytes=0, rows=0, **NONE
        ),
    )


def note(
    name: tuple[str, str],
    written: bundle.Written,
    layout: bundle.Layout,
    types: Mapping[str, str],
    **counted: int,
) -> bundle.TableNote:
    """A table by its schema and name, the types of its columns, and how many rows of each kind its file holds."""
    columns = (
        bundle.ColumnNote(name=column, type=kind, base_type=kind.partition("(")[0], not_null=column in layout.key)
        for column, kind in types.items()
    )
    return bundle.TableNote(
        schema=name[0],
        name=name[1],
        file=written.file,
        sha256=written.sha256,
        bytes=written.bytes,
        rows=written.rows,
        layout=layout,
        columns=tuple(columns),
        method=bundle.Method.DIFF,
        why="",
        rewritten=0,
        timestamp_columns=(),
        lost_by_timestamps=0,
        **(NONE | counted),
    )
