"""DNS switchback (runbook, quick rollback): users are seeing errors, old still stands.

Fence, bring home, open, move: new stops writing before old starts, so the two never both do; what only
new holds comes home while nobody writes; nobody is sent to a site that has not just proven that it serves. Where new's
databases do not answer, users do not wait for them: what was written there comes home when they do.
"""

from prefect import flow

from switchback.domain.model import Plan, Side
from switchback.rollback.records import Request, Way
from switchback.ways.conduct import Result
from tasks import approvals, dns, kubernetes, postgres, probe, recovery, rollbacks
from tasks.inputs import Environment, Incident, Person


@flow(name="dns-switchback", flow_run_name="dns-switchback {environment}", persist_result=False)
def dns_switchback(  # noqa: PLR0913, PLR0917 - the form
    environment: Environment,
    incident: Incident,
    requested_by: Person,
    new_is_down: bool = False,
    rehearse: bool = True,
    resume: str = "",
) -> Plan | Result:
    """Send users back to old, once somebody has approved the plan. Safe to run again.

    Args:
        environment: The environment's name, as its descriptor is called.
        incident: What happened, or the incident's number.
        requested_by: Your name. Somebody else has to approve.
        new_is_down: New's databases do not answer. Users go back at once, what they wrote there comes home later.
        rehearse: Only look, and print the plan. Switch it off to really do it.
        resume: An unfinished attempt to carry on, as `switchback status` names it; empty for a new one.

    """
    request = Request(
        way=Way.DNS_SWITCHBACK,
        environment=environment,
        incident=incident,
        requested_by=requested_by,
        new_is_down=new_is_down,
    )
    if rehearse:
        return rollbacks.rehearse(request)
    rollback = rollbacks.begin(request, resume)
    approvals.require(rollback, rollbacks.plan(rollback))

    if new_is_down:
        kubernetes.stop_applications(rollback, Side.NEW)
        postgres.advance_sequences_far(rollback)
    else:
        postgres.fence(rollback, Side.NEW)
        recovery.export(rollback)
        recovery.bring_home(rollback)
        postgres.advance_sequences(rollback)
    postgres.unfence(rollback, Side.OLD)
    probe.prove_serving(rollback, Side.OLD)
    dns.send_users_to(rollback, Side.OLD)
    dns.prove_answers(rollback, Side.OLD)
    if new_is_down:
        approvals.wait_for_new(rollback)
        postgres.fence(rollback, Side.NEW)
        recovery.export(rollback)
        recovery.bring_home(rollback)
    kubernetes.prove_traffic_gone(rollback, Side.NEW)
    postgres.count_waiting(rollback)

    return rollbacks.finish(rollback)
