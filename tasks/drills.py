"""Drills: the load, the incident, and what else is done to a site while it is rehearsed; the audit at the end."""

from switchback.drill.audit import Audit
from switchback.drill.diary import Phase
from switchback.drill.rehearsal import Rehearsal, rehearsing
from tasks._step import step

__all__ = ["rehearsing"]


@step("traffic: begin")
def start_traffic(rehearsal: Rehearsal) -> None:
    """Put load on the environment, in a process of its own."""
    rehearsal.start_traffic()


@step("let users be: {phase}")
def let_users_be(rehearsal: Rehearsal, phase: Phase) -> None:
    """Let the descriptor's time for this phase pass, under load."""
    drill = rehearsal.drill
    lasts_s = {Phase.BASELINE: drill.baseline_s, Phase.ON_NEW: drill.on_new_s, Phase.SETTLING: drill.settle_s}
    rehearsal.begin(phase)
    rehearsal.let_pass(lasts_s[phase])


@step("backups: plant bad ones")
def plant_bad_backups(rehearsal: Rehearsal) -> None:
    """A corrupt, a truncated and a half-uploaded one, all newer than the good one."""
    rehearsal.plant()


@step("old: delete it")
def destroy_old(rehearsal: Rehearsal) -> None:
    """Delete old's server and its data for real; an empty server with the same roles takes its place."""
    rehearsal.begin(Phase.DISASTER)
    rehearsal.destroy_old()


@step("incident on new: begin")
def cause_incident(rehearsal: Rehearsal) -> None:
    """Break new, and let users suffer for the descriptor's time."""
    rehearsal.begin(Phase.INCIDENT)
    rehearsal.cause_incident()
    rehearsal.let_pass(rehearsal.drill.incident_s)


@step("outage of new's databases: begin")
def cause_outage(rehearsal: Rehearsal) -> None:
    """Stop new's database server, and let users suffer for the descriptor's time."""
    rehearsal.begin(Phase.INCIDENT)
    rehearsal.cause_outage()
    rehearsal.let_pass(rehearsal.drill.incident_s)


@step("deploy new")
def deploy_new(rehearsal: Rehearsal) -> None:
    """Make new where it is not, by the descriptor's own tooling."""
    rehearsal.deploy()


@step("find a fault on new")
def find_fault(rehearsal: Rehearsal) -> str:
    """Probe new until a fault shows; then leave it alone for as long as a destroy wants it unused."""
    found = rehearsal.find_fault()
    rehearsal.let_pass(rehearsal.environment.policy.unused_s)
    return found


def end(rehearsal: Rehearsal) -> Audit:
    """End the load and the incident, then hold the ledger against both sites."""
    stop_traffic(rehearsal)
    end_incident(rehearsal)
    return audit(rehearsal)


@step("traffic: end")
def stop_traffic(rehearsal: Rehearsal) -> None:
    """End the load; writes under way are finished first."""
    rehearsal.begin(Phase.AUDIT)
    rehearsal.stop_traffic()


@step("incident on new: end")
def end_incident(rehearsal: Rehearsal) -> None:
    """Mend new."""
    rehearsal.relieve()


@step("audit")
def audit(rehearsal: Rehearsal) -> Audit:
    """Hold the ledger of acknowledged writes against both sites."""
    return rehearsal.audit()
