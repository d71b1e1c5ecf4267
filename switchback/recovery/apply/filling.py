"""Takes a file of the bundle into its stage, byte by byte what was reviewed."""

import hashlib
from collections.abc import Iterator

from psycopg import errors as driver
from psycopg.sql import SQL, Composed, Identifier

from switchback.recovery.ahead import ahead
from switchback.recovery.apply.errors import TextNotTaken
from switchback.recovery.apply.stage import Stage
from switchback.recovery.bundle import BundleChanged, read_cells, sha256
from switchback.recovery.session import Connection
from switchback.systems.postgres import sqlfiles

CHUNK = 1 << 20
OURS = (("_op", "text"), ("_decision", "text"), ("_why", "text"), ("_row", "bigint"))
NULL = r"\N"


def create(link: Connection, stage: Stage) -> None:
    """Make the stage, empty."""
    named = [SQL("{} {}").format(Identifier(name), SQL(kind)) for name, kind in OURS]
    kind = SQL("text[]" if stage.packed else "text")
    for side in _sides(stage):
        names = [side] if stage.packed else [f"{side}{i}" for i in range(len(stage.layout.columns))]
        named += [SQL("{} {}").format(Identifier(name), kind) for name in names]
    columns: Composed = SQL(", ").join(named)
    link.execute(sqlfiles.load("apply/create_stage").format(stage=stage.rows, columns=columns))


def fill(link: Connection, stage: Stage) -> None:
    """Make the stage and copy the file into it.

    Raises TextNotTaken, and BundleChanged unless the bytes that went in have its sum.
    """
    create(link, stage)
    try:
        seen = (_in_arrays if stage.packed else _as_it_is)(link, stage)
    except driver.UntranslatableCharacter as error:
        raise TextNotTaken(stage.path.name) from error
    if seen != stage.sha256:
        raise BundleChanged(stage.path.name, "its content is not what was reviewed")
    link.execute(SQL("analyze {}").format(stage.rows))


def _as_it_is(link: Connection, stage: Stage) -> str:
    seen = hashlib.sha256()
    with link.cursor().copy(sqlfiles.load("apply/copy_stage").format(stage=stage.rows)) as copy:
        for chunk in ahead(chunks(stage, seen)):
            copy.write(chunk)
    return seen.hexdigest()


def chunks(stage: Stage, seen: "hashlib._Hash | None" = None) -> Iterator[bytes]:
    """The file in pieces of a megabyte, summed on the way into `seen`; BundleChanged where it cannot be read."""
    try:
        with stage.path.open("rb") as file:
            while chunk := file.read(CHUNK):
                if seen:
                    seen.update(chunk)
                yield chunk
    except OSError as error:
        raise BundleChanged(stage.path.name, "it cannot be read") from error


def _in_arrays(link: Connection, stage: Stage) -> str:
    width, sides = len(stage.layout.columns), _sides(stage)
    with link.cursor().copy(sqlfiles.load("apply/copy_arrays").format(stage=stage.rows)) as copy:
        copy.set_types([*(kind for _, kind in OURS), *("text[]" for _ in sides)])
        for line in read_cells(stage.path, stage.layout):
            cells = [None if cell == NULL else cell for cell in line[len(OURS) :]]
            arrays = [cells[place * width : (place + 1) * width] for place in range(len(sides))]
            copy.write_row((*line[:3], int(line[3]), *arrays))
    return sha256(stage.path)


def _sides(stage: Stage) -> list[str]:
    return ["n", *("o" for _ in range(stage.layout.old)), *("b" for _ in range(stage.layout.base))]
