"""A recovery that dies: `switchback recover` killed at a chosen statement, before it is sent or after its answer.

    python -m tests.proof.dying_recovery BOUNDARY WORDS...

BOUNDARY is `never`, or the count of statements and `before` or `after`: `40-after` dies when the forty-first
statement has been answered. Every file counts as a large one, so that the second session dies too. Prints how many
statements were sent when it lives.
"""

import os
import signal
import sys
from collections.abc import Callable
from typing import Any

import psycopg

from flows.recover import app
from switchback.recovery.apply import arriving


def die_at(boundary: str) -> list[int]:
    """Count the statements of every session, and kill the process at the boundary."""
    count, _, when = boundary.partition("-")
    sent = [0]

    def counted(real: Callable[..., Any]) -> Callable[..., Any]:
        def wrapped(*given: Any, **named: Any) -> Any:  # noqa: ANN401 - stands in for a driver's method
            if when == "before" and sent[0] == int(count):
                os.kill(os.getpid(), signal.SIGKILL)
            answer = real(*given, **named)
            sent[0] += 1
            if when == "after" and sent[0] == int(count) + 1:
                os.kill(os.getpid(), signal.SIGKILL)
            return answer

        return wrapped

    psycopg.Cursor.execute = counted(psycopg.Cursor.execute)  # type: ignore[method-assign]
    psycopg.Cursor.copy = counted(psycopg.Cursor.copy)  # type: ignore[method-assign]
    return sent


def main(boundary: str, *words: str) -> int:
    """Run the command; its exit code."""
    arriving.LARGE = 1
    sent = die_at(boundary)
    code = app(words, standalone_mode=False)
    print(sent[0])  # noqa: T201 - the parent reads it
    return int(code or 0)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
