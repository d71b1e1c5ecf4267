"""Walks several streams of rows side by side, holding one row of each."""

from collections.abc import Iterator, Sequence
from itertools import groupby

from switchback.recovery.copying import Cells


def in_step(streams: Sequence[Iterator[Cells]]) -> Iterator[list[list[Cells]]]:
    """Rows whose first cell is the same integer, stream by stream; each stream must come ordered by it.

    A stream without such a row gives an empty list; several rows with one number stay together.
    """
    groups = [_grouped(stream) for stream in streams]
    heads = [next(group, None) for group in groups]
    while numbers := [head[0] for head in heads if head is not None]:
        least = min(numbers)
        met = [head if head is not None and head[0] == least else None for head in heads]
        yield [[] if head is None else head[1] for head in met]
        heads = [
            head if now is None else next(group, None) for head, now, group in zip(heads, met, groups, strict=True)
        ]


def _grouped(rows: Iterator[Cells]) -> Iterator[tuple[int, list[Cells]]]:
    for number, group in groupby(rows, key=_number):
        yield number, list(group)


def _number(row: Cells) -> int:
    return int(row[0] or 0)
