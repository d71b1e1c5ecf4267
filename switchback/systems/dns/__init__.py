"""DNS: where users are sent. Points and looks; never decides, never guesses what a lost answer meant."""

from switchback.systems.dns.azure import AzureZone, open_zone
from switchback.systems.dns.servers import Answer, NameServerSilent, answers, authorities
from switchback.systems.dns.zone import NotAddresses, RecordSet, RecordSetChanged

__all__ = [
    "Answer",
    "AzureZone",
    "NameServerSilent",
    "NotAddresses",
    "RecordSet",
    "RecordSetChanged",
    "answers",
    "authorities",
    "open_zone",
]
