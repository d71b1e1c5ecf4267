"""Drill of the DNS switchback while new is down: new's database server dies with users on it, and comes back later.

Users are on old before new answers again; what they wrote on new follows, three-way, under load, and a data steward
signs for what both sites changed. Never where the descriptor does not say how new's databases are stopped.
"""

from prefect import flow

from switchback.drill.diary import Phase
from switchback.drill.report import Report
from switchback.rollback.records import Way
from tasks import drill_reports, drill_runs, drills
from tasks.inputs import Environment, WritesPerSecond


@flow(name="drill-outage", flow_run_name="drill-outage {environment}", persist_result=False)
def drill_outage(environment: Environment, writes_per_s: WritesPerSecond = 50.0) -> Report:
    """Stop new's databases, go back without, prove that nothing was lost; raises NotProven. Ends what it began.

    Args:
        environment: The environment's name, as its descriptor is called.
        writes_per_s: The load, over all services.

    """
    with drills.rehearsing(environment, writes_per_s, "outage") as rehearsal:
        drills.start_traffic(rehearsal)
        drills.let_users_be(rehearsal, Phase.BASELINE)

        cutover = drill_runs.cut_over(rehearsal)

        drills.cause_outage(rehearsal)
        switchback = drill_runs.ask_and_approve(rehearsal, Way.DNS_SWITCHBACK, new_is_down=True)
        drill_runs.wait_for_home(rehearsal, switchback)
        drills.let_users_be(rehearsal, Phase.SETTLING)
        drills.end_incident(rehearsal)
        drill_runs.resume(switchback)
        drill_runs.wait_for(rehearsal, switchback)
        drill_runs.sign_for_conflicts(rehearsal, switchback)

        audited = drills.end(rehearsal)
        report = drill_reports.report(rehearsal, cutover, switchback, audited)

    drill_reports.must_be_proven(report)
    return report
