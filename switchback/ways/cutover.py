"""Cutover: what must be so before users are sent to new, and what every way back will need."""

from collections.abc import Sequence

from switchback.domain.journal import Record
from switchback.domain.model import Side
from switchback.domain.step import Runbook
from switchback.settings import Environment
from switchback.steps import dns, postgres, probe


def runbook(environment: Environment, own: Sequence[Record], answered: Sequence[Record]) -> Runbook:
    """The steps in their order; `answered` is the cutover before this one, if there was one.

    Filling new replaces what it holds, so nothing may wait there from the last time.
    """
    waiting = (postgres.NothingWaits(environment, postgres.recorded(answered)),) if answered else ()
    return Runbook(
        title=f"Send the users of {environment.name} to new",
        preconditions=(probe.Serves(environment, Side.OLD, writes=True), *waiting),
        items=(
            dns.LowerTtls(environment),
            dns.LongTtlsRunOut(environment, own),
            postgres.Fence(environment, Side.NEW),
            postgres.Fence(environment, Side.OLD),
            *((postgres.NothingWaits(environment, postgres.recorded(answered)),) if answered else ()),
            postgres.LoadNew(environment),
            postgres.RecordSites(environment),
            postgres.Unfence(environment, Side.NEW, postgres.fenced_by(own, Side.NEW)),
            probe.Serves(environment, Side.NEW, writes=True),
            dns.SendUsersTo(environment, Side.NEW),
            dns.AnswersFollow(environment, Side.NEW),
        ),
    )
