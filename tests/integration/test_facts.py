"""What is recorded about a database, as the pipeline's role."""

import json
from contextlib import closing
from dataclasses import asdict

from pydantic import TypeAdapter

from infra.local import secrets
from switchback.systems.postgres import facts
from tests.fix_pipeline import Session
from tests.fix_postgres import LocalDatabase


def test_facts_name_the_cluster_and_its_place(old_db: LocalDatabase, new_db: LocalDatabase, pipeline: Session) -> None:
    """Version, system identifier and timeline differ where they should, and are the superuser's own answers."""
    old, new = facts.read(pipeline(old_db)), facts.read(pipeline(new_db))
    assert (old.server_version // 10000, new.server_version // 10000) == (16, 18)
    assert old.system_identifier != new.system_identifier
    assert (old.timeline, new.timeline) == (1, 1)
    assert old.tables == new.tables > 7
    with closing(old_db.connect(secrets.SUPERUSER)) as boss:
        truth = boss.execute(
            "select system_identifier::text, %s <= pg_current_wal_insert_lsn() from pg_control_system()", (old.lsn,)
        )
        assert truth.fetchone() == (old.system_identifier, True)


def test_facts_survive_a_journal(old_db: LocalDatabase, pipeline: Session) -> None:
    """Through JSON and back they are the same, the 64-bit identifier included."""
    seen = facts.read(pipeline(old_db))
    assert TypeAdapter(facts.DatabaseFacts).validate_json(json.dumps(asdict(seen))) == seen


def test_a_sequence_that_was_set_but_not_called_keeps_its_position(old_db: LocalDatabase, pipeline: Session) -> None:
    """Every sequence is there with what it hands out next, whatever its name, kind and direction."""
    with closing(old_db.connect(old_db.owner)) as owner:
        owner.execute('create sequence "Odd {} %s" increment -5 maxvalue -1 cache 7 cycle')
        owner.execute("""select nextval('"Odd {} %s"')""")
        owner.execute("create sequence waiting; select setval('waiting', 500, false)")
    positions = {each.name: each for each in facts.read(pipeline(old_db)).sequences}
    odd = positions["Odd {} %s"]
    assert (odd.increment, odd.cache, odd.cycle, odd.is_called, odd.owner) == (-5, 7, True, True, old_db.owner)
    assert odd.last_value == -31, "the seven cached values count as handed out"
    assert odd.next_value == -36
    assert positions["waiting"].next_value == 500
