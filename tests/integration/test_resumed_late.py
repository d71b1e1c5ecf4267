"""An attempt whose runner dies after it let users in, and is resumed when they have written: nobody is locked out."""

from switchback.domain.model import Side
from switchback.rollback.records import Way
from switchback.steps import postgres
from switchback.ways import standing
from tests.fix_ways import EXPORT, Ways

DATABASE = "publisher_db"
WRITE = "insert into authors (handle, email) values ('{}', 'x')"
COUNT = "select count(*) from authors where handle in ('on new', 'on old', 'on new again')"


def test_users_who_were_let_in_stay_in(ways: Ways) -> None:
    """Evaluated rollback, then the next cutover: each carried out again from its first step before it is finished."""
    ways.run(Side.NEW, DATABASE, WRITE.format("on new"))
    rollback = ways.begin(Way.EVALUATED_ROLLBACK)
    ways.go(rollback, upto=EXPORT)
    assert ways.answer(rollback)
    ways.go(rollback, after=EXPORT, upto=postgres.RowsWaiting.name)
    ways.run(Side.OLD, DATABASE, WRITE.format("on old"))
    ways.go(rollback)
    assert not ways.locked_out(rollback, Side.OLD)
    assert standing.standing(ways.environment.name).fenced == (Side.NEW,)

    cutover = ways.begin(Way.CUTOVER)
    ways.go(cutover, upto=f"name servers answer with {Side.NEW}")
    ways.run(Side.NEW, DATABASE, WRITE.format("on new again"))
    ways.go(cutover)
    assert not ways.locked_out(cutover, Side.NEW)
    assert standing.standing(ways.environment.name).fenced == (Side.OLD,)
    assert ways.run(Side.NEW, DATABASE, COUNT) == [(3,)]
