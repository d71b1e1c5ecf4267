"""A folder on the temporary disk for one piece of work; what a killed one left there is removed by the next."""

import fcntl
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

HELD = ".held"  #: locked while its owner lives; the lock ends with the process


@contextmanager
def folder(what: str) -> Iterator[Path]:
    """An owner-only folder for the block, of a name of its own: two at once never meet. TMPDIR moves it."""
    root, name = Path(tempfile.gettempdir()), f"switchback-{what}-"
    for left in root.glob(f"{name}*"):
        _remove_abandoned(left)
    place = Path(tempfile.mkdtemp(prefix=name))
    try:
        with (place / HELD).open("w") as held:
            fcntl.flock(held, fcntl.LOCK_EX)
            yield place
    finally:
        shutil.rmtree(place, ignore_errors=True)


def _remove_abandoned(place: Path) -> None:
    try:
        with (place / HELD).open() as held:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(place, ignore_errors=True)
    except OSError:  # somebody works there, is about to, or it is not ours
        return
