"""Drill of the evaluated rollback: what users wrote on new is reviewed and brought home before they are, under load.

The rows are fetched, read and returned the way a data team does it, and a data steward answers the second form. As
in every drill the rehearsed ways run as deployments; an environment without a [drill] table is refused.
"""

from prefect import flow

from switchback.drill.diary import Phase
from switchback.drill.report import Report
from switchback.rollback.records import Way
from tasks import drill_reports, drill_runs, drills
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

        cutover = drill_runs.cut_over(rehearsal)

        drills.cause_incident(rehearsal)
        rollback = drill_runs.ask_and_approve(rehearsal, Way.EVALUATED_ROLLBACK)
        drill_runs.review(rehearsal, rollback)
        drill_runs.wait_for(rehearsal, rollback)
        drills.let_users_be(rehearsal, Phase.SETTLING)

        audited = drills.end(rehearsal)
        report = drill_reports.report(rehearsal, cutover, rollback, audited)

    drill_reports.must_be_proven(report)
    return report
