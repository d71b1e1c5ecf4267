"""The family of errors: every member survives pickling and reads as one message."""

import importlib
import pickle
import pkgutil
from dataclasses import fields

import pytest

import switchback
import tasks
from switchback.domain.errors import HalfDone, Refused, SwitchbackError, Unreachable


def family() -> list[type[SwitchbackError]]:
    for package in (switchback, tasks):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            importlib.import_module(module.name)
    found: list[type[SwitchbackError]] = []
    left: list[type[SwitchbackError]] = [Refused, Unreachable, HalfDone]
    while left:
        kind = left.pop()
        found.append(kind)
        left.extend(kind.__subclasses__())
    return sorted(
        (kind for kind in found if kind.__module__.startswith(("switchback.", "tasks."))),
        key=lambda kind: kind.__name__,
    )


@pytest.mark.parametrize("kind", family())
def test_an_error_survives_the_journey_between_processes(kind: type[SwitchbackError]) -> None:
    """Prefect pickles errors: text, kind and fields must arrive."""
    error = kind(*(7 if field.type in (int, float, "int", "float") else field.name for field in fields(kind)))
    arrived = pickle.loads(pickle.dumps(error))  # noqa: S301 - our own bytes
    assert type(arrived) is kind
    assert str(arrived) == str(error)
    assert arrived.args == error.args


@pytest.mark.parametrize("kind", family())
def test_an_error_says_what_a_person_can_do(kind: type[SwitchbackError]) -> None:
    """Problem and remedy are both there."""
    assert kind.problem.strip()
    assert kind.remedy.strip()
    assert issubclass(kind, Refused | Unreachable | HalfDone)
