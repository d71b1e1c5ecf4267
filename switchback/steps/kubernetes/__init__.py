"""Kubernetes steps: users have left a site; its applications are stopped and started again."""

from switchback.steps.kubernetes.applications import StartApplications, StopApplications, StopWhatAnswers
from switchback.steps.kubernetes.traffic import NobodyCame, UsersHaveLeft

__all__ = [
    "NobodyCame",
    "StartApplications",
    "StopApplications",
    "StopWhatAnswers",
    "UsersHaveLeft",
]
