"""Runs an iterator ahead of whoever consumes it, in a thread: what one waits for, the other works on."""

from collections.abc import Generator, Iterable, Iterator
from contextlib import contextmanager
from contextvars import copy_context
from queue import Queue
from threading import Event, Thread
from typing import TypeVar

T = TypeVar("T")
Waiting = Queue[tuple[T] | BaseException | None]
MOST = 8  #: items that wait to be consumed


def ahead(items: Iterable[T]) -> Generator[T, None, None]:
    """The same items, made while earlier ones are used; what making them raises is raised here, in its turn.

    At most eight wait. Closed early, it lets the maker end before it returns.
    """
    with _made(items) as waiting:
        while isinstance(got := waiting.get(), tuple):
            yield got[0]
        if got is not None:
            raise got


def gathered(items: Iterable[T]) -> Generator[list[T], None, None]:
    """As `ahead`, but each time all that waits, one or more: for work that is cheaper the more is done at once."""
    with _made(items) as waiting:
        end = False
        while not end:
            got = [waiting.get()]
            got += [waiting.get() for _ in range(waiting.qsize())]
            if made := [one[0] for one in got if isinstance(one, tuple)]:
                yield made
            if isinstance(error := got[-1], BaseException):
                raise error
            end = error is None


@contextmanager
def _made(items: Iterable[T]) -> Iterator[Waiting[T]]:
    """Where the items come, one by one, and behind the last one None, or what making it raised."""
    waiting: Waiting[T] = Queue(MOST)
    unwanted = Event()

    def make() -> None:
        end: BaseException | None = None
        try:
            for item in items:
                waiting.put((item,))
                if unwanted.is_set():
                    break
        except BaseException as error:  # noqa: BLE001 - raised again where it is consumed
            end = error
        waiting.put(end)

    maker = Thread(target=copy_context().run, args=(make,), daemon=True)
    maker.start()
    try:
        yield waiting
    finally:
        unwanted.set()
        while maker.is_alive():
            if not waiting.empty():
                waiting.get()
            maker.join(0.01)
