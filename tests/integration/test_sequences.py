"""Old's sequences are moved past new's, and stay where they are when that holds."""

from collections.abc import Sequence
from contextlib import closing

import pytest
from psycopg import sql

from switchback.systems.postgres import sequences, sqlfiles
from tests.fix_pipeline import Session
from tests.fix_postgres import LocalDatabase

GAP = 1000
Both = tuple[LocalDatabase, LocalDatabase]


@pytest.fixture
def both(old_db: LocalDatabase, new_db: LocalDatabase) -> Both:
    """Old's database and new's, equal."""
    return old_db, new_db


def as_owner(databases: Sequence[LocalDatabase], statement: str) -> None:
    """Runs on both sides as the application."""
    for database in databases:
        with closing(database.connect(database.owner)) as owner:
            owner.execute(sql.SQL(statement))


def moved(both: Both, pipeline: Session, gap: int = GAP) -> dict[str, sequences.SequenceMove]:
    """Looks, plans, applies, and shows that a second plan is empty and a second application moves nothing."""
    old, new = map(pipeline, both)
    moves = sequences.plan(sequences.look(old, new), gap)
    sequences.apply(old, moves)
    applied = sequences.look(old, new)
    assert sequences.plan(applied, gap) == ()
    sequences.apply(old, moves)
    assert sequences.look(old, new) == applied
    return {move.name: move for move in moves}


def test_after_the_move_no_value_of_new_is_handed_out_again(both: Both, pipeline: Session) -> None:
    """Every serial and identity of the seeded schema, after new has written more rows than old."""
    old, new = both
    as_owner((new,), "create table more (id int generated always as identity, s serial)")
    as_owner((old,), "create table more (id int generated always as identity, s serial)")
    as_owner((new,), "insert into more select from generate_series(1, 250)")
    as_owner((new,), "select setval('more_s_seq', 4000)")
    moves = moved(both, pipeline)
    assert moves["more_id_seq"].before == 1
    assert moves["more_id_seq"].after == 251 + GAP
    assert moves["more_s_seq"].after == 4001 + GAP
    look = sequences.look(pipeline(old), pipeline(new))
    assert len(look.both) > 5
    for pair in look.both:
        assert pair.old.position.next_value >= pair.new.position.next_value + GAP * pair.old.position.increment


def test_rows_with_higher_keys_than_the_sequence_count(both: Both, pipeline: Session) -> None:
    """Keys that were written by hand, on either side, through ownership or through a default alone."""
    as_owner(both, "create sequence shared; create table a (id bigint default nextval('shared'))")
    as_owner(both, "create table b (id numeric default nextval('shared'))")
    as_owner(both[1:], "insert into a values (7000)")
    as_owner(both[:1], "insert into b values (9000.5)")
    assert moved(both, pipeline)["shared"].after == 9002
    as_owner(both[1:], "insert into b values (9500)")
    assert moved(both, pipeline)["shared"].after == 9501 + GAP


def test_steps_are_kept_and_directions_are_mirrored(both: Both, pipeline: Session) -> None:
    """An application that counts in blocks of fifty goes on in its blocks; a falling sequence falls further."""
    as_owner(both, "create sequence blocks increment 50 start 1; create sequence falling increment -1")
    as_owner(both[1:], "select nextval('blocks'), nextval('blocks'); select setval('falling', -300)")
    moves = moved(both, pipeline, gap=10)
    assert moves["blocks"].after == 101 + 10 * 50
    assert moves["falling"].before == -1
    assert moves["falling"].after == -301 - 10


def test_a_sequence_never_goes_backwards(both: Both, pipeline: Session) -> None:
    """Old is far ahead: nothing is planned, and a stale plan moves nothing."""
    as_owner(both, "create sequence ahead")
    stale = sequences.SequenceMove(schema="public", name="ahead", owner=both[0].owner, before=1, after=1001)
    as_owner(both[:1], "select setval('ahead', 50000)")
    assert "ahead" not in moved(both, pipeline)
    sequences.apply(pipeline(both[0]), (stale,))
    with closing(both[0].connect(both[0].owner)) as owner:
        assert owner.execute("select nextval('ahead')").fetchone() == (50001,)


def test_a_sequence_without_room_is_refused(both: Both, pipeline: Session) -> None:
    """With the numbers, and before anything is moved."""
    as_owner(both, "create table narrow (id smallserial)")
    as_owner(both[1:], "select setval('narrow_id_seq', 32000)")
    seen = sequences.look(*map(pipeline, both))
    with pytest.raises(sequences.SequenceExhausted, match=r"public\.narrow_id_seq .* 33001.* 32767"):
        sequences.plan(seen, GAP)


def test_cycling_and_one_sided_sequences_are_reported(both: Both, pipeline: Session) -> None:
    """A cycling one is not held to its columns; one that only a side has is named."""
    as_owner(both, "create sequence ring maxvalue 100 cycle; create table slots (n int default nextval('ring'))")
    as_owner(both, "insert into slots values (100)")
    as_owner(both[:1], "create sequence mine")
    as_owner(both[1:], "create sequence theirs; select nextval('ring')")
    seen = sequences.look(*map(pipeline, both))
    assert (seen.cycling, seen.only_old, seen.only_new) == (("public.ring",), ("public.mine",), ("public.theirs",))
    assert moved(both, pipeline, gap=10)["ring"].after == 12
    assert "ring" not in moved(both, pipeline, gap=1000)


def test_a_sequence_that_does_not_stay_moved_is_half_done(
    both: Both, pipeline: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody else sets it back at once; looking again finds that."""
    as_owner(both, "create sequence pulled")
    as_owner(both[1:], "select nextval('pulled')")
    old, new = map(pipeline, both)
    moves = tuple(move for move in sequences.plan(sequences.look(old, new), GAP) if move.name == "pulled")
    load = sqlfiles.load
    elsewhere = sql.SQL("select last_value, %(next_value)s from {sequence}")
    monkeypatch.setattr(sqlfiles, "load", lambda name: elsewhere if name == "sequences/move_sequence" else load(name))
    with pytest.raises(sequences.SequencesBehind, match=r"public\.pulled"):
        sequences.apply(old, moves)
