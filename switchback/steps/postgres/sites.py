"""Filling new from old, and recording both sites before new's first write."""

import logging
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import ClassVar

from switchback.domain.errors import HalfDone, Refused
from switchback.domain.journal import Record
from switchback.domain.model import Change, Plan, Side
from switchback.domain.rendering import SHORT
from switchback.domain.together import side_by_side, together
from switchback.recovery import at_cutover
from switchback.recovery.keys import KeySum
from switchback.rollback.records import as_facts, observed, undone
from switchback.settings import Environment
from switchback.steps.postgres.access import both_shut
from switchback.systems.postgres import compare, facts, pipeline, tools
from switchback.systems.postgres.facts import DatabaseFacts

log = logging.getLogger(__name__)


SHOWN = 5  #: differences of a database that the log names


@dataclass(frozen=True, kw_only=True)
class SitesSeen:
    """Both sites at one instant, while nobody writes: what every way back counts from."""

    old: tuple[DatabaseFacts, ...]
    new: tuple[DatabaseFacts, ...]
    keys: dict[str, tuple[KeySum, ...]] = field(default_factory=dict)  #: by database, where both held the same
    stayed: bool = False  #: rows of new have stayed on old since, while users went on on new


@dataclass(frozen=True, kw_only=True)
class BackAgain:
    """What a database of new holds that was given up while it could not be read."""

    rows: int  #: that only new has, or old alone any more
    content: str  #: a digest of all its rows


@dataclass(frozen=True, kw_only=True)
class LoadSeen:
    """Whether new holds exactly what old holds; nothing equals a site that is still written to."""

    quiet: bool
    differing: tuple[str, ...]  #: databases
    sites: SitesSeen | None = None  #: where both stood; None while a site is written to
    given_up: dict[str, BackAgain] = field(default_factory=dict)  #: by database


@dataclass(eq=False)
class LoadFailed(HalfDone):
    """The migration's own tooling did not finish."""

    problem: ClassVar[str] = "{command} ended with {code}: {words}"
    remedy: ClassVar[str] = "New is not loaded, and nobody was sent there. Correct the cause, then resume."
    command: str
    code: int
    words: str


@dataclass(eq=False)
class NotQuiet(Refused):
    """Copying from a site that is written to loses what is written meanwhile."""

    problem: ClassVar[str] = "New cannot be loaded while a site is written to."
    remedy: ClassVar[str] = "Fence both sites first."


@dataclass(eq=False)
class NoLoader(Refused):
    """Found out before anybody is shut out."""

    problem: ClassVar[str] = "{command}, which fills new, is not on this machine."
    remedy: ClassVar[str] = (
        "Install the migration's own tooling where the flows run, or correct load_new in the descriptor's [cutover]."
    )
    command: str


@dataclass(eq=False)
class WrittenSince(Refused):
    """Whoever approved the load knew of other rows."""

    problem: ClassVar[str] = (
        "{databases} on new was given up, and written to after this load was approved: {rows} rows exist only there."
    )
    remedy: ClassVar[str] = "New is kept as it is. Find out who writes to it; then undo this cutover and ask again."
    databases: str
    rows: int


class LoadNew:
    """New holds what old holds: counts, contents and sequences, compared; filled by the migration's own tooling."""

    facts = LoadSeen
    name = "load new"

    def __init__(self, environment: Environment, given_up: Callable[[], dict[str, BackAgain]] = dict) -> None:
        self._environment = environment
        self.given_up = given_up  #: asks for LoadSeen.given_up

    def look(self) -> LoadSeen:
        """See Step."""
        environment = self._environment
        names = environment.databases
        if not both_shut(environment):
            return LoadSeen(quiet=False, differing=names, given_up=self.given_up())
        differing = tuple(name for name in names if not self._equal(name))
        given_up = self.given_up() if differing else {}
        return LoadSeen(quiet=True, differing=differing, sites=read_sites(environment), given_up=given_up)

    def plan(self, seen: LoadSeen) -> Plan:
        """See Step."""
        changes = tuple(
            Change(
                system="postgres",
                subject=f"{name} on new",
                before=_held(seen.given_up.get(name)),
                after="exactly what old holds",
            )
            for name in seen.differing
        )
        return Plan(title=self.name, changes=changes)

    def refuse_if_unsafe(self, seen: LoadSeen, planned: LoadSeen | None) -> None:
        """See Step. The plan is made before the fences; when it is carried out they must stand: NotQuiet.

        Raises NoLoader, and WrittenSince where rows would go that whoever approved was not told of.
        """
        command = self._environment.cutover.load_new[0]
        if seen.differing and shutil.which(command) is None:
            raise NoLoader(command)
        if planned is not None and not seen.quiet:
            raise NotQuiet
        approved = (planned or seen).given_up
        if other := {name: found.rows for name, found in seen.given_up.items() if found != approved.get(name)}:
            raise WrittenSince(", ".join(other), sum(other.values()))

    def apply(self, seen: LoadSeen) -> None:
        """See Step. Raises LoadFailed."""
        del seen
        command = self._environment.cutover.load_new
        timeout_s = self._environment.cutover.load_timeout_s
        try:
            done = subprocess.run(
                command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, timeout=timeout_s
            )
        except subprocess.TimeoutExpired as error:
            raise LoadFailed(command[0], -1, f"not done after {timeout_s:g} s") from error
        except OSError as error:
            raise LoadFailed(command[0], -1, f"it cannot be started: {error.strerror}") from error
        if done.returncode:
            raise LoadFailed(
                command[0], done.returncode, f"{tools.complaint(done.stderr)} (all of it: {_kept(done.stderr)})"
            )

    def undo(self, before: LoadSeen) -> None:
        """See Step. Nobody has been on new: what it holds does not matter, and the next load replaces it."""

    def _equal(self, name: str) -> bool:
        environment = self._environment
        with pipeline.session(environment, Side.OLD, name) as old, pipeline.session(environment, Side.NEW, name) as new:
            found = compare.compare(old, new)
        for line in (*found.differences[:SHOWN], *found.definitions[:SHOWN]):
            log.info("%s: %s", name, line)
        if found.left_out:
            log.warning("%s: not compared: %s", name, ", ".join(found.left_out))
        return found.equal


class RecordSites:
    """Positions, snapshots, identifiers, sequences and key sums of both sites are kept, once, before new's first write.

    It changes nothing, but it is no check: looking again after new was opened would forget the writes
    between. So the first observation stands.
    """

    facts = SitesSeen
    name = "record both sites"

    def __init__(self, environment: Environment) -> None:
        self._environment = environment

    def look(self) -> SitesSeen:
        """See Step."""
        seen, environment = read_sites(self._environment), self._environment
        if not both_shut(environment):
            return seen
        return replace(seen, keys=side_by_side(environment.databases, self._keys))

    def plan(self, seen: SitesSeen) -> Plan:
        """See Step."""
        del seen
        return Plan(title=self.name)

    def refuse_if_unsafe(self, seen: SitesSeen, planned: SitesSeen | None) -> None:
        """See Step."""

    def apply(self, seen: SitesSeen) -> None:
        """See Step."""

    def undo(self, before: SitesSeen) -> None:
        """See Step."""

    def _keys(self, name: str) -> tuple[KeySum, ...]:
        try:
            return at_cutover.key_sums(*(pipeline.dsn(self._environment, side, name) for side in Side))
        except Refused as why:
            log.warning("%s: after an outage of new, people will be asked about more rows: %s", name, why)
            return ()


def read_sites(environment: Environment) -> SitesSeen:
    """Both sites as they are now."""
    return SitesSeen(old=_read(environment, Side.OLD), new=_read(environment, Side.NEW))


def recorded(told: Sequence[Record]) -> SitesSeen:
    """What a finished cutover recorded of both sites."""
    kept = observed(told, RecordSites.name)
    if kept is None:
        raise KeyError(RecordSites.name)  # a cutover does not end without it
    return as_facts(SitesSeen, kept.data["seen"])


def loaded_and_taken_back(told: Sequence[Record]) -> SitesSeen | None:
    """Where both sites stood when an attempt took back its load of new; None where it never loaded new.

    Of no database where new did not answer then: nobody has been let in since nothing was proven to wait there.
    """
    kept = undone(told, LoadNew.name)
    if kept is None:
        return None
    return as_facts(LoadSeen, kept.data["seen"]).sites if kept.data["seen"] else SitesSeen(old=(), new=())


def _held(found: BackAgain | None) -> str:
    if found is None:
        return "whatever it holds"
    why = "given up when new could not be read, or written there since"
    return f"{found.rows} rows that old has not so: {why} (all rows: {found.content[:SHORT]})"


def _kept(said: str) -> str:
    """An owner-only file of what the tooling said: it may hold rows, so no error shows it."""
    number, name = tempfile.mkstemp(prefix="switchback-load-new-", suffix=".log")
    with os.fdopen(number, "w", encoding="utf-8") as file:
        file.write(said)
    return name


def _read(environment: Environment, side: Side) -> tuple[DatabaseFacts, ...]:
    def one(name: str) -> DatabaseFacts:
        with pipeline.session(environment, side, name) as session:
            return facts.read(session)

    return tuple(together(environment.databases, one))
