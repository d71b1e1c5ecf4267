"""Drill: a rehearsed cutover, incident and DNS switchback under load, measured and proven.

The rehearsed ways run as deployments, asked for, approved and looked at the way people do it in the
Prefect UI. Which environment is drilled, by which load and incident, is its descriptor's matter; one
without a [drill] table, production above all, is refused.
"""

from prefect import flow

from switchback.drill.diary import Phase
from switchback.drill.report import Report
from switchback.rollback.records import Way
from tasks import drills
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

        cutover = drills.approve(rehearsal, drills.ask_for(rehearsal, Way.CUTOVER))
        drills.wait_for(rehearsal, cutover)
        drills.let_users_be(rehearsal, Phase.ON_NEW)

        drills.cause_incident(rehearsal)
        switchback = drills.approve(rehearsal, drills.ask_for(rehearsal, Way.DNS_SWITCHBACK))
        drills.wait_for(rehearsal, switchback)
        drills.let_users_be(rehearsal, Phase.SETTLING)

        drills.stop_traffic(rehearsal)
        drills.end_incident(rehearsal)
        report = drills.report(rehearsal, cutover, switchback, drills.audit(rehearsal))

    drills.must_be_proven(report)
    return report
