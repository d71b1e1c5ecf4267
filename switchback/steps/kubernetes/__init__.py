"""Kubernetes steps: users have left a site; its applications are stopped and started again."""

from switchback.steps.kubernetes.applications import StartApplications, StopApplications
from switchback.steps.kubernetes.traffic import NobodyCame, Straggler, StragglersRemain, TrafficSeen, UsersHaveLeft

__all__ = [
    "NobodyCame",
    "StartApplications",
    "StopApplications",
    "Straggler",
    "StragglersRemain",
    "TrafficSeen",
    "UsersHaveLeft",
]
