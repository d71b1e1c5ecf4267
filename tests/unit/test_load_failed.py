"""The migration's own tooling fails: what it said of rows and passwords is for a person's eyes, in a file."""

import re
import stat
from dataclasses import replace
from pathlib import Path

import pytest

from switchback import settings
from switchback.steps.postgres import LoadNew
from switchback.steps.postgres.sites import LoadFailed, LoadSeen, NoLoader

SAID = """
connecting to postgresql://admin:hunter2@new/db
ERROR:  duplicate key, while connected to postgresql://admin:hunter2@new/db password=hunter2
DETAIL:  Key (email)=(somebody@example.test) already exists.
"""


def test_an_error_shows_the_first_complaint_and_neither_rows_nor_passwords() -> None:
    """All of it is kept, for the owner alone."""
    dev = settings.load("dev")
    failing = dev.cutover.model_copy(update={"load_new": ("sh", "-c", f"cat >&2 <<'END'\n{SAID}\nEND\nexit 3")})
    with pytest.raises(LoadFailed, match=r"ended with 3: ERROR:  duplicate key") as met:
        LoadNew(replace(dev, cutover=failing)).apply(LoadSeen(quiet=True, differing=()))
    assert not re.search("hunter2|example.test", str(met.value))
    found = re.search(r"all of it: (\S+)\)", str(met.value))
    assert found
    kept = Path(found[1])
    assert SAID.strip() in kept.read_text(encoding="utf-8")
    assert stat.S_IMODE(kept.stat().st_mode) == stat.S_IRUSR | stat.S_IWUSR
    kept.unlink()


def test_tooling_that_is_not_there_is_missed_before_users_are_shut_out() -> None:
    """The plan is refused; where new holds what old holds already, nothing is loaded, so nothing is missed."""
    dev = settings.load("dev")
    step = LoadNew(replace(dev, cutover=dev.cutover.model_copy(update={"load_new": ("./no/such/loader.sh", "dev")})))
    step.refuse_if_unsafe(LoadSeen(quiet=False, differing=()), None)
    with pytest.raises(NoLoader, match=r"\./no/such/loader\.sh"):
        step.refuse_if_unsafe(LoadSeen(quiet=False, differing=("ledger",)), None)
