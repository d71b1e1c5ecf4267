"""Recovery: what users wrote on new, exported, reviewed, brought home and proven. Databases side by side."""

from switchback.ways import conduct
from switchback.ways.conduct import Attempt
from tasks._step import step


@step("export what was written on new")
def export(attempt: Attempt) -> None:
    """Keep every row written on new since the cutover as a sealed bundle, while nobody writes on either site."""
    conduct.carry_out(attempt, "export what was written on new")


@step("bring home what only new changed")
def bring_home(attempt: Attempt) -> None:
    """Apply to old, which serves, what users wrote on new; rows that both sides changed are left and reported."""
    conduct.carry_out(attempt, "bring home what only new changed")
