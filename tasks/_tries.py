"""Which try of which run asks people something: an answer is to that question alone."""

from uuid import uuid4

from prefect.runtime import flow_run


def this_try() -> str:
    """The same before and after a suspension; another when a run is retried, resumed by another, or at a terminal."""
    return f"{flow_run.id[:8]}-{flow_run.run_count}" if flow_run.id else uuid4().hex[:8]
