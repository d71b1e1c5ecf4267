"""Proof that nobody is in new's databases, and that no row exists only there; and closing them until they are gone."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from switchback.domain.evidence import Evidence, none_of
from switchback.domain.journal import Record
from switchback.domain.model import Plan, Side
from switchback.rollback.records import as_facts, intent, observed
from switchback.settings import Environment
from switchback.steps import unused
from switchback.steps.postgres.access import AccessSeen, Fence
from switchback.steps.postgres.sites import SitesSeen
from switchback.steps.postgres.waiting import NothingWaits, WaitingSeen
from switchback.systems import resources
from switchback.systems.postgres import pipeline, presence
from switchback.systems.postgres.access import FenceState
from switchback.systems.postgres.facts import DatabaseFacts

NOBODY = AccessSeen(state=FenceState(), shut=True, lsn="", snapshot="")
STOP = "Stop new's applications (scale them to zero) and find out who else is there."
KEEP = "Bring those rows home, or load new again from old, or drop what nobody needs; then ask again."


class NobodyInside:
    """No session in new's server but our own, and pools of the applications in which nothing happens."""

    facts = Evidence
    name = "nobody is inside new's databases"

    def __init__(self, environment: Environment, own: Sequence[Record]) -> None:
        self._environment, self._own = environment, own

    def look(self) -> Evidence:
        """See Check. Raises SomebodyOnNew, or what a server that cannot be asked raises."""
        environment = self._environment
        if kept := unused.stands(self._own, self.name):
            return kept
        if not unused.has(environment, resources.SERVER):
            return _no_server(environment, "sessions on its database server")
        window_s = environment.policy.unused_s
        pools = [role.name for service in environment.services for role in service.roles]
        with pipeline.session(environment, Side.NEW) as session:
            inside = presence.sessions(session, pools, window_s)
        looked_at = f"{environment.new.postgres}: every client; pools that were idle for {window_s:g} s do not count"
        return none_of("sessions on its database server", [str(each) for each in inside], (looked_at,), STOP)


class NothingOnlyThere:
    """No row was written on new that old does not have; counted from a record where there is one."""

    facts = Evidence
    name = "no row exists only on new"

    def __init__(
        self,
        environment: Environment,
        own: Sequence[Record],
        *,
        left: WaitingSeen | None,
        loaded: SitesSeen | None,
        signed: Callable[[], tuple[str, ...]],
    ) -> None:
        self._environment, self._own = environment, own
        self._left = left  #: what the rollback before left on new
        self._loaded = loaded  #: both sites as a cutover recorded them that was undone
        self._signed = signed

    def look(self) -> Evidence:
        """See Check. Raises SomebodyOnNew, RowsWait after a rollback, or what a server that cannot be asked raises."""
        environment = self._environment
        if kept := unused.stands(self._own, self.name):
            return kept
        if not unused.has(environment, resources.SERVER):
            return _no_server(environment, "rows")
        with pipeline.session(environment, Side.NEW) as session:
            found = presence.databases(session, environment.postgres.maintenance_database)
        astray = [
            f"database {name}, which the descriptor does not name"
            for name in found
            if name not in environment.databases
        ]
        if self._left is not None:
            NothingWaits(environment, self._left, self._signed).look()
        else:
            astray += [line for name in found if name in environment.databases for line in self._written(name)]
        since = (
            "since the rollback" if self._left else "since the cutover was recorded" if self._loaded else "every row"
        )
        looked_at = tuple(f"{environment.new.postgres}, {name}: {since}" for name in found)
        return none_of("tables with rows that only it has", astray, looked_at, KEEP)

    def _written(self, name: str) -> list[str]:
        environment = self._environment
        at_old, at_new = (_of(name, sites) for sites in _sides(self._loaded))
        with pipeline.session(environment, Side.OLD, name) as old, pipeline.session(environment, Side.NEW, name) as new:
            rows = presence.written(old, new, at_new, at_old)
        return [f"{count} in {name}.{table}" for table, count in rows.items()]


class CloseUnused:
    """New's databases are fenced, as far as there are any: what was proven of them stays so until they are gone."""

    facts = AccessSeen
    name = f"fence {Side.NEW}"

    def __init__(self, environment: Environment, own: Sequence[Record]) -> None:
        self._environment, self._own = environment, own

    def look(self) -> AccessSeen:
        """See Step. Once the destroy has begun, what was seen last stands."""
        if intent(self._own, unused.DESTROY) is not None:
            kept = observed(self._own, self.name)
            return as_facts(AccessSeen, kept.data["seen"]) if kept else NOBODY
        fence = self._fence()
        return fence.look() if fence else NOBODY

    def plan(self, seen: AccessSeen) -> Plan:
        """See Step."""
        return Fence(self._environment, Side.NEW).plan(seen)

    def refuse_if_unsafe(self, seen: AccessSeen, planned: AccessSeen | None) -> None:
        """See Step. As for every fence."""

    def apply(self, seen: AccessSeen) -> None:
        """See Step. Raises what Fence raises."""
        if fence := self._fence():
            fence.apply(seen)

    def undo(self, before: AccessSeen) -> None:
        """See Step."""
        Fence(self._environment, Side.NEW).undo(before)

    def _fence(self) -> Fence | None:
        environment = self._environment
        if not unused.has(environment, resources.SERVER):
            return None
        with pipeline.session(environment, Side.NEW) as session:
            there = presence.databases(session, environment.postgres.maintenance_database)
        services = tuple(service for service in environment.services if service.database in there)
        return Fence(replace(environment, services=services), Side.NEW) if services else None


def _no_server(environment: Environment, of: str) -> Evidence:
    where = f"{environment.new.resource_group}: Azure knows no database server in it"
    return Evidence(of=of, found=0, looked_at=(where,))


def _sides(sites: SitesSeen | None) -> tuple[tuple[DatabaseFacts, ...], tuple[DatabaseFacts, ...]]:
    return (sites.old, sites.new) if sites else ((), ())


def _of(name: str, facts: Sequence[DatabaseFacts]) -> DatabaseFacts | None:
    return next((each for each in facts if each.database == name), None)
