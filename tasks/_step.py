"""The one rule of retrying: a step is asked again only when a system did not answer.

Inside a Prefect run a step is a task; where there is none (break-glass: no Prefect server), the
same function runs plainly, under the same rule. The journal decides what is done again, so no
result of Prefect's is ever taken for the truth.
"""

import time
from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from prefect import State, Task, task
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import TaskRun
from prefect.context import FlowRunContext

from switchback.domain.errors import Unreachable

P = ParamSpec("P")
R = TypeVar("R")

DELAYS_S = (1.0, 2.0, 4.0)


def step(name: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """A task shown as `name` (a template over the parameters), retried when Unreachable after 1, 2 and 4 seconds."""

    def made(function: Callable[P, R]) -> Callable[P, R]:
        inside_prefect = task(
            task_run_name=name,
            retries=len(DELAYS_S),
            retry_delay_seconds=list(DELAYS_S),
            retry_condition_fn=_unreachable,
            cache_policy=NO_CACHE,
            result_serializer="json",
        )(function)

        @wraps(function)
        def run(*args: P.args, **kwargs: P.kwargs) -> R:
            if FlowRunContext.get() is not None:
                return inside_prefect(*args, **kwargs)
            return _plainly(function, *args, **kwargs)

        return run

    return made


def _unreachable(_task: Task[..., Any], _run: TaskRun, state: State[Any]) -> bool:
    return isinstance(state.result(raise_on_failure=False), Unreachable)


def _plainly(function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    for delay_s in DELAYS_S:
        try:
            return function(*args, **kwargs)
        except Unreachable:
            time.sleep(delay_s)
    return function(*args, **kwargs)
