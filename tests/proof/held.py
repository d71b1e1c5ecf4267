"""What a part of the proof came to."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class Held:
    """How many trials there were, and how many of them went wrong."""

    trials: int
    failed: int
    skipped: str = ""  #: why there was none


def chosen(every: Sequence[T], trials: int | None) -> Sequence[T]:
    """All of them, or so many, evenly spread."""
    return every if trials is None else [every[i * len(every) // trials] for i in range(min(trials, len(every)))]
