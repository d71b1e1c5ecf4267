"""Drill: a rehearsed cutover, incident and DNS switchback under load, measured and proven.

The rehearsed ways run as deployments, asked for, approved and looked at the way people do it in the
Prefect UI. Which environment is drilled, by which load and incident, is its descriptor's matter; one
without a [drill] table, production above all, is refused.
"""

from prefect import flow

from switchback.drill.diary import Phase
from switchback.drill.report import Report
from switchback.rollback.records import Way
from tasks import drill_reports, drill_runs, drills
from tasks.inputs import Environment, WritesPerSecond


@flow(name="drill", flow_run_name="drill {environment}", persist_result=False)
def drill(environment: Environment, writes_per_s: WritesPerSecond = 50.0) -> Report:
    """Rehearse the way back and prove that no acknowledged write was lost; raises NotProven. Ends what it began.

    Args:
        environment: The environment's name, as its descriptor is called.
        writes_per_s: The load, over all services.

    """
    with drills.rehearsing(environment, writes_per_s) as rehearsal:
        drills.start_traffic(rehearsal)
        drills.let_users_be(rehearsal, Phase.BASELINE)

        cutover = drill_runs.cut_over(rehearsal)

        drills.cause_incident(rehearsal)
        switchback = drill_runs.ask_and_approve(rehearsal, Way.DNS_SWITCHBACK)
        drill_runs.wait_for(rehearsal, switchback)
        drills.let_users_be(rehearsal, Phase.SETTLING)

        audited = drills.end(rehearsal)
        report = drill_reports.report(rehearsal, cutover, switchback, audited)

    drill_reports.must_be_proven(report)
    return report
