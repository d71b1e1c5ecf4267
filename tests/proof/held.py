"""What a part of the proof came to."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Held:
    """How many trials there were, and how many of them went wrong."""

    trials: int
    failed: int
    skipped: str = ""  #: why there was none
