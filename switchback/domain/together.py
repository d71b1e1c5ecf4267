"""Several things at once: an incident does not wait for one system after the other."""

from collections.abc import Callable, Hashable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from typing import TypeVar

T = TypeVar("T")
K = TypeVar("K", bound=Hashable)
R = TypeVar("R")
MOST = 16  #: threads


def together(items: Sequence[T], do: Callable[[T], R]) -> list[R]:
    """`do` for every item, up to 16 at once; then the results in order, or what the first failure raised.

    Each runs in a copy of the caller's context, so that what it logs is told apart as the caller's is.
    """
    with ThreadPoolExecutor(max_workers=max(1, min(len(items), MOST))) as pool:
        running = [pool.submit(copy_context().run, do, item) for item in items]
    return [one.result() for one in running]


def side_by_side(names: Iterable[K], do: Callable[[K], R]) -> dict[K, R]:
    """`do` for every name at once, by name; when all have ended, raises what the first of them raised."""
    listed = list(names)
    return dict(zip(listed, together(listed, do), strict=True))
