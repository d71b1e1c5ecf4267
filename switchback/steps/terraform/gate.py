"""What a destroy plan may hold: new's resources, in new's groups, by new's names, and not more than there should be."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import ClassVar

from switchback.domain.errors import Refused
from switchback.settings import Environment
from switchback.systems.resources import Group
from switchback.systems.terraform import Doomed

DELETE = ("delete",)


@dataclass(eq=False)
class NotOnlyDestroyed(Refused):
    """A destroy plan makes or changes something."""

    problem: ClassVar[str] = "The plan would {actions} {address}, and not only destroy."
    remedy: ClassVar[str] = "Look at the configuration and its state; nothing was changed."
    address: str
    actions: str


@dataclass(eq=False)
class NotNews(Refused):
    """The plan holds what is not new's."""

    problem: ClassVar[str] = "The plan would destroy {address} ({id}): {why}."
    remedy: ClassVar[str] = (
        "Take it out of that state (terraform state rm), or correct the naming file. Nothing was changed."
    )
    address: str
    id: str
    why: str


@dataclass(eq=False)
class Stowaway(Refused):
    """A group would take along what is not new's."""

    problem: ClassVar[str] = "The group {group} of new holds {kind} {name}, which is not new's by its name."
    remedy: ClassVar[str] = (
        "A group takes along all that lies in it: move that out first, or name it in the naming file."
    )
    group: str
    kind: str
    name: str


@dataclass(eq=False)
class MoreThanExpected(Refused):
    """The plan is larger than new is."""

    problem: ClassVar[str] = "The plan would destroy {found} resources, {expected} are expected at most."
    remedy: ClassVar[str] = "Find out what else is in that state; if it is new's, raise terraform.expected."
    found: int
    expected: int


@dataclass(eq=False)
class Locked(Refused):
    """A lock forbids deleting."""

    problem: ClassVar[str] = "New cannot be deleted: {locks}."
    remedy: ClassVar[str] = "Ask whoever set it, remove the lock, then ask again; nothing was changed."
    locks: str


@dataclass(eq=False)
class NotInPlan(Refused):
    """Something would be destroyed that people have not seen."""

    problem: ClassVar[str] = "{address} was not in the plan that was approved."
    remedy: ClassVar[str] = "Take it out of that state, or start again once the approved part is gone."
    address: str


@dataclass(eq=False)
class CannotComeBack(Refused):
    """What is destroyed stays destroyed."""

    problem: ClassVar[str] = "{gone} of {planned} resources of new are destroyed; they cannot be put back."
    remedy: ClassVar[str] = "Resume to destroy the rest, then deploy new again."
    gone: int
    planned: int


def check(environment: Environment, doomed: tuple[Doomed, ...], groups: Iterable[Group]) -> None:
    """Raise for the first thing that the plan must not hold, that lies beside it, or that forbids it."""
    held = tuple(groups)
    for each in doomed:
        if each.actions != DELETE:
            raise NotOnlyDestroyed(each.address, " and ".join(each.actions))
        if why := _why_not_news(environment, each.id):
            raise NotNews(each.address, each.id or "no id of Azure's", why)
    for group in held:
        for resource in group.resources:
            if group.name == environment.new.resource_group and not _is_news(environment, resource.name):
                raise Stowaway(group.name, resource.kind, resource.name)
    expected = environment.terraform.expected if environment.terraform else 0
    if len(doomed) > expected:
        raise MoreThanExpected(len(doomed), expected)
    if locks := [str(lock) for group in held for lock in group.locks]:
        raise Locked("; ".join(locks))


def _why_not_news(environment: Environment, resource_id: str) -> str:
    """Why a resource is not new's; empty when it is. Names are compared as Azure does, in any case."""
    parts = list(_parts(resource_id))
    protected = _protected(environment)
    for part in parts:
        if why := protected.get(part):
            return f"{part} is {why}"
    prefix = f"/subscriptions/{environment.azure.subscription}/resourcegroups/".casefold()
    if not resource_id.casefold().startswith(prefix):
        return "it cannot be told to lie in a group of new"
    group, *below = resource_id[len(prefix) :].casefold().split("/")
    if group not in {name.casefold() for name in environment.new.groups}:
        return f"the group {group} is not new's"
    named = below[3] if len(below) > 3 else ""  # noqa: PLR2004 - providers, namespace, type, name
    if named and not _is_news(environment, named):
        return f"{named} is not one of new's names"
    return ""


def _is_news(environment: Environment, name: str) -> bool:
    return name.casefold() in {known.casefold() for known in environment.new.names}


def _protected(environment: Environment) -> Mapping[str, str]:
    """Names that no plan may ever hold."""
    old = (*environment.old.groups, *environment.old.names)
    named = dict.fromkeys((name.casefold() for name in old), "old's")
    named |= {
        environment.dns.zone.casefold(): "the zone",
        environment.dns.resource_group.casefold(): "the zone's group",
    }
    if environment.journal.account:
        named[environment.journal.account.casefold()] = "the backup storage"
    return named


def _parts(resource_id: str) -> Iterator[str]:
    yield from filter(None, resource_id.casefold().split("/"))
