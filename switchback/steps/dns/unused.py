"""Proof that DNS sends nobody to new: neither the zone's records nor any server's answer."""

from switchback.domain.evidence import Evidence, none_of
from switchback.domain.model import Side
from switchback.settings import Environment
from switchback.steps.dns.answers import ask
from switchback.steps.dns.switch import SendUsersTo
from switchback.systems import dns

ADVICE = "Send users to old first (switchback dns-switchback), and wait until every resolver has forgotten."


class NobodySent:
    """Every record set, authoritative server and resolver names addresses of old, and no other."""

    facts = Evidence
    name = "nobody is sent to new"

    def __init__(self, environment: Environment) -> None:
        self._environment = environment

    def look(self) -> Evidence:
        """See Check. Raises SomebodyOnNew; a server that is silent is Unreachable, not an absence."""
        environment = self._environment
        seen = SendUsersTo(environment, Side.OLD).look()
        hosts = tuple(environment.host(service) for service in environment.services)
        allowed = {
            environment.host(service): set(seen.wanted[environment.record_name(service)])
            for service in environment.services
        }
        servers = (*dns.authorities(environment), *environment.dns.resolvers)
        answers = ask(servers, hosts)
        astray = [
            f"record set {found.name}" for found in seen.sets if set(found.addresses) != set(seen.wanted[found.name])
        ]
        astray += [f"{said.server} for {said.host}" for said in answers if set(said.addresses) != allowed[said.host]]
        looked_at = [f"{len(seen.sets)} record sets of the zone {environment.dns.zone}"]
        looked_at += [f"{server}: {len(hosts)} names" for server in servers]
        return none_of("answers that name anything but old", astray, tuple(looked_at), ADVICE)
