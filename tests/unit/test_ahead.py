"""Items are made ahead of their use, in order, and what goes wrong is raised in its turn."""

import threading
from collections.abc import Callable, Generator, Iterable, Iterator
from itertools import chain, count

import pytest

from switchback.recovery.ahead import MOST, ahead, gathered

Ahead = Callable[[Iterable[int]], Generator[int, None, None]]


def one_by_one(items: Iterable[int]) -> Generator[int, None, None]:
    """The items of `gathered`, for what holds of both."""
    lists = gathered(items)
    try:
        yield from chain.from_iterable(lists)
    finally:
        lists.close()


both = pytest.mark.parametrize("run", [ahead, one_by_one])


@both
def test_items_come_in_order_and_end(run: Ahead) -> None:
    """More of them than may wait."""
    assert list(run(range(MOST * 5))) == list(range(MOST * 5))


@both
def test_what_making_raises_is_raised_after_the_items_before_it(run: Ahead) -> None:
    """As if nothing ran ahead."""

    def failing() -> Iterator[int]:
        yield from (1, 2)
        raise LookupError

    numbers = run(failing())
    assert [next(numbers), next(numbers)] == [1, 2]
    with pytest.raises(LookupError):
        next(numbers)


@both
def test_an_endless_maker_ends_with_its_consumer(run: Ahead) -> None:
    """No thread is left behind, whether it waits to hand something over or not."""
    before = threading.active_count()
    numbers = run(count())
    assert [next(numbers), next(numbers)] == [0, 1]
    numbers.close()
    assert threading.active_count() == before


def test_all_that_waits_is_taken_together() -> None:
    """What was made while the consumer was busy, and never an empty list."""
    made = threading.Event()

    def five() -> Iterator[int]:
        yield from range(5)
        made.set()

    lists = gathered(five())
    first = next(lists)
    made.wait()
    rest = list(lists)
    assert len(rest) <= 1
    assert list(chain(first, *rest)) == list(range(5))
    assert list(gathered([])) == []
