"""Recovery: what users wrote on new, exported, reviewed, brought home and proven. Databases side by side."""

from switchback.ways import conduct
from switchback.ways.conduct import Attempt
from tasks._step import step


@step("export what was written on new")
def export(attempt: Attempt) -> None:
    """Keep every row written on new since the cutover as a sealed bundle, while nobody writes there."""
    conduct.carry_out(attempt, "export what was written on new")


@step("apply what was reviewed")
def apply(attempt: Attempt) -> None:
    """Bring the reviewed rows into old, one transaction a database; exactly what was signed for."""
    conduct.carry_out(attempt, "apply what was reviewed")


@step("prove that old is what was signed for")
def verify(attempt: Attempt) -> None:
    """Compare every row of both sites: equal, or exactly the signed exceptions."""
    conduct.prove(attempt, "old is what was signed for")


@step("prove that the loss is signed for")
def prove_loss_signed(attempt: Attempt) -> None:
    """Every row that stays behind is in a manifest that a named person signed."""
    conduct.prove(attempt, "the loss is signed for")


@step("prove that what is given up of new is gone")
def prove_gone(attempt: Attempt) -> None:
    """What could be brought home by now is not given up; looked at just before users are let in."""
    conduct.prove(attempt, "what is given up of new is gone")


@step("bring home what only new changed")
def bring_home(attempt: Attempt) -> None:
    """Apply to old what users wrote on new, while nobody writes; rows that both sides changed are left and reported."""
    conduct.carry_out(attempt, "bring home what only new changed")
