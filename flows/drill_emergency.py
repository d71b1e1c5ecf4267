"""Drill of the emergency restore: old is deleted for real, and comes back from its backup under load.

One of the backups beside the good one is corrupt, one truncated, one half-uploaded, all newer: they must be refused by
name. The rehearsed flows run as deployments, as people run them. Never where the descriptor does not say how old is
deleted.
"""

from prefect import flow

from switchback.drill.diary import Phase
from switchback.drill.report import Report
from switchback.rollback.records import Way
from tasks import drills
from tasks.inputs import Environment, WritesPerSecond


@flow(name="drill-emergency", flow_run_name="drill-emergency {environment}", persist_result=False)
def drill_emergency(environment: Environment, writes_per_s: WritesPerSecond = 50.0) -> Report:
    """Delete old, restore it, and prove that no acknowledged write was lost; raises NotProven. Ends what it began.

    Args:
        environment: The environment's name, as its descriptor is called.
        writes_per_s: The load, over all services.

    """
    with drills.rehearsing(environment, writes_per_s) as rehearsal:
        drills.start_traffic(rehearsal)
        drills.let_users_be(rehearsal, Phase.BASELINE)
        drills.back_up(rehearsal)
        drills.plant_bad_backups(rehearsal)

        cutover = drills.approve(rehearsal, drills.ask_for(rehearsal, Way.CUTOVER))
        drills.wait_for(rehearsal, cutover)
        drills.let_users_be(rehearsal, Phase.ON_NEW)

        drills.destroy_old(rehearsal)
        drills.cause_incident(rehearsal)
        restore = drills.approve(rehearsal, drills.ask_for(rehearsal, Way.EMERGENCY_RESTORE))
        drills.wait_for(rehearsal, restore)
        drills.let_users_be(rehearsal, Phase.SETTLING)

        drills.stop_traffic(rehearsal)
        drills.end_incident(rehearsal)
        report = drills.report(rehearsal, cutover, restore, drills.audit(rehearsal))

    drills.must_be_proven(report)
    return report
