"""Runs an iterator ahead of whoever consumes it, in a thread: what one waits for, the other works on."""

from collections.abc import Generator, Iterable
from contextvars import copy_context
from queue import Queue
from threading import Event, Thread
from typing import TypeVar

T = TypeVar("T")
MOST = 8  #: items that wait to be consumed


def ahead(items: Iterable[T]) -> Generator[T, None, None]:
    """The same items, made while earlier ones are used; what making them raises is raised here, in its turn.

    At most eight wait. Closed early, it lets the maker end before it returns.
    """
    waiting: Queue[tuple[T] | BaseException | None] = Queue(MOST)
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
        while isinstance(got := waiting.get(), tuple):
            yield got[0]
        if got is not None:
            raise got
    finally:
        unwanted.set()
        while maker.is_alive():
            if not waiting.empty():
                waiting.get()
            maker.join(0.01)
