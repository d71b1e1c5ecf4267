"""Drills: what all of it proves, measured and written down."""

from switchback.drill import evidence, publish
from switchback.drill.audit import Audit
from switchback.drill.destroyed import Destroyed
from switchback.drill.rehearsal import Rehearsal
from switchback.drill.report import Measured, Report
from tasks._step import step
from tasks.drill_runs import Approved


@step("report")
def report(rehearsal: Rehearsal, cutover: Approved, switchback: Approved, audited: Audit) -> Report:
    """Measure the drill and write its report, whatever it says."""
    found = evidence.collect(
        rehearsal, (cutover.asked.attempt, cutover.at), (switchback.asked.attempt, switchback.at), audited
    )
    return publish.publish(rehearsal.folder, found)


@step("report on the destroy")
def report_destroy(rehearsal: Rehearsal, destroy: Approved, fault: str, audited: Audit) -> Destroyed:
    """Measure the drill of a destroy and write its report, whatever it says."""
    found = evidence.of_destroy(rehearsal, (destroy.asked.attempt, destroy.at), fault, audited)
    return publish.publish_destroyed(rehearsal.folder, found)


@step("is it proven?")
def must_be_proven(measured: Measured) -> None:
    """Raise NotProven unless the drill is proven."""
    publish.must_be_proven(measured)
