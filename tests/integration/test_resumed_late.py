"""An attempt whose runner dies after it let users in, and is resumed when they have written: nobody is locked out."""

from switchback.domain.model import Side
from switchback.rollback.records import Way, observed
from switchback.steps import postgres
from switchback.ways import conduct, standing
from tests.fix_ways import EXPORT, Ways

DATABASE = "publisher_db"
WRITE = "insert into authors (handle, email) values ('{}', 'x')"
COUNT = "select count(*) from authors where handle in ('on new', 'on old', 'on new again')"


def fenced(ways: Ways, way: Way, attempt: conduct.Attempt) -> tuple[Side, ...]:
    """Which sites are fenced at the end; and what the attempt had opened, it did not fence a second time."""
    side = Side.NEW if way is Way.CUTOVER else Side.OLD
    told = conduct.told(attempt).records
    fence, opened = observed(told, f"fence {side}"), observed(told, f"unfence {side}")
    assert fence is not None
    assert opened is not None
    assert fence.seq < opened.seq
    return standing.standing(ways.environment.name).fenced


def test_users_who_were_let_in_stay_in(ways: Ways) -> None:
    """Evaluated rollback, then the next cutover: each carried out again from its first step before it is finished."""
    ways.run(Side.NEW, DATABASE, WRITE.format("on new"))
    rollback = ways.begin(Way.EVALUATED_ROLLBACK)
    ways.go(rollback, upto=EXPORT)
    assert ways.answer(rollback)
    ways.go(rollback, after=EXPORT, upto=postgres.RowsWaiting.name)
    ways.run(Side.OLD, DATABASE, WRITE.format("on old"))
    ways.go(rollback)
    assert fenced(ways, Way.EVALUATED_ROLLBACK, rollback) == (Side.NEW,)

    cutover = ways.begin(Way.CUTOVER)
    ways.go(cutover, upto=f"name servers answer with {Side.NEW}")
    ways.run(Side.NEW, DATABASE, WRITE.format("on new again"))
    ways.go(cutover)
    assert fenced(ways, Way.CUTOVER, cutover) == (Side.OLD,)
    assert ways.run(Side.NEW, DATABASE, COUNT) == [(3,)]
