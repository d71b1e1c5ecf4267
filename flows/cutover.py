"""Cutover: arm the way back, then move the users to new.

Old is fenced before new is filled and stays fenced: it is the common ancestor of whatever happens
next. Both sites are recorded before new's first write; every way back counts from that record.
"""

from prefect import flow

from switchback.domain.model import Plan, Side
from switchback.rollback.records import Request, Way
from switchback.ways.conduct import Result
from tasks import approvals, dns, kubernetes, postgres, probe, rollbacks
from tasks.inputs import Environment, Incident, Person


@flow(name="cutover", flow_run_name="cutover {environment}", persist_result=False)
def cutover(
    environment: Environment, incident: Incident, requested_by: Person, rehearse: bool = True, resume: str = ""
) -> Plan | Result:
    """Send users to new, once somebody has approved the plan. Safe to run again.

    Args:
        environment: The environment's name, as its descriptor is called.
        incident: What happened, or the incident's number.
        requested_by: Your name. Somebody else has to approve.
        rehearse: Only look, and print the plan. Switch it off to really do it.
        resume: An unfinished attempt to carry on, as `switchback status` names it; empty for a new one.

    """
    request = Request(way=Way.CUTOVER, environment=environment, incident=incident, requested_by=requested_by)
    if rehearse:
        return rollbacks.rehearse(request)
    move = rollbacks.begin(request, resume)
    approvals.require(move, rollbacks.plan(move))

    dns.lower_ttls(move)
    postgres.fence(move, Side.NEW)
    postgres.fence(move, Side.OLD)
    postgres.prove_nothing_waits(move)
    postgres.load_new(move)
    postgres.record_sites(move)
    postgres.unfence(move, Side.NEW)
    kubernetes.start_applications(move, Side.NEW)
    probe.prove_serving(move, Side.NEW)
    dns.send_users_to(move, Side.NEW)
    dns.prove_answers(move, Side.NEW)

    return rollbacks.finish(move)
