"""The schedules, tested as files: systemd takes them, cron too, and their commands are ones we know."""

from __future__ import annotations

import configparser
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from pipeline.cli import parser
from pipeline.cli.options import INTERRUPTED
from pipeline.nightly.night import LOOK

DEPLOY = Path(__file__).parents[2] / "deploy"
HOME = "/opt/nianbao"


def unit(name: str) -> configparser.ConfigParser:
    read = configparser.ConfigParser(strict=True, interpolation=None, comment_prefixes=("#",))
    read.optionxform = str  # type: ignore[assignment,method-assign]
    read.read_string((DEPLOY / name).read_text(encoding="utf-8"))
    return read


def command_of(line: str) -> list[str]:
    """What follows `-m pipeline`, without redirections."""
    return shlex.split(line.split("-m pipeline ")[1].split(" 2>")[0])


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="no systemd-analyze on this machine")
def test_systemd_takes_the_units(tmp_path: Path) -> None:
    # The machine of the test has neither the folder nor the user.
    for name in ("nianbao.service", "nianbao.timer"):
        text = (DEPLOY / name).read_text(encoding="utf-8")
        here = text.replace(f"{HOME}/.venv/bin/python", sys.executable).replace("=nianbao\n", "=root\n")
        (tmp_path / name).write_text(here.replace(HOME, str(tmp_path)), encoding="utf-8")
    units = [str(tmp_path / name) for name in ("nianbao.service", "nianbao.timer")]
    done = subprocess.run(["systemd-analyze", "verify", *units], capture_output=True, text=True, timeout=60)
    ours = [line for line in done.stderr.splitlines() if "nianbao" in line]
    assert (done.returncode, ours) == (0, [])


def test_the_service_runs_one_night_within_bounds() -> None:
    service = unit("nianbao.service")["Service"]
    assert service["Type"] == "oneshot"
    assert service["ExecStart"].startswith(f"{HOME}/.venv/bin/python -m pipeline nightly ")
    parsed = parser().parse_args(command_of(service["ExecStart"]))
    assert Path(service["WorkingDirectory"], parsed.raw).parent == Path(service["ReadWritePaths"])
    assert Path(service["WorkingDirectory"], parsed.out).parent == Path(service["ReadWritePaths"])
    assert (service["KillMode"], service["NoNewPrivileges"], service["Restart"]) == ("mixed", "yes", "no")
    assert service["TimeoutStartSec"] not in ("", "infinity")
    assert int(service["Nice"]) > 0
    assert service["SuccessExitStatus"].split() == [str(LOOK), str(INTERRUPTED)]
    assert "AF_INET" in service["RestrictAddressFamilies"]


def test_the_timer_starts_the_service_every_night() -> None:
    timer = unit("nianbao.timer")
    assert timer["Timer"]["Persistent"] == "true"
    assert re.fullmatch(r"\*-\*-\* \d\d:\d\d:\d\d \S+", timer["Timer"]["OnCalendar"])
    assert timer["Install"]["WantedBy"] == "timers.target"


def test_the_crontab_line() -> None:
    lines = (DEPLOY / "crontab").read_text(encoding="utf-8").splitlines()
    (line,) = [line for line in lines if line and not line.startswith("#") and not re.match(r"\w+=", line)]
    *when, command = line.split(maxsplit=5)
    assert when == ["0", "2", "*", "*", "*"]
    assert re.findall(r"(?<!\\)%", command) == []  # a bare % is a line end to cron
    assert parser().parse_args(command_of(command)).raw == Path("data/raw")
    shell = command.replace("\\%", "%")
    assert subprocess.run(["sh", "-n", "-c", shell], capture_output=True, timeout=10).returncode == 0
