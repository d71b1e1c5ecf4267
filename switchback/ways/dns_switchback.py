"""DNS switchback: fence new, open old, prove it, move users back. What waits on new is counted, kept and fenced."""

from collections.abc import Sequence

from switchback.domain.journal import Record
from switchback.domain.model import Side
from switchback.domain.step import Runbook
from switchback.settings import Environment
from switchback.steps import dns, kubernetes, postgres, probe


def runbook(environment: Environment, own: Sequence[Record], before: Sequence[Record]) -> Runbook:
    """The steps in the order of DESIGN's second way back; `before` is the cutover that users go back from."""
    del own  # nothing here depends on how far this attempt has come
    return Runbook(
        title=f"Send the users of {environment.name} back to old",
        preconditions=(probe.Serves(environment, Side.OLD, writes=False),),
        items=(
            postgres.Fence(environment, Side.NEW),
            postgres.AdvanceSequences(environment),
            postgres.Unfence(environment, Side.OLD, postgres.fenced_by(before, Side.OLD)),
            probe.Serves(environment, Side.OLD, writes=True),
            dns.SendUsersTo(environment, Side.OLD),
            dns.AnswersFollow(environment, Side.OLD),
            kubernetes.UsersHaveLeft(environment, Side.NEW),
            postgres.RowsWaiting(environment, postgres.recorded(before)),
        ),
    )
