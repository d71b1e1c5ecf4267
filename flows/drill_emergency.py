"""Drill of the emergency restore: old is deleted for real, and comes back from its backup under load.

One of the backups beside the good one is corrupt, one truncated, one half-uploaded, all newer: they must be refused by
name. The rehearsed flows run as deployments, as people run them. Never where the descriptor does not say how old is
deleted.
"""

from prefect import flow

from switchback.drill.diary import Phase
from switchback.drill.report import Report
from switchback.rollback.records import Way
from tasks import drill_reports, drill_runs, drills
from tasks.inputs import Environment, WritesPerSecond


@flow(name="drill-emergency", flow_run_name="drill-emergency {environment}", persist_result=False)
def drill_emergency(environment: Environment, writes_per_s: WritesPerSecond = 50.0) -> Report:
    """Delete old, restore it, and prove that no acknowledged write was lost; raises NotProven. Ends what it began.

    Args:
        environment: The environment's name, as its descriptor is called.
        writes_per_s: The load, over all services.

    """
    with drills.rehearsing(environment, writes_per_s, "destroy_old") as rehearsal:
        drills.start_traffic(rehearsal)
        drills.let_users_be(rehearsal, Phase.BASELINE)
        drill_runs.back_up(rehearsal)
        drills.plant_bad_backups(rehearsal)

        cutover = drill_runs.cut_over(rehearsal)

        drills.destroy_old(rehearsal)
        drills.cause_incident(rehearsal)
        restore = drill_runs.ask_and_approve(rehearsal, Way.EMERGENCY_RESTORE)
        drill_runs.wait_for(rehearsal, restore)
        drills.let_users_be(rehearsal, Phase.SETTLING)

        audited = drills.end(rehearsal)
        report = drill_reports.report(rehearsal, cutover, restore, audited)

    drill_reports.must_be_proven(report)
    return report
