"""Sending users to a site, against the control plane: whole sets, all or none, nobody's change overwritten."""

from dataclasses import replace

import pytest

from infra.local.azure.faults import Fault
from switchback.domain.errors import Unreachable
from switchback.domain.model import Side
from switchback.steps import dns as steps
from switchback.steps.dns import ChangedSincePlan, NotSwitchable, SendUsersTo
from switchback.systems import dns
from switchback.systems.dns import RecordSetChanged
from tests.fix_azure import AzureSite


def addresses(azure: AzureSite) -> list[tuple[str, ...]]:
    names = [azure.environment.record_name(service) for service in azure.environment.services]
    return [found.addresses for found in dns.open_zone(azure.environment).record_sets(names)]


@pytest.fixture
def step(fresh_azure: AzureSite) -> SendUsersTo:
    return SendUsersTo(fresh_azure.environment, Side.NEW)


def test_all_services_are_switched_and_put_back(fresh_azure: AzureSite, step: SendUsersTo) -> None:
    """There and back, each twice, ends where it began."""
    before = step.look()
    step.refuse_if_unsafe(before, None)
    step.apply(before)
    assert step.plan(step.look()).changes == ()
    assert addresses(fresh_azure) == [before.wanted[found.name] for found in before.sets]
    step.undo(before)
    step.undo(before)
    assert [replace(found, etag="") for found in step.look().sets] == [replace(f, etag="") for f in before.sets]


def test_one_set_changed_by_somebody_else_stops_all(fresh_azure: AzureSite, step: SendUsersTo) -> None:
    """The second of three sets is not as it was read: the first is put back."""
    before = step.look()
    was = addresses(fresh_azure)
    dns.open_zone(fresh_azure.environment).put(replace(before.sets[1], ttl_s=77))
    with pytest.raises(RecordSetChanged):
        step.apply(before)
    assert addresses(fresh_azure) == was


def test_a_lost_answer_is_looked_at_again(fresh_azure: AzureSite, step: SendUsersTo) -> None:
    """The second write happens and its answer is lost: what is known is put back, then all go on."""
    before = step.look()
    fresh_azure.faults.add(Fault.LOSE, method="PUT", path="/dnszones/", skip=1, times=1)
    with pytest.raises(Unreachable):
        step.apply(before)
    fresh_azure.faults.clear()
    again = step.look()
    step.refuse_if_unsafe(again, before)
    step.apply(again)
    assert step.plan(step.look()).changes == ()


def test_a_set_changed_since_the_plan_is_refused(fresh_azure: AzureSite, step: SendUsersTo) -> None:
    """People approved something else."""
    planned = step.look()
    dns.open_zone(fresh_azure.environment).put(replace(planned.sets[0], addresses=("192.0.2.7",)))
    with pytest.raises(ChangedSincePlan, match=planned.sets[0].name):
        step.refuse_if_unsafe(step.look(), planned)


def test_undo_leaves_somebody_elses_change_alone(fresh_azure: AzureSite, step: SendUsersTo) -> None:
    """A set that holds a third address is not ours to put back."""
    before = step.look()
    step.apply(before)
    dns.open_zone(fresh_azure.environment).put(replace(step.look().sets[0], addresses=("192.0.2.7",)))
    with pytest.raises(ChangedSincePlan):
        step.undo(before)


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        ("CNAME", {"CNAMERecord": {"cname": "elsewhere.example"}}),
        ("AAAA", {"AAAARecords": [{"ipv6Address": "2001:db8::1"}]}),
        ("A", {"targetResource": {"id": "/subscriptions/x/resourceGroups/y"}}),
    ],
)
def test_what_is_not_one_plain_a_set_is_refused(
    fresh_azure: AzureSite, step: SendUsersTo, kind: str, options: dict[str, object]
) -> None:
    """A CNAME, an IPv6 set beside, an alias: each would leave users behind."""
    dns_settings = fresh_azure.environment.dns
    name = fresh_azure.environment.record_name(fresh_azure.environment.services[0])
    place = (dns_settings.resource_group, dns_settings.zone, name)
    if kind != "AAAA":
        fresh_azure.dns.record_sets.delete(*place, "A")
    fresh_azure.dns.record_sets.create_or_update(*place, kind, {"properties": {"TTL": 5} | options})  # type: ignore[call-overload]
    with pytest.raises(NotSwitchable, match=name):
        step.refuse_if_unsafe(step.look(), None)


def test_other_records_at_the_name_are_left_alone(fresh_azure: AzureSite, step: SendUsersTo) -> None:
    """A TXT set says nothing about where users go: there and back, it stays as it is, and the addresses come back."""
    environment = fresh_azure.environment
    place = (environment.dns.resource_group, environment.dns.zone, environment.record_name(environment.services[0]))
    txt = {"properties": {"TTL": 77, "TXTRecords": [{"value": ["hello"]}]}}
    fresh_azure.dns.record_sets.create_or_update(*place, "TXT", txt)  # type: ignore[call-overload]
    lower = steps.LowerTtls(environment)
    for one in (lower, step):
        before = one.look()
        one.refuse_if_unsafe(before, None)
        one.apply(before)
        one.undo(before)
        assert [replace(found, etag="") for found in one.look().sets] == [replace(f, etag="") for f in before.sets]
    kept = fresh_azure.dns.record_sets.get(*place, "TXT")
    assert (kept.ttl, [one.value for one in kept.txt_records or ()]) == (77, [["hello"]])


def test_a_set_that_is_gone_is_not_put_back_by_guess(fresh_azure: AzureSite, step: SendUsersTo) -> None:
    """Somebody deleted it meanwhile: undo names it, for the TTL as for the addresses."""
    environment = fresh_azure.environment
    before = step.look()
    step.apply(before)
    place = (environment.dns.resource_group, environment.dns.zone, before.sets[0].name)
    fresh_azure.dns.record_sets.delete(*place, "A")
    for one in (steps.LowerTtls(environment), step):
        with pytest.raises(NotSwitchable, match=before.sets[0].name):
            one.undo(before)


def test_every_server_must_follow(fresh_azure: AzureSite, step: SendUsersTo) -> None:
    """The authority at once, the resolver after its TTL."""
    step.apply(step.look())
    seen = steps.AnswersFollow(fresh_azure.environment, Side.NEW).look()
    assert len(seen.answers) == 2 * len(fresh_azure.environment.services)
