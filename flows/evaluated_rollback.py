"""Evaluated rollback (runbook, part 3): users have written to new, and what they wrote comes home before they do.

Old stays fenced until people have reviewed the rows, every row is proven to be there, or a named person has signed
for what stays behind. Up to that line new can simply be opened again.
"""

from prefect import flow

from switchback.domain.model import Plan, Side
from switchback.rollback.records import Option, Request, Way
from switchback.ways.conduct import Result
from tasks import approvals, dns, kubernetes, postgres, probe, recovery, reviews, rollbacks
from tasks.inputs import Environment, Incident, Person


@flow(name="evaluated-rollback", flow_run_name="evaluated-rollback {environment}", persist_result=False)
def evaluated_rollback(  # noqa: PLR0913, PLR0917 - the form
    environment: Environment,
    incident: Incident,
    requested_by: Person,
    option: Option,
    rehearse: bool = True,
    resume: str = "",
) -> Plan | Result:
    """Bring the rows home, then the users, once the plan is approved and the rows are reviewed. Safe to run again.

    Args:
        environment: The environment's name, as its descriptor is called.
        incident: What happened, or the incident's number.
        requested_by: Your name. Somebody else has to approve.
        option: recover: rows written on new are reviewed and brought home. accept_loss: they stay behind, signed for.
        rehearse: Only look, and print the plan. Switch it off to really do it.
        resume: An unfinished attempt to carry on, as `switchback status` names it; empty for a new one.

    """
    request = Request(
        way=Way.EVALUATED_ROLLBACK,
        environment=environment,
        incident=incident,
        requested_by=requested_by,
        option=option,
    )
    if rehearse:
        return rollbacks.rehearse(request)
    rollback = rollbacks.begin(request, resume)
    approvals.require(rollback, rollbacks.plan(rollback))

    postgres.fence(rollback, Side.NEW)
    postgres.fence(rollback, Side.OLD)
    recovery.export(rollback)
    reviews.require(rollback)
    if option is Option.RECOVER:
        recovery.apply(rollback)
        recovery.verify(rollback)
    else:
        recovery.prove_loss_signed(rollback)
    postgres.advance_sequences(rollback)
    postgres.unfence(rollback, Side.OLD)
    probe.prove_serving(rollback, Side.OLD)
    dns.send_users_to(rollback, Side.OLD)
    dns.prove_answers(rollback, Side.OLD)
    kubernetes.prove_traffic_gone(rollback, Side.NEW)
    postgres.count_waiting(rollback)

    return rollbacks.finish(rollback)
