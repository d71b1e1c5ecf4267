"""The audit finds what it is there to find: losses, duplicates, and what only new has."""

from collections.abc import Iterator
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from psycopg import sql

from infra.local import services
from infra.local.audit import AuditResult, audit
from infra.local.traffic import ledger
from infra.local.traffic.ledger import Fate, Kind, Ledger, Write
from switchback.domain.model import Side
from tests.fix_postgres import Clusters, LocalDatabase

STATEMENTS = Path(services.__file__).parent / "sql" / "publisher"
OLD, NEW = Side.OLD, Side.NEW


class Desk:
    """Takes down writes in a ledger and does them, by the publisher's own statements, on the sides it is told."""

    def __init__(self, databases: dict[Side, LocalDatabase], path: Path) -> None:
        self._databases, self._path = databases, path
        self._ledger = Ledger(path)

    def write(
        self, kind: Kind, *sides: Side, to: str = "", fate: Fate = Fate.ACKNOWLEDGED, really_to: str = ""
    ) -> Write:
        """One write to the entity `to` (a new one without); `really_to` is the entity that it hits."""
        write = Write(
            operation=str(uuid4()), service="publisher", kind=kind, reference=to or str(uuid4()), fate=Fate.SENT
        )
        self._ledger.note(write)
        child = uuid4()
        for side in sides:
            ids = {"operation": UUID(write.operation), "reference": UUID(write.reference), "child": child}
            number = self.run(side, "select id from stories where reference = %s", really_to or write.reference)
            statement = (STATEMENTS / f"{kind}.sql").read_text(encoding="utf-8")
            with self._databases[side].connect("publisher_app") as connection:
                assert connection.execute(sql.SQL(statement), ids | {"id": number, "text": "text"}).fetchone()
        if fate is not Fate.SENT:
            self._ledger.note(Write(**(vars(write) | {"fate": fate})))
        return write

    def run(self, side: Side, statement: str, *values: str) -> int | None:
        """Something done by hand; returns the first value of a query."""
        with self._databases[side].connect("publisher_app") as connection:
            cursor = connection.execute(sql.SQL(statement), values)
            row = cursor.fetchone() if cursor.description else None
        return row[0] if row else None

    def audit(self) -> AuditResult:
        """What became of all of it."""
        return audit(self._path, lambda side, _database: self._databases[side].conninfo())


@pytest.fixture(scope="module")
def publisher(clusters: Clusters) -> Iterator[dict[Side, LocalDatabase]]:
    """Publisher's database on both sides, equal; tests share it, because a ledger speaks only of its own writes."""
    made = {side: clusters.clone(side) for side in Side}
    yield made
    for database in made.values():
        clusters.drop(database)


@pytest.fixture
def desk(publisher: dict[Side, LocalDatabase], tmp_path: Path) -> Desk:
    """An empty ledger."""
    return Desk(publisher, tmp_path / "ledger.jsonl")


def test_writes_that_are_on_old_are_accounted_for(desk: Desk) -> None:
    """Also those that later ones of the same client overwrote or deleted."""
    for last in (Kind.INSERT, Kind.UPDATE, Kind.DELETE):
        first = desk.write(Kind.INSERT, OLD)
        if last is not Kind.INSERT:
            desk.write(Kind.UPDATE, OLD, to=first.reference)
            desk.write(last, OLD, to=first.reference)
    result = desk.audit()
    assert (result.acknowledged, result.on_old, result.waiting_on_new) == (7, 7, 0)
    assert (result.lost, result.duplicated, result.refused_but_there) == (0, 0, 0)


def test_a_row_that_somebody_deleted_is_lost(desk: Desk) -> None:
    """Its event alone does not make up for it."""
    desk.write(Kind.INSERT, OLD)
    gone = desk.write(Kind.INSERT, OLD)
    desk.run(OLD, "delete from stories where reference = %s", gone.reference)
    result = desk.audit()
    assert (result.lost, result.on_old) == (1, 1)
    assert result.lost_operations == (gone.operation,)


@pytest.mark.parametrize(
    "damage",
    [
        "delete from publication_events where operation_id = %s",
        "delete from revisions where operation_id = %s",
        "update stories set operation_id = gen_random_uuid() where operation_id = %s",
    ],
)
def test_a_write_that_is_only_partly_there_is_lost(desk: Desk, damage: str) -> None:
    """Its event, the row under its entity and the entity's state all count."""
    write = desk.write(Kind.UPDATE, OLD, to=desk.write(Kind.INSERT, OLD).reference)
    desk.run(OLD, "update stories set current_revision_id = null where reference = %s", write.reference)
    desk.run(OLD, damage, write.operation)
    result = desk.audit()
    assert (result.lost, result.on_old) == (1, 1)


def test_an_acknowledged_delete_that_came_undone_is_lost(desk: Desk) -> None:
    """The row is there again, on both sides."""
    made = desk.write(Kind.INSERT, OLD, NEW)
    desk.write(Kind.DELETE, to=made.reference)
    assert desk.audit().lost == 1


def test_a_write_that_hit_somebody_elses_row_is_lost(desk: Desk) -> None:
    """What happens when old hands out an id that new had given to another entity."""
    mine, other = desk.write(Kind.INSERT, NEW), desk.write(Kind.INSERT, OLD)
    desk.write(Kind.UPDATE, OLD, to=mine.reference, really_to=other.reference)
    result = desk.audit()
    assert (result.lost, result.waiting_on_new) == (2, 1)


def test_an_event_that_is_there_twice_is_a_duplicate(desk: Desk) -> None:
    """Whoever applied it again; on which side does not matter."""
    write = desk.write(Kind.INSERT, OLD, NEW)
    assert desk.audit().duplicated == 0
    desk.run(
        NEW, "insert into publication_events select * from publication_events where operation_id = %s", write.operation
    )
    result = desk.audit()
    assert (result.duplicated, result.lost) == (1, 0)
    assert result.duplicated_operations == (write.operation,)


def test_what_only_new_has_is_waiting_by_table(desk: Desk) -> None:
    """An insert, an update of a row of both sides and a delete of one: none of them is lost."""
    kept, removed = desk.write(Kind.INSERT, OLD, NEW), desk.write(Kind.INSERT, OLD, NEW)
    desk.write(Kind.INSERT, NEW)
    desk.write(Kind.UPDATE, NEW, to=kept.reference)
    desk.write(Kind.DELETE, NEW, to=removed.reference)
    result = desk.audit()
    assert (result.lost, result.on_old, result.waiting_on_new) == (0, 2, 3)
    assert result.waiting_rows == {
        "publisher_db.stories": 3,
        "publisher_db.revisions": 2,
        "publisher_db.publication_events": 3,
    }


def test_a_row_written_on_both_sides_waits_with_what_new_got(desk: Desk) -> None:
    """After the users came back old went on; new's write is neither lost nor on old."""
    made = desk.write(Kind.INSERT, OLD, NEW)
    desk.write(Kind.UPDATE, NEW, to=made.reference)
    desk.write(Kind.UPDATE, OLD, to=made.reference)
    result = desk.audit()
    assert (result.lost, result.on_old, result.waiting_on_new) == (0, 2, 1)


@pytest.mark.parametrize("fate", [Fate.UNKNOWN, Fate.SENT])
@pytest.mark.parametrize("sides", [(), (OLD,), (NEW,)])
def test_a_write_of_unknown_fate_may_be_there_or_not(desk: Desk, fate: Fate, sides: tuple[Side, ...]) -> None:
    """It neither hides the acknowledged write before it nor counts as one."""
    made = desk.write(Kind.INSERT, OLD, NEW)
    desk.write(Kind.UPDATE, *sides, to=made.reference, fate=fate)
    result = desk.audit()
    assert (result.acknowledged, result.on_old, result.unknown) == (1, 1, 1)
    assert (result.lost, result.duplicated, result.refused_but_there) == (0, 0, 0)


def test_a_loss_behind_a_write_of_unknown_fate_is_found(desk: Desk) -> None:
    """The unknown one took effect, then the row went: the acknowledged one before it is lost."""
    made = desk.write(Kind.INSERT, OLD)
    desk.write(Kind.UPDATE, OLD, to=made.reference, fate=Fate.UNKNOWN)
    desk.run(OLD, "delete from stories where reference = %s", made.reference)
    assert desk.audit().lost == 1


def test_a_refused_write_that_took_effect_is_reported(desk: Desk) -> None:
    """A service that says no and does it anyway is no better than one that loses writes."""
    desk.write(Kind.INSERT, OLD, fate=Fate.REFUSED)
    result = desk.audit()
    assert result.refused_but_there == 1


def test_a_ledger_that_ends_in_the_middle_of_a_line_is_read_to_there(desk: Desk, tmp_path: Path) -> None:
    """A killed traffic generator leaves one torn line, which was never acknowledged."""
    write = desk.write(Kind.INSERT, OLD)
    with (tmp_path / "ledger.jsonl").open("a", encoding="utf-8") as file:
        file.write('{"at": "2026-01')
    assert [(each.operation, each.fate) for each in ledger.read(tmp_path / "ledger.jsonl")] == [
        (write.operation, Fate.ACKNOWLEDGED)
    ]
