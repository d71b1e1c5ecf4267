"""State that survives a restart: JSON documents in var/control_plane, each written in one step."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, ConfigDict, TypeAdapter

from infra.local import atomic

T = TypeVar("T")


class Entry(BaseModel):
    """A value in a document; changed only by putting another in its place."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Document(Generic[T]):
    """One value, on disk and in memory. Readers in other threads see either the old value or the new."""

    def __init__(self, path: Path, shape: Any, seed: Callable[[], T]) -> None:  # noqa: ANN401 - any type form
        self._path = path
        self._adapter: TypeAdapter[T] = TypeAdapter(shape)
        self._seed = seed
        if path.exists():
            self.value: T = self._adapter.validate_json(path.read_bytes())
        else:
            self.reset()

    def reset(self) -> None:
        """Back to the value it began with."""
        self.put(self._seed())

    def put(self, value: T) -> None:
        """Make `value` the document's; on disk first, so that what was seen is never forgotten."""
        atomic.write(self._path, self._adapter.dump_json(value, by_alias=True, indent=1))
        self.value = value


class Store:
    """All documents of the stand-in, in one folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._resets: list[Callable[[], None]] = []

    def document(self, name: str, shape: Any, seed: T) -> Document[T]:  # noqa: ANN401 - any type form
        """The document `name`; `seed` is what it begins with, and what `reset` brings back."""
        made = Document(self.folder / f"{name}.json", shape, lambda: seed)
        self._resets.append(made.reset)
        return made

    def reset(self) -> None:
        """Bring every document back to what it began with."""
        for reset in self._resets:
            reset()
