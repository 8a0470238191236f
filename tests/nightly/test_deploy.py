"""The schedules: systemd takes the units and finds them closed, a whole night passes within their sandbox."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.acquire.sources import CrawlSettings
from pipeline.cli import parser
from pipeline.cli.options import INTERRUPTED
from pipeline.nightly.night import LOOK
from tests.command import ask
from tests.nightly import sandboxed_unit
from tests.nightly.sandboxed_unit import HOME, Service, unit_to_service
from tools.generator.several import scanned

pytestmark = pytest.mark.network

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
UNITS = ("nianbao-crawl.service", "nianbao-read.service", "nianbao.timer")
EXPOSURE = {"nianbao-crawl.service": 12, "nianbao-read.service": 3}
"""What systemd 252 finds open, in tenths of its scale from 0 to 10."""
SAMPLES = sorted((ROOT / "data" / "raw").glob("*示例局202[0-3]*.pdf"))[:3]
NEEDED = (
    *("landlock_create_ruleset", "landlock_add_rule", "landlock_restrict_self", "seccomp", "prctl"),
    *("prlimit64", "setrlimit", "setpriority", "sched_getaffinity", "setsid", "kill", "tgkill", "pidfd_open"),
    *(
        "pidfd_send_signal",
        "flock",
        "fsync",
        "renameat2",
        "memfd_create",
        "close_range",
        "getrandom",
        "wait4",
    ),
)
"""The calls with which readers bound themselves and are ended, and those of locks and whole files."""
FORBIDDEN = (
    "mount",
    "ptrace",
    "setuid",
    "chown",
    "bpf",
    "init_module",
    "keyctl_",
    "reboot",
    "perf_event_open",
)

SITE = """
import sys
import pipeline.acquire.sources as sources
from pathlib import Path
from pipeline.acquire.sources import Catalogue, Source
from pipeline.cli import main
from tests.acquire.bureau import QUICK, list_page, pdf
from tests.acquire.site import Site, self_signed

with Site() as site:
    site.wrap(self_signed("a.test"))
    for number, path in enumerate(sys.argv[1:]):
        site.put(f"/{number}.pdf", pdf(Path(path).read_bytes()))
    site.put("/nb/", list_page({f"/{number}.pdf": f"年报 {number}" for number in range(len(sys.argv) - 1)}))
    two = Source("two", urls=(site.url("/1.pdf", "b.test", scheme="https"),))  # whose certificate is a.test's
    one = Source("one", lists=(site.url("/nb/", scheme="https"),), verify_tls=False)
    sources.load_sources = lambda path: Catalogue(QUICK, (one, two))
    sys.exit(main(["nightly", "--crawl-only", "--json"]))
"""
TRIED = """
import json, mmap, os, socket, subprocess, sys

def refused(what):
    try:
        what()
    except OSError as error:
        return type(error).__name__
    return ""

def run():
    with open("data/program", "w") as file:
        file.write("#!/bin/sh\\n")
    os.chmod("data/program", 0o700)
    subprocess.run(["data/program"])

print(json.dumps({
    "connection": refused(lambda: socket.create_connection(("127.0.0.1", int(sys.argv[1]))).close()),
    "local socket": refused(lambda: socket.socket(socket.AF_UNIX)),
    "packet socket": refused(lambda: socket.socket(socket.AF_PACKET)),
    "executable memory": refused(lambda: mmap.mmap(-1, 4096, prot=mmap.PROT_WRITE | mmap.PROT_EXEC)),
    "owner": refused(lambda: os.chown("data", os.getuid(), os.getgid())),
    "code": refused(lambda: open("pipeline", "w")),
    "store": refused(lambda: open("data/raw/own", "w")),
    "data": refused(lambda: open("data/own", "w")),
    "what it wrote, run": refused(run),
    "kernel": refused(lambda: open("/proc/sys/kernel/hostname")),
}))
"""
BOUNDED = """
import ctypes, json, os, resource, signal, subprocess, sys

ABI_OF_LANDLOCK = ctypes.CDLL(None).syscall(444, None, ctypes.c_size_t(0), 1)
for limit, value in (("AS", 2 << 30), ("FSIZE", 1 << 28), ("CORE", 0)):
    resource.setrlimit(getattr(resource, f"RLIMIT_{limit}"), (value, value))
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"], start_new_session=True)
signal.pidfd_send_signal(os.pidfd_open(child.pid), signal.SIGKILL)
no_more_rights = ctypes.CDLL(None).prctl(38, 1, 0, 0, 0)
print(json.dumps([ABI_OF_LANDLOCK, child.wait(), no_more_rights]))
"""

with_systemd = pytest.mark.skipif(
    not shutil.which("systemd-analyze"), reason="no systemd-analyze: it is in the package systemd"
)


def has_seccomp() -> bool:
    try:
        sandboxed_unit.seccomp()
    except (OSError, AttributeError):
        return False
    return True


within_sandbox = pytest.mark.skipif(
    not (shutil.which("systemd-analyze") and has_seccomp()), reason="needs systemd-analyze and libseccomp"
)
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can change what is mounted")


def service(name: str) -> Service:
    return unit_to_service(DEPLOY / name)


def command_of(line: str) -> list[str]:
    """What follows `-m pipeline`, without redirections."""
    return shlex.split(line.split("-m pipeline ")[1].split(" 2>")[0])


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """In place of /opt/nianbao."""
    for name in ("tmp", "data/raw/.incoming"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "pipeline").touch()
    return tmp_path


@pytest.fixture
def listening() -> Iterator[int]:
    """A port of this machine that takes connections."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def within(unit: str, home: Path, *command: str) -> subprocess.CompletedProcess[str]:
    """A command of Python within the sandbox of a unit."""
    start = [
        sys.executable,
        "-m",
        "tests.nightly.sandboxed_unit",
        str(DEPLOY / unit),
        str(home),
        sys.executable,
    ]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.run(
        [*start, *command], cwd=home, env=environment, capture_output=True, text=True, timeout=300
    )


# ---------------------------------------------------------------- what systemd says


@with_systemd
def test_systemd_takes_the_units(tmp_path: Path) -> None:
    # The machine of the test has neither the folder nor the user.
    for name in UNITS:
        text = (DEPLOY / name).read_text(encoding="utf-8")
        here = text.replace(f"{HOME}/.venv/bin/python", sys.executable).replace("=nianbao\n", "=root\n")
        (tmp_path / name).write_text(here.replace(HOME, str(tmp_path)), encoding="utf-8")
    units = [str(tmp_path / name) for name in UNITS]
    done = subprocess.run(["systemd-analyze", "verify", *units], capture_output=True, text=True, timeout=300)
    ours = [line for line in done.stderr.splitlines() if "nianbao" in line]
    assert (done.returncode, ours) == (0, [])


@with_systemd
@pytest.mark.parametrize("name", EXPOSURE)
def test_systemd_finds_no_more_open_than_it_did(name: str) -> None:
    """`systemd-analyze security`: the reading 0.3, the crawl 1.2, for it has the network."""
    command = ["systemd-analyze", "security", "--offline=true", "--no-pager"]
    threshold = f"--threshold={EXPOSURE[name]}"
    done = subprocess.run(
        [*command, threshold, str(DEPLOY / name)], capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stdout
    assert "ignoring" not in done.stderr, done.stderr


# ---------------------------------------------------------------- what the files say


@pytest.mark.parametrize("name", EXPOSURE)
def test_a_service_runs_half_a_night_within_bounds(name: str) -> None:
    said = service(name)
    assert (said["Type"], said["Restart"], said["KillMode"]) == (["oneshot"], ["no"], ["mixed"])
    assert said["ExecStart"][0].startswith(f"{HOME}/.venv/bin/python -m pipeline nightly ")
    parsed = parser().parse_args(command_of(said["ExecStart"][0]))
    assert (parsed.crawl_only, parsed.no_crawl) == ("crawl" in name, "read" in name)
    assert Path(said["WorkingDirectory"][0], parsed.raw).parent == Path(HOME, "data")
    assert Path(said["WorkingDirectory"][0], parsed.out).parent == Path(HOME, "data")
    assert re.fullmatch(r"\d+h", said["TimeoutStartSec"][0])
    assert said["SuccessExitStatus"] == [f"{LOOK} {INTERRUPTED}"]


def test_the_crawl_has_the_time_that_it_takes() -> None:
    hours = int(service("nianbao-crawl.service")["TimeoutStartSec"][0].removesuffix("h"))
    settings = CrawlSettings("a@example.org")
    assert settings.seconds + settings.timeout + 600 < hours * 3600


@pytest.mark.parametrize("name", EXPOSURE)
def test_a_service_may_write_the_data_and_not_the_code(name: str) -> None:
    said = service(name)
    assert (said["ProtectSystem"], said["ReadWritePaths"]) == (["strict"], [f"{HOME}/data"])
    assert said["NoExecPaths"] == [f"{HOME}/data"]
    assert said["User"] == said["Group"] == ["nianbao"]
    assert "PYTHONDONTWRITEBYTECODE=1" in said["Environment"]
    text = (DEPLOY / "nianbao-read.service").read_text(encoding="utf-8")
    assert f"chown -R root: {HOME} && chown -R nianbao: {HOME}/data" in text


def test_the_crawl_has_the_network_and_the_reading_none() -> None:
    crawl, reading = map(service, EXPOSURE)
    assert "PrivateNetwork" not in crawl
    assert crawl["RestrictAddressFamilies"] == ["AF_INET AF_INET6 AF_UNIX"]
    assert crawl["IPAddressAllow"] == ["127.0.0.53 127.0.0.54"]
    denied = " ".join(crawl["IPAddressDeny"]).split()
    assert {"localhost", "link-local", "multicast", "10.0.0.0/8", "fc00::/7"} <= set(denied)
    assert (reading["PrivateNetwork"], reading["IPAddressDeny"]) == (["yes"], ["any"])
    assert reading["RestrictAddressFamilies"] == ["none"]
    assert ("MemoryDenyWriteExecute" in crawl, reading["MemoryDenyWriteExecute"]) == (False, ["yes"])
    assert crawl["ReadOnlyPaths"] == [f"-{HOME}/data/processed.releases"]
    assert reading["ReadOnlyPaths"] == [f"-{HOME}/data/raw"]


def test_what_both_services_say_alike() -> None:
    own = re.compile(r"(?s).*\n# From here on as in nianbao-\w+\.service\.\n")
    alike = [own.sub("", (DEPLOY / name).read_text(encoding="utf-8")) for name in EXPOSURE]
    assert alike[0] == alike[1]
    assert alike[0].count("\n") > 30


@within_sandbox
@pytest.mark.parametrize("name", EXPOSURE)
def test_the_calls_that_the_readers_need_are_allowed(name: str) -> None:
    allowed = sandboxed_unit.lines_to_calls(service(name)["SystemCallFilter"])
    assert [call for call in NEEDED if call not in allowed] == []
    assert [call for call in FORBIDDEN if call in allowed] == []


def test_the_timer_starts_the_reading_which_waits_for_the_crawl() -> None:
    timer = (DEPLOY / "nianbao.timer").read_text(encoding="utf-8").splitlines()
    for line in ("Unit=nianbao-read.service", "Persistent=true", "WantedBy=timers.target"):
        assert line in timer
    assert any(re.fullmatch(r"OnCalendar=\*-\*-\* \d\d:\d\d:\d\d \S+", line) for line in timer)
    reading = (DEPLOY / "nianbao-read.service").read_text(encoding="utf-8").splitlines()
    assert {"Wants=nianbao-crawl.service", "After=nianbao-crawl.service"} <= set(reading)
    assert not any(line.startswith(("Requires=", "BindsTo=")) for line in reading)


# ---------------------------------------------------------------- within the sandbox


@within_sandbox
def test_a_night_within_the_sandbox_is_the_night_without(
    home: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    assert within("nianbao-crawl.service", home, "-c", SITE, *map(str, SAMPLES)).returncode == 0
    stored = {path.read_bytes() for path in (home / "data/raw").glob("??/*.pdf")}
    assert stored == {path.read_bytes() for path in SAMPLES}
    plain = tmp_path_factory.mktemp("plain")
    shutil.copytree(home / "data", plain / "data")
    command = ["nightly", "--no-crawl", "--jobs", "2", "--json"]
    done = within("nianbao-read.service", home, "-m", "pipeline", *command)
    assert done.returncode == 0, done.stderr
    status, _, said = ask(plain, *command)
    assert status == 0, said
    digest = json.loads(done.stdout)
    assert (digest["published"], len(digest["new"]), digest["failed"]) == (True, len(SAMPLES), [])
    assert digest["counts"]["requests"] > len(SAMPLES)
    assert {entry["source"] for entry in digest["sources"]} == {"two"}
    tables = {path.name for path in (plain / "data/processed").glob("*.parquet")} - {"reports.parquet"}
    assert len(tables) > 10
    for name in tables:
        assert (home / "data/processed" / name).read_bytes() == (plain / "data/processed" / name).read_bytes()
    modes = {path.stat().st_mode & 0o007 for path in (home / "data").rglob("*") if not path.is_symlink()}
    assert modes <= {0, 4, 5}


@within_sandbox
def test_a_store_that_no_crawl_has_made_is_read_all_the_same(home: Path) -> None:
    (home / "data/raw/.incoming").rmdir()
    shutil.copy(SAMPLES[0], home / "data/raw")
    done = within("nianbao-read.service", home, "-m", "pipeline", "nightly", "--no-crawl", "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["counts"]["documents"] == 1


@within_sandbox
def test_a_scan_is_read_within_the_sandbox_as_without(home: Path) -> None:
    """There is no /proc/cpuinfo, no memory that is both written and run: to the last byte all the same."""
    (home / "data/scan.pdf").write_bytes(scanned(SAMPLES[0].read_bytes()))
    command = ("run", "data/scan.pdf", "--jobs", "1", "--formats", "csv", "--out")
    done = within("nianbao-read.service", home, "-m", "pipeline", *command, "data/within")
    assert done.returncode == 0, done.stderr
    status, _, said = ask(home, *command, "data/without")
    assert status == 0, said
    inner, outer = (
        (home / "data" / name / "observations.csv").read_bytes() for name in ("within", "without")
    )
    assert b',"ocr",' in outer
    assert inner == outer


@within_sandbox
@pytest.mark.parametrize("unit", EXPOSURE)
def test_readers_can_bound_themselves_within(home: Path, unit: str) -> None:
    free = subprocess.run([sys.executable, "-c", BOUNDED], capture_output=True, text=True, timeout=300)
    done = within(unit, home, "-c", BOUNDED)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == json.loads(free.stdout)


@within_sandbox
@pytest.mark.parametrize(
    ("unit", "network"), [("nianbao-crawl.service", True), ("nianbao-read.service", False)]
)
def test_what_the_filters_refuse(home: Path, listening: int, unit: str, network: bool) -> None:
    done = within(unit, home, "-c", TRIED, str(listening))
    assert done.returncode == 0, done.stderr
    refused = json.loads(done.stdout)
    for what in ("connection", "local socket", "executable memory"):
        assert bool(refused[what]) is not network, what
    for what in ("packet socket", "owner"):
        assert refused[what], what
    assert not refused["data"]


@within_sandbox
@as_root
@pytest.mark.parametrize(
    ("unit", "writes"), [("nianbao-crawl.service", True), ("nianbao-read.service", False)]
)
def test_what_the_mounts_refuse(home: Path, listening: int, unit: str, writes: bool) -> None:
    refused = json.loads(within(unit, home, "-c", TRIED, str(listening)).stdout)
    assert bool(refused["store"]) is not writes
    for what in ("code", "what it wrote, run", "kernel"):
        assert refused[what], what


# ---------------------------------------------------------------- cron


def test_the_crontab_line(tmp_path: Path) -> None:
    lines = (DEPLOY / "crontab").read_text(encoding="utf-8").splitlines()
    (line,) = [line for line in lines if line and not line.startswith("#") and not re.match(r"\w+=", line)]
    *when, command = line.split(maxsplit=5)
    assert when == ["0", "2", "*", "*", "*"]
    assert re.findall(r"(?<!\\)%", command) == []  # a bare % is a line end to cron
    shell = command.replace("\\%", "%").replace(HOME, str(tmp_path))
    program = tmp_path / ".venv" / "bin" / "python"
    program.parent.mkdir(parents=True)
    program.write_text('#!/bin/sh\necho "$@"; umask; echo log >&2; exit 4\n', encoding="utf-8")
    program.chmod(0o700)
    done = subprocess.run(["sh", "-c", shell], capture_output=True, text=True, timeout=300)
    said = done.stdout.splitlines()
    assert said[::2] == [f"-m pipeline nightly {half}" for half in ("--crawl-only", "--no-crawl")]
    assert set(said[1::2]) == {"0027"}
    for words in said[::2]:
        parser().parse_args(words.split()[2:])
    (log,) = (tmp_path / "data" / "logs").iterdir()
    assert log.read_text(encoding="utf-8") == "log\nlog\n"
    assert log.stat().st_mode & 0o777 == 0o640
