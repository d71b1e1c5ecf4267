"""Artifacts: the same tables as in the forms, kept beside the run in the Prefect UI. Outside a run, nothing is kept."""

from collections.abc import Mapping, Sequence

from prefect.artifacts import create_markdown_artifact, create_table_artifact
from prefect.context import TaskRunContext

from switchback.domain import rendering
from switchback.domain.model import Plan


def table(key: str, rows: Sequence[Mapping[str, str | int]], description: str) -> None:
    """Keep a table with the task's run."""
    if TaskRunContext.get() is not None:
        create_table_artifact(table=[dict(row) for row in rows], key=key, description=description)


def plan(planned: Plan) -> None:
    """Keep a plan with the task's run."""
    if TaskRunContext.get() is not None:
        create_markdown_artifact(rendering.markdown(planned), key="plan", description=planned.title)
