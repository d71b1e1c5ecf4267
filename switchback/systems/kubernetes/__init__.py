"""Kubernetes: what a site runs, where its ingresses listen, and who still comes. Never touches ~/.kube."""

from switchback.systems.kubernetes.access_log import Request, UnreadableAccessLog
from switchback.systems.kubernetes.cluster import Cluster, NoController, PodState, open_cluster
from switchback.systems.kubernetes.errors import ClusterDenied, ClusterSilent, NotInCluster
from switchback.systems.kubernetes.ingress import IngressWithoutAddress, NoIngress
from switchback.systems.kubernetes.kubeconfig import UnusableKubeconfig

__all__ = [
    "Cluster",
    "ClusterDenied",
    "ClusterSilent",
    "IngressWithoutAddress",
    "NoController",
    "NoIngress",
    "NotInCluster",
    "PodState",
    "Request",
    "UnreadableAccessLog",
    "UnusableKubeconfig",
    "open_cluster",
]
