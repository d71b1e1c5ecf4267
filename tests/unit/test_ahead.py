"""Items are made ahead of their use, in order, and what goes wrong is raised in its turn."""

import threading
from collections.abc import Iterator
from itertools import count

import pytest

from switchback.recovery.ahead import MOST, ahead


def test_items_come_in_order_and_end() -> None:
    """More of them than may wait."""
    assert list(ahead(range(MOST * 5))) == list(range(MOST * 5))


def test_what_making_raises_is_raised_after_the_items_before_it() -> None:
    """As if nothing ran ahead."""

    def failing() -> Iterator[int]:
        yield from (1, 2)
        raise LookupError

    numbers = ahead(failing())
    assert [next(numbers), next(numbers)] == [1, 2]
    with pytest.raises(LookupError):
        next(numbers)


def test_an_endless_maker_ends_with_its_consumer() -> None:
    """No thread is left behind, whether it waits to hand something over or not."""
    before = threading.active_count()
    numbers = ahead(count())
    assert [next(numbers), next(numbers)] == [0, 1]
    numbers.close()  # type: ignore[attr-defined]
    assert threading.active_count() == before
