"""What a destroy plan may hold: new's resources by new's names, and nothing that old, the zone or the backups need."""

from dataclasses import replace

import pytest

from switchback import settings
from switchback.steps.terraform import Locked, MoreThanExpected, NotNews, NotOnlyDestroyed, Stowaway, gate
from switchback.systems.resources import Group, Lock, Resource
from switchback.systems.terraform import Doomed

DEV = settings.load("dev")
GROUPS = f"/subscriptions/{DEV.azure.subscription}/resourceGroups"
NEW = f"{GROUPS}/{DEV.new.resource_group}"
VAULT = "Microsoft.KeyVault/vaults"


def doomed(resource_id: str, *actions: str) -> Doomed:
    return Doomed(address="module.site.it", kind="azurerm_it", id=resource_id, actions=actions or ("delete",))


def group(*resources: Resource, locks: tuple[Lock, ...] = ()) -> Group:
    return Group(name=DEV.new.resource_group, location="southafricanorth", resources=resources, locks=locks)


@pytest.mark.parametrize(
    "resource_id",
    [
        NEW,
        NEW.upper(),
        f"{GROUPS}/{DEV.new.groups[1]}",
        f"{NEW}/providers/{VAULT}/{DEV.new.vault}",
        f"{NEW}/providers/Microsoft.DBforPostgreSQL/flexibleServers/{DEV.new.postgres}/databases/publisher_db",
        f"{NEW}/providers/Microsoft.Storage/storageAccounts/mysdevcorestsan",
    ],
)
def test_what_is_news_may_be_destroyed(resource_id: str) -> None:
    """Its groups, what lies in them under new's names, and what lies in that."""
    gate.check(DEV, (doomed(resource_id),), (group(),))


@pytest.mark.parametrize(
    ("resource_id", "why"),
    [
        (f"{GROUPS}/{DEV.old.resource_group}", "mys-dev-mystira-rg-eus is old's"),
        (f"{GROUPS}/{DEV.old.resource_group}/providers/{VAULT}/mysdevkv", "is old's"),
        (f"{NEW}/providers/{VAULT}/mysdevkv", "mysdevkv is old's"),
        (f"{GROUPS}/dns-zone-rg", "dns-zone-rg is the zone's group"),
        (f"{NEW}/providers/Microsoft.Network/dnszones/mystira.app", "mystira.app is the zone"),
        (f"{NEW}/providers/Microsoft.Network/dnszones/MYSTIRA.app/A/dev.publisher", "mystira.app is the zone"),
        (f"{NEW}/providers/Microsoft.Storage/storageAccounts/mysdevbackupstorage", "is the backup storage"),
        (f"{NEW}/providers/{VAULT}/somebody-elses", "somebody-elses is not one of new's names"),
        (f"{GROUPS}/mys-staging-core-rg-san", "the group mys-staging-core-rg-san is not new's"),
        (NEW.replace(DEV.azure.subscription, "another"), "cannot be told to lie in a group of new"),
        ("", "cannot be told to lie in a group of new"),
    ],
)
def test_what_is_not_news_is_refused_by_name(resource_id: str, why: str) -> None:
    """Old, the zone, the backup storage, another environment, and whatever cannot be told."""
    with pytest.raises(NotNews, match=r"module\.site\.it") as stop:
        gate.check(DEV, (doomed(NEW), doomed(resource_id)), (group(),))
    assert why in str(stop.value)


@pytest.mark.parametrize("actions", [("create",), ("update",), ("delete", "create")])
def test_a_plan_that_does_more_than_destroy_is_refused(actions: tuple[str, ...]) -> None:
    """Also when it destroys in order to make again."""
    with pytest.raises(NotOnlyDestroyed, match=" and ".join(actions)):
        gate.check(DEV, (doomed(NEW, *actions),), ())


def test_more_resources_than_new_is_made_of_are_refused() -> None:
    """A state that grew holds something that nobody thought of."""
    assert DEV.terraform is not None
    small = replace(DEV, terraform=DEV.terraform.model_copy(update={"expected": 2}))
    gate.check(small, (doomed(NEW),) * 2, ())
    with pytest.raises(MoreThanExpected, match="3 resources, 2 are expected"):
        gate.check(small, (doomed(NEW),) * 3, ())


def test_a_lock_is_named_with_what_it_locks_and_why() -> None:
    """So that people know whom to ask."""
    lock = Lock(scope=NEW, name="keep", level="CanNotDelete", notes="ask the data team")
    with pytest.raises(Locked, match=r"keep \(CanNotDelete, ask the data team\) on /subscriptions/"):
        gate.check(DEV, (doomed(NEW),), (group(locks=(lock,)),))


def test_a_stranger_in_news_group_is_refused() -> None:
    """Terraform does not know it, and the group would take it along."""
    known = Resource(kind=VAULT, name=DEV.new.vault.upper())
    gate.check(DEV, (doomed(NEW),), (group(known),))
    stranger = Resource(kind="Microsoft.Storage/storageAccounts", name="mysdevbackupstorage")
    with pytest.raises(Stowaway, match=r"holds Microsoft\.Storage/storageAccounts mysdevbackupstorage"):
        gate.check(DEV, (doomed(NEW),), (group(known, stranger),))
