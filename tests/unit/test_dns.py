"""Record sets, as the core sees them."""

from dataclasses import replace

import pytest

from switchback import settings
from switchback.systems import dns
from switchback.systems.dns import AzureZone, NotAddresses, RecordSet


@pytest.mark.parametrize(
    "record",
    [
        RecordSet(name="www", kind="CNAME", ttl_s=60, target="elsewhere.test"),
        RecordSet(name="www", kind="A", ttl_s=60, target="/subscriptions/x/trafficManagerProfiles/y"),
        RecordSet(name="www", kind="TXT", ttl_s=60),
    ],
    ids=["a CNAME", "an alias", "a TXT set"],
)
def test_only_lists_of_addresses_are_written(record: RecordSet) -> None:
    """Everything else would be destroyed by writing addresses over it; nothing is sent."""
    zone = AzureZone(client=None, resource_group="dns", zone="mystira.test")  # type: ignore[arg-type]
    with pytest.raises(NotAddresses, match="www"):
        zone.put(record)


def test_the_descriptors_own_authorities_are_asked_first() -> None:
    """A zone that is not delegated yet can still be proven."""
    dev = settings.load("dev")
    named = replace(dev, dns=dev.dns.model_copy(update={"authorities": ("192.0.2.53:5300",)}))
    assert dns.authorities(named) == ("192.0.2.53:5300",)
