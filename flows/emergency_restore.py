"""Emergency restore (runbook, emergency recovery): old is gone, and users cannot stay on new.

A backup that was proven before takes old's place, proven again; what users wrote since comes home from new while new is
alive, or a named person signs for it; only then is old opened and users are sent there.
"""

from prefect import flow

from switchback.domain.model import Plan, Side
from switchback.rollback.records import Option, Request, Way
from switchback.ways.conduct import Result
from tasks import approvals, blob, dns, kubernetes, postgres, probe, recovery, rollbacks
from tasks.inputs import Environment, Incident, Person


@flow(name="emergency-restore", flow_run_name="emergency-restore {environment}", persist_result=False)
def emergency_restore(  # noqa: PLR0913, PLR0917 - the form
    environment: Environment,
    incident: Incident,
    requested_by: Person,
    option: Option,
    rehearse: bool = True,
    resume: str = "",
    before: str = "",
    lost_databases: tuple[str, ...] = (),
) -> Plan | Result:
    """Restore old's databases from a proven backup, then send users there, once approved. Safe to run again.

    Args:
        environment: The environment's name, as its descriptor is called.
        incident: What happened, or the incident's number.
        requested_by: Your name. Somebody else has to approve.
        option: recover: rows written since the backup come home from new. accept_loss: new is gone too, they are lost.
        rehearse: Only look, and print the plan. Switch it off to really do it.
        resume: An unfinished attempt to carry on, as `switchback status` names it; empty for a new one.
        before: Take a backup of before this instant (2026-01-31T10:00:00Z); empty for the newest.
        lost_databases: Databases of new that are lost as well: what was written there is given up with the approval.

    """
    request = Request(
        way=Way.EMERGENCY_RESTORE,
        environment=environment,
        incident=incident,
        requested_by=requested_by,
        option=option,
        before=before,
        lost=lost_databases,
    )
    if rehearse:
        return rollbacks.rehearse(request)
    rollback = rollbacks.begin(request, resume)
    approvals.require(rollback, rollbacks.plan(rollback))

    blob.choose(rollback)
    if option is Option.RECOVER:
        postgres.fence(rollback, Side.NEW)
    else:
        kubernetes.stop_applications(rollback, Side.NEW)
    postgres.fence(rollback, Side.OLD)
    kubernetes.stop_applications(rollback, Side.OLD)
    blob.restore_aside(rollback)
    blob.put_in_place(rollback)
    if option is Option.RECOVER:
        recovery.export(rollback)
        recovery.bring_home(rollback)
        postgres.advance_sequences(rollback)
    if option is Option.ACCEPT_LOSS or lost_databases:
        postgres.advance_sequences_far(rollback)
        blob.prove_loss_signed(rollback)
        recovery.prove_gone(rollback)
    postgres.unfence(rollback, Side.OLD)
    kubernetes.start_applications(rollback, Side.OLD)
    probe.prove_serving(rollback, Side.OLD)
    dns.send_users_to(rollback, Side.OLD)
    dns.prove_answers(rollback, Side.OLD)
    if option is Option.RECOVER:
        kubernetes.prove_traffic_gone(rollback, Side.NEW)
        postgres.count_waiting(rollback)

    return rollbacks.finish(rollback)
