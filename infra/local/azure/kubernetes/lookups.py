"""What a request to the Kubernetes API asks for, found among a cluster's workloads."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from starlette.requests import Request

from infra.local.azure.answers import Problem
from infra.local.azure.kubernetes import selectors
from infra.local.azure.kubernetes.logs import Window
from infra.local.azure.kubernetes.workloads import Cluster, Deployment, Ingress

Item = TypeVar("Item", Deployment, Ingress)


def in_namespace(request: Request, items: Iterable[Item]) -> list[Item]:
    """The items of the asked namespace, or of all."""
    namespace = request.path_params.get("namespace")
    return [each for each in items if namespace in (None, each.namespace)]


def selected(request: Request, deployments: Iterable[Deployment]) -> list[Deployment]:
    """The deployments, and so the pods, that the namespace and the label selector ask for."""
    if "fieldSelector" in request.query_params:
        raise Problem(400, "BadRequest", "The stand-in does not know field selectors.")
    selector = request.query_params.get("labelSelector", "")
    return [each for each in in_namespace(request, deployments) if selectors.matches(selector, each.labels)]


def named(request: Request, plural: str, items: Iterable[Item]) -> Item:
    """The asked item; a 404 when there is none."""
    name = request.path_params["name"]
    for each in in_namespace(request, items):
        if each.name == name:
            return each
    raise Problem(404, "NotFound", f'{plural} "{name}" not found')


def owner(request: Request, cluster: Cluster) -> Deployment:
    """The deployment of the asked pod; a 404 when no such pod runs."""
    name = request.path_params["name"]
    for each in in_namespace(request, cluster.deployments):
        if name in each.pods():
            return each
    raise Problem(404, "NotFound", f'pods "{name}" not found')


def window(asked: Mapping[str, str]) -> Window:
    """The part of a log that the query asks for; a 400 when it cannot be read."""
    try:
        since = datetime.fromisoformat(asked["sinceTime"]) if "sinceTime" in asked else None
        if "sinceSeconds" in asked:
            since = datetime.now(UTC) - timedelta(seconds=int(asked["sinceSeconds"]))
        lines = int(asked["tailLines"]) if "tailLines" in asked else None
    except ValueError as error:
        raise Problem(400, "BadRequest", f"The log's limits cannot be read: {error}.") from error
    if since is not None and since.tzinfo is None:
        raise Problem(400, "BadRequest", "sinceTime has no time zone.")
    return Window(since=since, lines=lines, timestamps=asked.get("timestamps") == "true")
