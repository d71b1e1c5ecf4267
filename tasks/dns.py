"""DNS: where the users are sent. This module points and looks; it never decides."""

from switchback.domain.model import Side
from switchback.ways import conduct
from switchback.ways.conduct import Attempt
from tasks._step import step


@step("lower the TTLs")
def lower_ttls(attempt: Attempt) -> None:
    """Let resolvers forget quickly, and wait until they have forgotten the longer TTL (defect 26)."""
    conduct.carry_out(attempt, "lower the TTLs")
    conduct.prove(attempt, "the longer TTLs have run out")


@step("send users to {side}")
def send_users_to(attempt: Attempt, side: Side) -> None:
    """Switch every service's record set, all or none; sets that already point there are left alone."""
    conduct.carry_out(attempt, f"send users to {side}")


@step("prove the answers of {side}")
def prove_answers(attempt: Attempt, side: Side) -> None:
    """Ask every authoritative server and resolver until each one sends users to `side`."""
    conduct.prove(attempt, f"name servers answer with {side}")
