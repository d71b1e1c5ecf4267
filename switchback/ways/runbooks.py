"""Which runbook an attempt follows, made from what its journal and that of the attempt it follows say."""

from collections.abc import Sequence

from switchback.domain.journal import Record
from switchback.domain.step import Runbook
from switchback.rollback import records
from switchback.rollback.records import Request, Way
from switchback.settings import Environment
from switchback.systems.journal import Store
from switchback.ways import (
    cutover,
    dns_switchback,
    emergency_restore,
    evaluated_rollback,
    history,
    pre_cutover_destroy,
)


def of_attempt(environment: Environment, store: Store, own: Sequence[Record]) -> Runbook:
    """The steps and checks of an attempt, in their order."""
    return of_request(environment, store, records.request(own), own)


def of_request(environment: Environment, store: Store, request: Request, own: Sequence[Record] = ()) -> Runbook:
    """The same for what is asked for, whether or not it has begun."""
    before = records.read(store, request.follows) if request.follows else ()
    undone = history.undone_since(store, request.follows, request.run)
    if request.way is Way.CUTOVER:
        return cutover.runbook(
            environment, own, before, undone, lambda: records.read(store, records.request(before).follows)
        )
    if request.way is Way.DNS_SWITCHBACK:
        return dns_switchback.runbook(environment, own, before, undone, request)
    if request.way is Way.EMERGENCY_RESTORE:
        return emergency_restore.runbook(environment, own, before, request)
    if request.way is Way.PRE_CUTOVER_DESTROY:
        return pre_cutover_destroy.runbook(environment, own, before)
    return evaluated_rollback.runbook(environment, own, before, undone, request.option)
