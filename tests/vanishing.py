"""Folders, and clusters in them, that are gone when the block that uses them ends, whatever happened in it."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from infra.local import postgres
from infra.local.layout import Layout
from switchback.domain.model import Side


@contextmanager
def folder() -> Iterator[Path]:
    """A folder that the servers' unprivileged account can enter."""
    with tempfile.TemporaryDirectory(prefix="switchback-") as name:
        Path(name).chmod(0o755)
        yield Path(name)


@contextmanager
def clusters(network: str, settings: str = "") -> Iterator[Layout]:
    """Old's and new's running servers on that network, with further lines of their configuration."""
    with folder() as var:
        layout = Layout(network=network, var=var)
        try:
            for side in Side:
                postgres.create(layout, side)
                with (postgres.data(layout, side) / "postgresql.auto.conf").open("a", encoding="utf-8") as file:
                    file.write(settings)
                postgres.start(layout, side)
            yield layout
        finally:
            for side in Side:
                postgres.stop(layout, side)
