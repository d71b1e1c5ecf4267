"""Capture over generated schemas, held against rows read by other means.

Two clusters of its own, each seed both ways round (old on the older major and on the newer one) and by both methods.
Prints a line per seed; a trial fails when old's rows and the bundle together are not new's rows, exactly.
"""

import itertools
import random
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest
from psycopg import sql
from rich.console import Console

from infra.local import databases, postgres
from infra.local.databases import make
from infra.local.layout import Layout
from switchback.domain.model import Side
from switchback.recovery import buckets, bundle, capture, find
from switchback.recovery.capture import keyed
from tests import generated, oracle, vanishing
from tests.proof.held import Held

NETWORK = "127.67"
SEEDS = 40
METHODS = (bundle.Method.SNAPSHOT, bundle.Method.DIFF)
KIND = databases.of("publisher")
LIMITS = (
    (find, "SMALL", (0, 8, 5000)),
    (buckets, "FEW_RUNS", (0, 1, 16)),
    (keyed, "CHUNK", (1, 5, 4000)),
    (buckets, "ROWS_PER_BUCKET", (1, 2, 50)),
)


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """One seed, one direction, one method."""

    seed: int
    old: Side
    method: bundle.Method
    changes: int
    wrong: tuple[str, ...]  #: tables that did not come out as new's


def prove(console: Console, seeds: int = SEEDS) -> Held:
    """Try every seed; every table of every trial has to come out exactly."""
    outcomes = []
    with vanishing.clusters(NETWORK) as layout:
        for seed in range(seeds):
            for outcome in _trials(layout, seed):
                outcomes.append(outcome)
                words = ", ".join(outcome.wrong) or "exact"
                console.print(f"{seed} old={outcome.old.value} {outcome.method}: {outcome.changes} changes, {words}")
    return Held(trials=len(outcomes), failed=sum(bool(outcome.wrong) for outcome in outcomes))


def _trials(layout: Layout, seed: int) -> Iterator[Outcome]:
    dice = random.Random(seed)  # noqa: S311 - a proof that can be repeated
    with _limited(dice):
        rows, changes = dice.choice((20, 150, 300)), dice.choice((5, 60, 250))
        for old, new in itertools.permutations(Side):
            sides = {"old": _database(layout, old, "home"), "new": _database(layout, new, "away")}
            generator = generated.Generator(seed)
            statements = [*generator.schema(), *generator.rows(rows), "analyze"]
            for dsn in sides.values():
                _run(dsn, statements)
            with closing(psycopg.connect(sides["new"])) as link:
                snapshot = (link.execute("select pg_current_snapshot()::text").fetchone() or ("",))[0]
            cutover = datetime.now(UTC)
            _run(sides["new"], list(generator.changes(changes)))
            for method in METHODS:
                request = capture.Request(cutover=cutover, cutover_snapshot=snapshot, method=method)
                yield _held(sides, request, Outcome(seed=seed, old=old, method=method, changes=0, wrong=()))


@contextmanager
def _limited(dice: random.Random) -> Iterator[None]:
    """Few rows take the ways of many, because the limits are chosen by the seed too; one that is gone is an error."""
    with pytest.MonkeyPatch.context() as limits:
        for module, name, values in LIMITS:
            limits.setattr(module, name, dice.choice(values))
        yield


def _held(sides: dict[str, str], request: capture.Request, so_far: Outcome) -> Outcome:
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "b"
        capture.capture(sides["old"], sides["new"], place, request)
        found = bundle.opened(place)
        wrong = tuple(
            note.name
            for note in found.manifest.tables
            if oracle.applied(oracle.rows(sides["old"], note), found, note) != oracle.rows(sides["new"], note)
        )
        return Outcome(
            seed=so_far.seed, old=so_far.old, method=so_far.method, changes=found.manifest.changes, wrong=wrong
        )


def _database(layout: Layout, side: Side, name: str) -> str:
    with closing(psycopg.connect(postgres.conninfo(layout, side), autocommit=True)) as admin:
        admin.execute(sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(name)))
        make.create(admin, name, KIND)
    return postgres.conninfo(layout, side, database=name)


def _run(dsn: str, statements: list[str]) -> None:
    with closing(psycopg.connect(dsn)) as link:
        generated.make(link, iter(statements))
        link.commit()
