"""Pre-cutover destroy (runbook, deployment phase): a fault was found on new before anybody was sent there.

Proof, not belief: nobody is on new, by four counts that are made again after the approval. Then new is closed, and
exactly the plan that people saw is applied. What is destroyed stays destroyed; old never notices.
"""

from prefect import flow

from switchback.domain.model import Plan, Side
from switchback.rollback.records import Request, Way
from switchback.ways.conduct import Result
from tasks import approvals, postgres, probe, resources, rollbacks, terraform, unused
from tasks.inputs import Environment, Incident, Person


@flow(name="pre-cutover-destroy", flow_run_name="pre-cutover-destroy {environment}", persist_result=False)
def pre_cutover_destroy(
    environment: Environment, incident: Incident, requested_by: Person, rehearse: bool = True, resume: str = ""
) -> Plan | Result:
    """Destroy new, once it is proven that nobody is there and somebody has approved the plan. Safe to run again.

    Args:
        environment: The environment's name, as its descriptor is called.
        incident: What is wrong with new, or the incident's number.
        requested_by: Your name. Somebody else has to approve.
        rehearse: Only look, and print the plan. Switch it off to really do it.
        resume: An unfinished attempt to carry on, as `switchback status` names it; empty for a new one.

    """
    request = Request(
        way=Way.PRE_CUTOVER_DESTROY, environment=environment, incident=incident, requested_by=requested_by
    )
    if rehearse:
        return rollbacks.rehearse(request)
    rollback = rollbacks.begin(request, resume)
    unused.prove_nobody(rollback)
    unused.prove_no_rows(rollback)
    approvals.require(rollback, rollbacks.plan(rollback))

    unused.prove_nobody(rollback)
    postgres.fence(rollback, Side.NEW)
    unused.prove_no_rows(rollback)
    terraform.destroy(rollback)
    resources.prove_gone(rollback)
    resources.prove_old_untouched(rollback)
    probe.prove_serving(rollback, Side.OLD)

    return rollbacks.finish(rollback)
