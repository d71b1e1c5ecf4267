"""Fencing and unfencing a site: who may write there, taken and given back exactly."""

import logging
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from functools import partial

from switchback.domain.errors import Unreachable
from switchback.domain.journal import Record
from switchback.domain.model import Change, Plan, Side
from switchback.rollback.records import as_facts, intent
from switchback.settings import Environment
from switchback.systems import keyvault
from switchback.systems.postgres import access, fence, pipeline
from switchback.systems.postgres.access import FenceState, NoSuchDatabases
from switchback.systems.postgres.connection import Login
from switchback.systems.postgres.errors import NoDatabase
from switchback.systems.postgres.hostile import HostileWriter, Target

log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class AccessSeen:
    """Who may connect to a site's databases, and where its log stands."""

    state: FenceState
    shut: bool  #: nobody could log in, nobody is inside, nothing can commit later
    lsn: str  #: behind the last commit, on a site that is shut
    snapshot: str  #: which transactions are decided, by Postgres's own notation
    entries: dict[str, str] = field(default_factory=dict)  #: by database, what last changed who may connect


#: What is seen of a site that does not answer.
SILENT = AccessSeen(state=FenceState(), shut=False, lsn="", snapshot="")


def look(environment: Environment, side: Side) -> AccessSeen:
    """One site's access as it is now."""
    names = environment.databases
    with pipeline.session(environment, side) as session:
        view = fence.look(session, names)
        lsn, snapshot = fence.mark(session)
        entries = fence.entries(session, names)
    return AccessSeen(state=view.state, shut=view.shut, lsn=lsn, snapshot=snapshot, entries=entries)


def both_shut(environment: Environment) -> bool:
    """Whether nobody can write on either site."""
    return all(look(environment, side).shut for side in Side)


class Fence:
    """The applications cannot write on one site: no login, no connection, no session; proven by a hostile writer."""

    facts = AccessSeen

    def __init__(self, environment: Environment, side: Side) -> None:
        self._environment = environment
        self._side = side

    @property
    def name(self) -> str:
        """See Step."""
        return f"fence {self._side}"

    def look(self) -> AccessSeen:
        """See Step."""
        return look(self._environment, self._side)

    def plan(self, seen: AccessSeen) -> Plan:
        """See Step."""
        closed = Change(
            system="postgres",
            subject=_subject(self._environment, self._side),
            before=f"open to {', '.join(seen.state.logins) or 'nobody new, but sessions are inside'}",
            after="closed to everybody but the pipeline; sessions ended",
        )
        return Plan(title=self.name, changes=() if seen.shut else (closed,))

    def refuse_if_unsafe(self, seen: AccessSeen, planned: AccessSeen | None) -> None:
        """See Step. What makes a fence unsafe (prepared transactions, newcomers) is refused by the fence itself."""

    def apply(self, seen: AccessSeen) -> None:
        """See Step. Raises PreparedTransactions, SessionsRemain, FenceLeaks and what `fence.close` names."""
        with ExitStack() as open_until_proven:
            hostile = open_until_proven.enter_context(_hostile(self._environment, self._side))
            with pipeline.session(self._environment, self._side) as session:
                closed = fence.close(session, seen.state)
            hostile.prove()
        for left in (*(f"the login of {role}" for role in closed.unaltered), *map(str, closed.others)):
            log.warning("%s: %s is left alone", self.name, left)

    def undo(self, before: AccessSeen) -> None:
        """See Step."""
        with pipeline.session(self._environment, self._side) as session:
            fence.open_again(session, before.state)


class FenceWhenItAnswers(Fence):
    """The same of a site whose databases may not answer while the plan is made; it is carried out when they do."""

    def __init__(
        self, environment: Environment, side: Side, given_up: Sequence[str], begun: AccessSeen | None = None
    ) -> None:
        super().__init__(environment, side)
        self._whole = environment
        self._given_up = given_up  #: databases that may be missing; one that somebody has made again is fenced too
        self._begun = begun  #: what this fence saw before it first closed: no more is closed than can be opened again
        self._silence: Exception | None = None  #: why the last look saw nothing

    def look(self) -> AccessSeen:
        """See Step."""
        self._silence = None
        try:
            known = self._begun.state.databases if self._begun else self._made_again()
            self._environment = self._whole.without(set(self._given_up) - {one.database for one in known})
            return super().look()
        except (Unreachable, NoDatabase, NoSuchDatabases) as why:
            self._silence = why
            return SILENT

    def plan(self, seen: AccessSeen) -> Plan:
        """See Step."""
        if seen != SILENT:
            return super().plan(seen)
        closed = Change(
            system="postgres",
            subject=_subject(self._environment, self._side),
            before="does not answer",
            after="closed to everybody but the pipeline as soon as it answers",
        )
        return Plan(title=self.name, changes=(closed,))

    def refuse_if_unsafe(self, seen: AccessSeen, planned: AccessSeen | None) -> None:
        """See Step. What did not answer is not fenced, even if it would by now: raises why."""
        del seen
        if planned is not None and self._silence:
            raise self._silence

    def _made_again(self) -> tuple[access.Database, ...]:
        if not self._given_up:
            return ()
        with pipeline.session(self._whole, self._side) as session:
            return access.there(session, self._given_up)


class Unfence:
    """The applications have back, on one site, exactly what a fence took."""

    facts = AccessSeen

    def __init__(self, environment: Environment, side: Side, fenced: AccessSeen | None) -> None:
        self._environment = environment
        self._side = side
        self._fenced = fenced  #: what the fence saw before it closed; None while there is no such fence

    @property
    def name(self) -> str:
        """See Step."""
        return f"unfence {self._side}"

    def look(self) -> AccessSeen:
        """See Step."""
        return look(self._environment, self._side)

    def plan(self, seen: AccessSeen) -> Plan:
        """See Step."""
        missing = sorted(set(self._fenced.state.logins) - set(seen.state.logins)) if self._fenced else []
        opened = Change(
            system="postgres",
            subject=_subject(self._environment, self._side),
            before="closed to everybody but the pipeline",
            after=f"open to {', '.join(missing)}",
        )
        return Plan(title=self.name, changes=(opened,) if missing else ())

    def refuse_if_unsafe(self, seen: AccessSeen, planned: AccessSeen | None) -> None:
        """See Step. The order of the runbook makes it safe: the other site is fenced by now."""

    def apply(self, seen: AccessSeen) -> None:
        """See Step. Raises NotOpened."""
        del seen
        if self._fenced is not None:
            with pipeline.session(self._environment, self._side) as session:
                fence.open_again(session, self._fenced.state)

    def undo(self, before: AccessSeen) -> None:
        """See Step. Closes the site again, as `Fence` does."""
        del before
        again = Fence(self._environment, self._side)
        again.apply(again.look())


def fenced_by(told: Sequence[Record], side: Side) -> AccessSeen | None:
    """What an attempt's fence of a site saw before it closed; None when it has not fenced it."""
    begun = intent(told, f"fence {side}")
    return as_facts(AccessSeen, begun.data["before"]) if begun else None


def open_before(environment: Environment, own: Sequence[Record], before: Sequence[Record]) -> AccessSeen | None:
    """What new had before an attempt fenced it, or the one before it; None when neither has.

    Each database as this attempt found it, unless it was closed by then: the one before may have left out databases
    that were lost.
    """
    mine, earlier = (fenced_by(told, Side.NEW) for told in (own, before))
    if mine is None or earlier is None:
        return mine or earlier
    found_open = {grant.database for grant in mine.state.grants if grant.grantee != environment.postgres.role}
    closed = {one.database for one in earlier.state.databases} - found_open
    grants = [grant for grant in mine.state.grants if grant.database not in closed]
    grants += [grant for grant in earlier.state.grants if grant.database in closed]
    logins = {*mine.state.logins, *earlier.state.logins}
    state = replace(mine.state, grants=tuple(sorted(grants)), logins=tuple(sorted(logins)))
    return replace(mine, state=state)


def _hostile(environment: Environment, side: Side) -> HostileWriter:
    secret = partial(keyvault.secret, environment, side)
    targets = (
        Target(database=service.database, login=Login(role=role.name, password=secret(role.secret)))
        for service in environment.services
        for role in service.roles
    )
    return HostileWriter(environment.site(side), environment.postgres, targets)


def _subject(environment: Environment, side: Side) -> str:
    return f"{', '.join(environment.databases)} on {side}"
