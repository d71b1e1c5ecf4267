"""Fences of a site whose databases may be gone: what is not there cannot be written to."""

from switchback.domain.model import Side
from switchback.settings import Environment
from switchback.steps import postgres
from switchback.steps.postgres import AccessSeen
from switchback.systems.postgres import fence, pipeline
from switchback.systems.postgres.access import FenceState, NoSuchDatabases


class FenceFormer(postgres.Fence):
    """Nobody writes to what is left of a site; databases that are gone count as fenced."""

    def __init__(self, environment: Environment) -> None:
        super().__init__(environment, Side.OLD)

    def look(self) -> AccessSeen:
        """See Step."""
        try:
            return super().look()
        except NoSuchDatabases:
            return _gone(self._environment)


class OpenRestored(postgres.Unfence):
    """The applications have, on the restored site, exactly what the cutover's fence took from them there."""

    def __init__(self, environment: Environment, fenced: AccessSeen | None) -> None:
        super().__init__(environment, Side.OLD, fenced)

    def look(self) -> AccessSeen:
        """See Step."""
        try:
            return super().look()
        except NoSuchDatabases:
            return _gone(self._environment)


def _gone(environment: Environment) -> AccessSeen:
    with pipeline.session(environment, Side.OLD) as session:
        lsn, snapshot = fence.mark(session)
    return AccessSeen(state=FenceState(), shut=True, lsn=lsn, snapshot=snapshot)
