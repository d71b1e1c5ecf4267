"""Drill of the pre-cutover destroy: new is deployed, found to be broken, and destroyed while users are on old.

As in every drill the way back runs as a deployment, asked for and approved the way people do it in the Prefect UI;
an environment without a [drill] table, production above all, is refused. Afterwards new is deployed again: that the
names of what was destroyed can be used again is part of it.
"""

from prefect import flow

from switchback.drill.destroyed import Destroyed
from switchback.drill.diary import Phase
from switchback.rollback.records import Way
from tasks import drill_reports, drill_runs, drills
from tasks.inputs import Environment, WritesPerSecond


@flow(name="drill-destroy", flow_run_name="drill-destroy {environment}", persist_result=False)
def drill_destroy(environment: Environment, writes_per_s: WritesPerSecond = 50.0) -> Destroyed:
    """Rehearse the destroy under load on old, and prove that nobody noticed; raises NotProven. Ends what it began.

    Args:
        environment: The environment's name, as its descriptor is called.
        writes_per_s: The load, over all services.

    """
    with drills.rehearsing(environment, writes_per_s, "deploy") as rehearsal:
        drills.deploy_new(rehearsal)
        drills.start_traffic(rehearsal)
        drills.let_users_be(rehearsal, Phase.BASELINE)

        drills.cause_incident(rehearsal)
        fault = drills.find_fault(rehearsal)
        destroy = drill_runs.ask_and_approve(rehearsal, Way.PRE_CUTOVER_DESTROY)
        drill_runs.wait_for(rehearsal, destroy)
        drills.let_users_be(rehearsal, Phase.SETTLING)

        audited = drills.end(rehearsal)
        report = drill_reports.report_destroy(rehearsal, destroy, fault, audited)
        drills.deploy_new(rehearsal)

    drill_reports.must_be_proven(report)
    return report
