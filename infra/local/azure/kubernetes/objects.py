"""Workloads in the words of the Kubernetes API."""

from collections.abc import Iterable
from datetime import datetime

from infra.local.azure.answers import Json
from infra.local.azure.kubernetes.workloads import Cluster, Deployment, Ingress, Template

REVISION = "deployment.kubernetes.io/revision"


def listing(kind: str, version: str, items: Iterable[Json]) -> Json:
    """A list of objects."""
    return {"kind": f"{kind}List", "apiVersion": version, "metadata": {"resourceVersion": "1"}, "items": list(items)}


def pod(cluster: Cluster, deployment: Deployment, name: str) -> Json:
    """A pod with one container."""
    ready = name not in cluster.unready
    condition = {"status": str(ready), "lastTransitionTime": _time(cluster.created)}
    container = {
        "name": deployment.name,
        "ready": ready,
        "started": True,
        "restartCount": 0,
        "image": deployment.template.image,
        "imageID": "",
        "state": {"running": {"startedAt": _time(cluster.created)}},
    }
    owner = {"kind": "ReplicaSet", "name": deployment.replica_set(len(deployment.revisions))}
    metadata = _metadata(cluster, deployment.namespace, name, deployment.labels)
    return {
        "kind": "Pod",
        "apiVersion": "v1",
        "metadata": {
            **metadata,
            "ownerReferences": [{**owner, "apiVersion": "apps/v1", "uid": _uid(owner["name"]), "controller": True}],
        },
        "spec": _spec(deployment, deployment.template),
        "status": {
            "phase": "Running",
            "conditions": [{"type": kind, **condition} for kind in ("Ready", "ContainersReady")],
            "containerStatuses": [container],
            "startTime": _time(cluster.created),
        },
    }


def deployment(cluster: Cluster, each: Deployment) -> Json:
    """A deployment and how many of its pods are ready."""
    ready = sum(name not in cluster.unready for name in each.pods())
    revision = {REVISION: str(len(each.revisions))}
    return {
        "kind": "Deployment",
        "apiVersion": "apps/v1",
        "metadata": {**_metadata(cluster, each.namespace, each.name, each.labels), "annotations": revision},
        "spec": {
            "replicas": each.replicas,
            "selector": {"matchLabels": each.labels},
            "template": _template(each, each.template),
        },
        "status": {
            "observedGeneration": 1,
            "replicas": each.replicas,
            "updatedReplicas": each.replicas,
            "readyReplicas": ready,
            "availableReplicas": ready,
            "unavailableReplicas": each.replicas - ready,
        },
    }


def replica_sets(cluster: Cluster, each: Deployment) -> list[Json]:
    """A deployment's replica sets, one for each revision; only the last one runs pods."""
    owner = {"apiVersion": "apps/v1", "kind": "Deployment", "name": each.name, "uid": _uid(each.name)}
    made: list[Json] = []
    for number, template in enumerate(each.revisions, start=1):
        replicas = each.replicas if number == len(each.revisions) else 0
        metadata = _metadata(cluster, each.namespace, each.replica_set(number), each.labels)
        annotated = {"annotations": {REVISION: str(number)}, "ownerReferences": [{**owner, "controller": True}]}
        made.append(
            {
                "kind": "ReplicaSet",
                "apiVersion": "apps/v1",
                "metadata": {**metadata, **annotated},
                "spec": {
                    "replicas": replicas,
                    "selector": {"matchLabels": each.labels},
                    "template": _template(each, template),
                },
                "status": {"replicas": replicas},
            }
        )
    return made


def scale(cluster: Cluster, each: Deployment) -> Json:
    """A deployment's scale."""
    return {
        "kind": "Scale",
        "apiVersion": "autoscaling/v1",
        "metadata": _metadata(cluster, each.namespace, each.name, {}),
        "spec": {"replicas": each.replicas},
        "status": {
            "replicas": each.replicas,
            "selector": ",".join(f"{key}={value}" for key, value in each.labels.items()),
        },
    }


def ingress(cluster: Cluster, each: Ingress) -> Json:
    """An ingress with its hosts and the addresses where it is served."""
    service = {"service": {"name": each.name, "port": {"number": 80}}}
    rule = {"http": {"paths": [{"path": "/", "pathType": "Prefix", "backend": service}]}}
    return {
        "kind": "Ingress",
        "apiVersion": "networking.k8s.io/v1",
        "metadata": _metadata(cluster, each.namespace, each.name, {}),
        "spec": {"ingressClassName": "nginx", "rules": [{"host": host, **rule} for host in each.hosts]},
        "status": {"loadBalancer": {"ingress": [{"ip": address} for address in each.addresses]}},
    }


def _metadata(cluster: Cluster, namespace: str, name: str, labels: dict[str, str]) -> dict[str, object]:
    return {
        "name": name,
        "namespace": namespace,
        "uid": _uid(name),
        "resourceVersion": "1",
        "creationTimestamp": _time(cluster.created),
        "labels": labels,
    }


def _template(each: Deployment, template: Template) -> Json:
    metadata = {"labels": each.labels, "annotations": template.annotations}
    return {"metadata": metadata, "spec": _spec(each, template)}


def _spec(each: Deployment, template: Template) -> Json:
    return {"containers": [{"name": each.name, "image": template.image}]}


def _uid(name: str) -> str:
    return f"uid-{name}"


def _time(instant: datetime) -> str:
    return instant.isoformat().replace("+00:00", "Z")
