"""DNS zones and record sets, as ARM serves them. The DNS servers answer from the same record sets."""

from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute

from infra.local.azure import answers, arm, records
from infra.local.azure.answers import Json, Problem, route
from infra.local.azure.groups import Groups
from infra.local.azure.locks import Locks
from infra.local.azure.records import Kind, RecordSet, Zone
from infra.local.azure.state import Store

KIND = "Microsoft.Network/dnszones"
_FIXED = (Kind.NS, Kind.SOA)


class Wanted(BaseModel):
    """The body of a PUT or PATCH."""

    properties: dict[str, Any]


class Zones:
    """The subscription's zones and their API."""

    def __init__(self, store: Store, *, groups: Groups, locks: Locks, seed: Iterable[Zone]) -> None:
        self._groups = groups
        self._locks = locks
        seeded = {zone.name.lower(): zone for zone in seed}
        self._zones = store.document("zones", dict[str, Zone], seeded)

    def live(self) -> list[Zone]:
        """The zones that exist now, for the DNS servers; may be called from any thread."""
        return [zone for zone in self._zones.value.values() if self._groups.exists(KIND, zone.name)]

    def routes(self) -> list[BaseRoute]:
        """The API, below /subscriptions."""
        every = "/{subscription}/resourcegroups/{group}/providers/microsoft.network/dnszones"
        one = f"{every}/{{zone}}"
        record_set = f"{one}/{{kind}}/{{name}}"
        return [
            route(every, "GET", self.on_list_zones),
            route(one, "GET", self.on_get_zone),
            route(f"{one}/{{kind}}", "GET", self.on_list),
            route(record_set, "GET", self.on_get),
            route(record_set, "PUT", self.on_put),
            route(record_set, "PATCH", self.on_patch),
            route(record_set, "DELETE", self.on_delete),
        ]

    async def on_list_zones(self, request: Request) -> Response:
        """The zones of a group."""
        group = self._groups.get(request.path_params["group"])
        zones = [zone for zone in self._zones.value.values() if group.holds(KIND, zone.name)]
        return arm.page(request, [self._render_zone(zone) for zone in zones])

    async def on_get_zone(self, request: Request) -> Response:
        """One zone, with its name servers."""
        return JSONResponse(self._render_zone(self._zone(request)))

    async def on_list(self, request: Request) -> Response:
        """Record sets of the zone: of one type, or of all ("recordsets", "all"); optionally by the name's end."""
        zone = self._zone(request)
        word = request.path_params["kind"].lower()
        wanted = set(Kind) if word in ("all", "recordsets") else {_kind(word)}
        suffix = request.query_params.get("$recordsetnamesuffix", "").lower()
        found = [each for each in zone.sets.values() if each.kind in wanted and each.name.lower().endswith(suffix)]
        return arm.page(request, [self._render(zone, each) for each in found])

    async def on_get(self, request: Request) -> Response:
        """One record set."""
        zone = self._zone(request)
        return JSONResponse(self._render(zone, _existing(request, zone)))

    async def on_put(self, request: Request) -> Response:
        """Creates or replaces a record set, if the conditions hold."""
        wanted = await answers.body(request, Wanted)
        zone = self._zone(request)
        name, kind = request.path_params["name"], _kind(request.path_params["kind"])
        before = zone.find(name, kind)
        return self._replace(request, zone, before, records.parse(name, kind, wanted.properties))

    async def on_patch(self, request: Request) -> Response:
        """Changes those properties of an existing record set that the body names."""
        wanted = await answers.body(request, Wanted)
        zone = self._zone(request)
        before = _existing(request, zone)
        merged: Mapping[str, object] = {**records.wire(before), **wanted.properties}
        return self._replace(request, zone, before, records.parse(before.name, before.kind, merged))

    async def on_delete(self, request: Request) -> Response:
        """Deletes a record set, if the condition holds: 200, or 204 when there is none."""
        zone = self._zone(request)
        name, kind = request.path_params["name"], _kind(request.path_params["kind"])
        before = zone.find(name, kind)
        _check_conditions(request, before)
        _refuse_fixed(kind)
        if before is None:
            return Response(status_code=204)
        self._locks.refuse(self._id(zone, before), deleting=True)
        rest = {key: each for key, each in zone.sets.items() if key != records.key(name, kind)}
        self._put(zone.model_copy(update={"sets": rest}))
        return Response(status_code=200)

    def _replace(self, request: Request, zone: Zone, before: RecordSet | None, after: RecordSet) -> Response:
        _check_conditions(request, before)
        _refuse_fixed(after.kind)
        self._locks.refuse(self._id(zone, after))
        _refuse_beside_cname(zone, after)
        self._put(zone.model_copy(update={"sets": {**zone.sets, records.key(after.name, after.kind): after}}))
        return JSONResponse(self._render(zone, after), 201 if before is None else 200)

    def _zone(self, request: Request) -> Zone:
        name = request.path_params["zone"]
        self._groups.resource(request.path_params["group"], KIND, name)
        return self._zones.value[name.lower()]

    def _put(self, zone: Zone) -> None:
        self._zones.put({**self._zones.value, zone.name.lower(): zone})

    def _id(self, zone: Zone, record_set: RecordSet) -> str:
        return f"{self._groups.resource(zone.group, KIND, zone.name)}/{record_set.kind}/{record_set.name}"

    def _render(self, zone: Zone, record_set: RecordSet) -> Json:
        relative = "" if record_set.name == "@" else f"{record_set.name}."
        more = {"fqdn": f"{relative}{zone.name}.", "provisioningState": "Succeeded"}
        return {
            "id": self._id(zone, record_set),
            "name": record_set.name,
            "type": f"{KIND}/{record_set.kind}",
            "etag": record_set.etag,
            "properties": {"targetResource": {}} | dict(records.wire(record_set)) | more,
        }

    def _render_zone(self, zone: Zone) -> Json:
        return {
            "id": self._groups.resource(zone.group, KIND, zone.name),
            "name": zone.name,
            "type": KIND,
            "location": "global",
            "tags": {},
            "etag": zone.etag,
            "properties": {
                "maxNumberOfRecordSets": 10000,
                "maxNumberOfRecordsPerRecordSet": records.RECORDS_PER_SET,
                "numberOfRecordSets": len(zone.sets),
                "nameServers": zone.name_servers,
                "zoneType": "Public",
            },
        }


def _kind(word: str) -> Kind:
    try:
        return Kind(word.upper())
    except ValueError as error:
        raise Problem(400, "BadRequest", f"The stand-in keeps no record sets of type '{word}'.") from error


def _existing(request: Request, zone: Zone) -> RecordSet:
    name = request.path_params["name"]
    found = zone.find(name, _kind(request.path_params["kind"]))
    if found is None:
        raise Problem(404, "NotFound", f"The resource record '{name}' does not exist in zone '{zone.name}'.")
    return found


def _check_conditions(request: Request, before: RecordSet | None) -> None:
    match, none_match = request.headers.get("if-match"), request.headers.get("if-none-match")
    current = "none" if before is None else f"'{before.etag}'"
    held = before is not None and match in ("*", before.etag, f'"{before.etag}"')
    if match and not held:
        message = f"The condition '{match}' in the If-Match header was not satisfied. The current was {current}."
        raise Problem(412, "PreconditionFailed", message)
    if none_match == "*" and before is not None:
        raise Problem(412, "PreconditionFailed", f"The If-None-Match condition was not satisfied. There is {current}.")


def _refuse_fixed(kind: Kind) -> None:
    if kind in _FIXED:
        raise Problem(400, "BadRequest", f"The zone's own {kind} record set cannot be changed here.")


def _refuse_beside_cname(zone: Zone, wanted: RecordSet) -> None:
    others = [each for each in zone.named(wanted.name) if each.kind is not wanted.kind]
    if others and Kind.CNAME in (wanted.kind, *(each.kind for each in others)):
        there = ", ".join(each.kind for each in others)
        message = f"The {wanted.kind} record set '{wanted.name}' cannot stand beside its {there} record set."
        raise Problem(409, "Conflict", message)
