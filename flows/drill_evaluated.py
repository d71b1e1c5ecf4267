"""Drill of the evaluated rollback: what users wrote on new is reviewed and brought home before they are, under load.

The rows are fetched, read and returned the way a data team does it, and a data steward answers the second form. As
in every drill the rehearsed ways run as deployments; an environment without a [drill] table is refused.
"""

from prefect import flow

from switchback.drill.diary import Phase
from switchback.drill.report import Report
from switchback.rollback.records import Way
from tasks import drills
from tasks.inputs import Environment, WritesPerSecond


@flow(name="drill-evaluated", flow_run_name="drill-evaluated {environment}", persist_result=False)
def drill_evaluated(environment: Environment, writes_per_s: WritesPerSecond = 50.0) -> Report:
    """Rehearse the way back with its review, and prove that nothing was lost; raises NotProven. Ends what it began.

    Args:
        environment: The environment's name, as its descriptor is called.
        writes_per_s: The load, over all services.

    """
    with drills.rehearsing(environment, writes_per_s) as rehearsal:
        drills.start_traffic(rehearsal)
        drills.let_users_be(rehearsal, Phase.BASELINE)

        cutover = drills.approve(rehearsal, drills.ask_for(rehearsal, Way.CUTOVER))
        drills.wait_for(rehearsal, cutover)
        drills.let_users_be(rehearsal, Phase.ON_NEW)

        drills.cause_incident(rehearsal)
        rollback = drills.approve(rehearsal, drills.ask_for(rehearsal, Way.EVALUATED_ROLLBACK))
        drills.review(rehearsal, rollback)
        drills.wait_for(rehearsal, rollback)
        drills.let_users_be(rehearsal, Phase.SETTLING)

        drills.stop_traffic(rehearsal)
        drills.end_incident(rehearsal)
        report = drills.report(rehearsal, cutover, rollback, drills.audit(rehearsal))

    drills.must_be_proven(report)
    return report
