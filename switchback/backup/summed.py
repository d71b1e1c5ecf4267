"""Bytes that are counted and summed up on their way."""

import hashlib
from collections.abc import Iterable, Iterator


class Summed:
    """The same pieces, once; `bytes` and `sha256` are of those that were handed on so far."""

    def __init__(self, pieces: Iterable[bytes]) -> None:
        self._pieces = pieces
        self._digest = hashlib.sha256()
        self.bytes = 0

    def __iter__(self) -> Iterator[bytes]:
        for piece in self._pieces:
            self._digest.update(piece)
            self.bytes += len(piece)
            yield piece

    @property
    def sha256(self) -> str:
        """Of what was handed on, in hexadecimal."""
        return self._digest.hexdigest()
