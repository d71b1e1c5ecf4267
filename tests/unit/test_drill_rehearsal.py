"""A drill ends what it began, whatever happens to it, and refuses where nobody may drill."""

import fcntl
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from switchback import settings
from switchback.drill import audit, diary
from switchback.drill.alone import DrillRunning
from switchback.drill.commands import CommandFailed, Traffic
from switchback.drill.diary import Event, Phase
from switchback.drill.rehearsal import CannotBeDrilled, DrillStopped, rehearsing

LOAD = "import signal, sys, time; signal.signal(15, lambda *_: sys.exit(0)); print('load', flush=True); time.sleep(60)"
STUBBORN = "import signal, time; signal.signal(15, signal.SIG_IGN); print('load', flush=True); time.sleep(60)"

Write = Callable[..., Path]


def _python(program: str) -> list[str]:
    return [sys.executable, "-c", program]


def _with_table(toml: str, name: str, values: Mapping[str, object]) -> str:
    """The text with that table's lines replaced; JSON values are TOML values."""
    lines = "".join(f"{key} = {json.dumps(value)}\n" for key, value in values.items())
    return re.sub(rf"\[{name}\].*?\n\n", lambda _: f"[{name}]\n{lines}\n", toml, count=1, flags=re.DOTALL)


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Write:
    """Writes a descriptor `toy` whose drill runs these programs; returns the folder of its drills."""

    def written(
        traffic: str = LOAD, commander: str = "Incident Commander", relief: str = "", audit: list[str] | None = None
    ) -> Path:
        note = f"open({str(tmp_path / 'told')!r}, 'a').write"
        drill = {
            "traffic": _python(traffic),
            "incident": _python(f"{note}('incident ')"),
            "relief": _python(relief or f"{note}('relief ')"),
            "audit": _python("print('{}')") if audit is None else audit,
            "commander": commander,
            **dict.fromkeys(("baseline_s", "on_new_s", "incident_s", "settle_s"), 0.2),
        }
        naming = settings.SHIPPED.parent / "naming" / "azure-v2.2.toml"
        text = (settings.SHIPPED / "dev.toml").read_text(encoding="utf-8")
        text = text.replace('name = "dev"', 'name = "toy"', 1).replace("../naming/azure-v2.2.toml", str(naming))
        text = _with_table(text, "journal", {"folder": str(tmp_path / "journals")})
        (tmp_path / "toy.toml").write_text(_with_table(text, "drill", drill), encoding="utf-8")
        return tmp_path / "drills"

    monkeypatch.setenv("SWITCHBACK_ENVIRONMENTS", str(tmp_path))
    monkeypatch.setenv("SWITCHBACK_DRILLS", str(tmp_path / "drills"))
    return written


def _held(path: Path) -> bool:
    """Whether a process lives that locks the file."""
    with path.open() as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def _fail_in_incident() -> None:
    with rehearsing("toy", 1.0) as rehearsal:
        rehearsal.begin(Phase.INCIDENT)
        rehearsal.start_traffic()
        rehearsal.cause_incident()
        raise OSError("no more")


def _let_load_pass() -> None:
    with rehearsing("toy", 1.0) as rehearsal:
        rehearsal.start_traffic()
        rehearsal.let_pass(10)


def _wait_for_load(log: Path) -> None:
    deadline = time.monotonic() + 10
    while not log.exists() or "load" not in log.read_text():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_production_is_never_drilled() -> None:
    """Its descriptor says nothing of drills."""
    with pytest.raises(CannotBeDrilled, match=r"no \[drill\] table"), rehearsing("prod", 1.0):
        pytest.fail("it began")


def test_a_commander_who_may_not_vote_commands_no_drill(write: Write) -> None:
    """The drill takes the same gate as people do."""
    write(commander="Nobody Listed")
    with pytest.raises(CannotBeDrilled, match="'Nobody Listed' is not listed"), rehearsing("toy", 1.0):
        pytest.fail("it began")


@pytest.mark.parametrize(
    ("audit", "why"),
    [([], "no command audit"), (["./no/such.sh"], r"\./no/such\.sh, its command audit, is not on this machine")],
)
def test_what_a_drill_runs_must_be_there(write: Write, audit: list[str], why: str) -> None:
    """It is found out before users are moved, not when the ledger is to be audited."""
    write(audit=audit)
    with pytest.raises(CannotBeDrilled, match=why), rehearsing("toy", 1.0):
        pytest.fail("it began")


def test_a_drill_of_its_own_needs_its_own_command(write: Write) -> None:
    """The descriptor does not say how new's databases are stopped."""
    write()
    with pytest.raises(CannotBeDrilled, match="no command outage"), rehearsing("toy", 1.0, "outage"):
        pytest.fail("it began")


def test_one_drill_at_a_time(write: Write) -> None:
    """The second says since when the first goes on."""
    write()
    with rehearsing("toy", 1.0), pytest.raises(DrillRunning, match="since 20"), rehearsing("toy", 1.0):
        pytest.fail("it began")


def test_a_drill_that_fails_ends_its_traffic_and_its_incident(write: Write, tmp_path: Path) -> None:
    """And says in which phase, why, and what a person has to look after."""
    folder = write()
    with pytest.raises(DrillStopped) as stopped:
        _fail_in_incident()
    assert not _held(folder / ".toy.traffic")
    assert (tmp_path / "told").read_text() == "incident relief "
    said = "'incident on new'. No attempt is unfinished; users are on old. Why it stopped: no more"
    assert said in str(stopped.value)
    assert diary.read(folder / "latest" / "diary.jsonl")[-1].event is Event.ENDED


def test_an_incident_that_cannot_be_ended_is_named(write: Write) -> None:
    """It goes on, and somebody has to know."""
    write(relief="raise SystemExit('the lever is stuck')")
    with (
        pytest.raises(DrillStopped, match="The incident on new goes on") as stopped,
        rehearsing("toy", 1.0) as drill,
    ):
        drill.cause_incident()
    assert "the lever is stuck" in str(stopped.value)


def test_traffic_that_ends_by_itself_stops_the_drill(write: Write) -> None:
    """A drill without load proves nothing."""
    write(traffic="print('no database'); raise SystemExit(3)")
    with pytest.raises(DrillStopped, match="ended by itself with 3: no database"):
        _let_load_pass()


def test_the_next_drill_ends_what_a_killed_one_left(write: Write, tmp_path: Path) -> None:
    """Killed with SIGKILL, it could end nothing itself."""
    folder = write()
    _signalled(signal.SIGKILL)
    assert _held(folder / ".toy.traffic")
    with rehearsing("toy", 1.0):
        assert not _held(folder / ".toy.traffic")
        assert (tmp_path / "told").read_text() == "incident relief "


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGHUP])
def test_a_drill_that_is_told_to_stop_ends_what_it_began(write: Write, tmp_path: Path, number: signal.Signals) -> None:
    """By Ctrl-C, or because its window was closed; and it says what a person has to look after."""
    folder = write()
    said = _signalled(number)
    assert "The drill was stopped. No attempt is unfinished; users are on old." in said
    assert not _held(folder / ".toy.traffic")
    assert (tmp_path / "told").read_text() == "incident relief "


def _signalled(number: signal.Signals) -> str:
    """What a drill in the terminal prints that gets this signal in the middle of its incident."""
    program = (
        "import signal, time; from switchback.drill import screen; from switchback.drill.rehearsal import rehearsing\n"
        "signal.signal(2, signal.default_int_handler)\n"  # a test run in the background inherits that it is ignored
        "def run():\n"
        "    with rehearsing('toy', 1.0) as drill:\n"
        "        drill.start_traffic(); drill.cause_incident(); open('begun', 'w').close(); time.sleep(60)\n"
        "screen.show('toy', run)"
    )
    begun = Path(os.environ["SWITCHBACK_DRILLS"]).parent / "begun"
    with subprocess.Popen(_python(program), stdout=subprocess.PIPE, text=True, cwd=begun.parent) as drill:
        deadline = time.monotonic() + 20
        while not begun.exists():
            assert drill.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.02)
        drill.send_signal(number)
        return " ".join(drill.communicate()[0].split())


def test_stopping_traffic_waits_for_its_end(tmp_path: Path) -> None:
    """A second stop does nothing."""
    traffic = Traffic(_python(LOAD), tmp_path / "log", tmp_path / "held")
    traffic.start()
    _wait_for_load(tmp_path / "log")
    traffic.stop()
    traffic.stop()


def test_traffic_that_does_not_end_is_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And the drill fails: its ledger may not be whole."""
    monkeypatch.setattr("switchback.drill.commands.PATIENCE_S", 0.3)
    traffic = Traffic(_python(STUBBORN), tmp_path / "log", tmp_path / "held")
    traffic.start()
    _wait_for_load(tmp_path / "log")
    with pytest.raises(CommandFailed, match="did not end"):
        traffic.stop()


def test_a_command_that_is_not_there_is_named(tmp_path: Path) -> None:
    """With the descriptor's line to correct."""
    with pytest.raises(CommandFailed, match=r"/nowhere/load cannot be started.*\[drill\]"):
        Traffic(["/nowhere/load"], tmp_path / "log", tmp_path / "held").start()


def test_an_audit_that_is_none_is_refused() -> None:
    """Half an answer is no proof."""
    with pytest.raises(audit.NotAnAudit, match="acknowledged: Field required"):
        audit.parse('{"lost": 0, "duplicated": 0, "on_old": 1, "waiting_on_new": 0}')
    with pytest.raises(audit.NotAnAudit, match="Invalid JSON"):
        audit.parse("everything is fine")
