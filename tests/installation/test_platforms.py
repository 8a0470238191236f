"""Other systems than Linux: what works there works, and what cannot says so in one line.

They are played: our own modules find a Python without what that system lacks; libraries are those of Linux.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from pipeline.cli import COMMANDS, main
from pipeline.installation.platforms import PlatformError, require_unix

pytestmark = pytest.mark.long

ROOT = Path(__file__).parents[2]
SAMPLES = sorted((ROOT / "data" / "raw").glob("*示例局202[0-3]*.pdf"))[:2]
NAMES = [command.NAME for command in COMMANDS]
ANYWHERE = ("compare", "sql", "schema")
NOT_THERE = (
    "needs Linux or macOS: this system (win32) has no fcntl, resource: "
    "use WSL, or a machine that has; sql, compare and schema work here"
)
Told = dict[str, tuple[int, str, str]]
"""Command → its status, stdout and stderr."""
READ = ["run", "raw", "--out", "tables", "--jobs", "2"]


@pytest.fixture(scope="module")
def read(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with two reports and the tables that Linux makes of them."""
    folder = tmp_path_factory.mktemp("read")
    (folder / "raw").mkdir()
    for sample in SAMPLES:
        shutil.copy(sample, folder / "raw")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        assert main(READ) == 0
    return folder


def started(system: str, folder: Path, *command: str) -> subprocess.CompletedProcess[str]:
    """A command as it goes on that system; "" is this one."""
    return in_python(system, folder, "-m", "pipeline", *command)


def in_python(system: str, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    path = os.pathsep.join([str(Path(__file__).parent / "elsewhere"), str(ROOT)])
    environment = {**os.environ, "PYTHONPATH": path, "NIANBAO_ELSEWHERE": system}
    return subprocess.run(
        [sys.executable, *arguments], cwd=folder, env=environment, capture_output=True, text=True, timeout=300
    )


ONE_BY_ONE = """
import contextlib, io, json, sys
import pipeline
from pipeline.__main__ import main

def load(folder):
    print(len(pipeline.load(folder).reports))
    return 0

told = []
for words in json.loads(sys.argv[1]):
    sys.argv = ["pipeline", *words]
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            status = load(words[1]) if words[0] == "load" else main()
        except SystemExit as end:
            status = end.code
    told.append((status, out.getvalue(), err.getvalue()))
json.dump(told, sys.stdout)
"""


def one_by_one(system: str, folder: Path, *commands: list[str]) -> Told:
    """Status, stdout and stderr of each command; one process loads the libraries for all. `load` is ours."""
    done = in_python(system, folder, "-c", ONE_BY_ONE, json.dumps(commands))
    assert done.returncode == 0, done.stderr
    return dict(zip((words[0] for words in commands), map(tuple, json.loads(done.stdout)), strict=True))


def lines_of(done: subprocess.CompletedProcess[str]) -> list[str]:
    return done.stderr.splitlines()


# ---------------------------------------------------------------- Windows


def test_every_command_explains_itself_on_windows(tmp_path: Path) -> None:
    told = one_by_one("win32", tmp_path, *([name, "--help"] for name in NAMES))
    assert {name: (status, err) for name, (status, _, err) in told.items()} == dict.fromkeys(NAMES, (0, ""))
    assert [name for name in NAMES if not told[name][1].startswith("usage: ")] == []


def test_reading_from_python_is_refused_in_words_on_windows(read: Path) -> None:
    done = in_python("win32", read, "-c", f"import pipeline; pipeline.read_report('raw/{SAMPLES[0].name}')")
    assert "PlatformError: read_report needs Linux or macOS" in lines_of(done)[-1]


def test_what_windows_cannot_do_is_one_line(read: Path) -> None:
    arguments = {"inspect": [f"raw/{SAMPLES[0].name}"], "run": READ[1:], "retry": ["--all"]}
    refused = [name for name in NAMES if name not in ANYWHERE]
    before = sorted(read.rglob("*"))
    told = one_by_one("win32", read, *([name, *arguments.get(name, [])] for name in refused))
    assert told == {name: (2, "", f"error: {name} {NOT_THERE}\n") for name in refused}
    assert sorted(read.rglob("*")) == before


def test_a_program_started_on_windows_says_so(read: Path) -> None:
    done = started("win32", read, *READ)
    assert (done.returncode, done.stdout, done.stderr) == (2, "", f"error: run {NOT_THERE}\n")


def test_tables_are_looked_at_on_windows(read: Path, tmp_path: Path) -> None:
    shutil.copytree(read / "tables", tmp_path / "tables")
    tables = ["--processed", "tables"]
    told = one_by_one(
        "win32",
        tmp_path,
        ["load", "tables"],
        ["sql", *tables, "select count(*) as n from reports"],
        ["compare", *tables, "--out", "page.html"],
        ["schema"],
    )
    assert {name: status for name, (status, *_) in told.items()} == dict.fromkeys(told, 0), told
    assert told["load"] == (0, f"{len(SAMPLES)}\n", "")
    assert str(len(SAMPLES)) in told["sql"][1]
    assert (tmp_path / "page.html").is_file()


# ---------------------------------------------------------------- macOS


@pytest.fixture(scope="module")
def on_macos(read: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Told]:
    """A folder in which the reports were read there, and what each command said."""
    folder = tmp_path_factory.mktemp("macos")
    shutil.copytree(read / "raw", folder / "raw")
    shutil.copytree(read / "raw", folder / "data" / "raw")
    night = ["nightly", "--no-crawl", "--jobs", "1", "--json"]
    look = ["inspect", f"data/raw/{SAMPLES[0].name}"]
    return folder, one_by_one("darwin", folder, READ, night, ["status"], ["verify"], look)


def test_macos_makes_the_same_tables(read: Path, on_macos: tuple[Path, Told]) -> None:
    folder, told = on_macos
    assert told["run"][0] == 0, told["run"]
    tables = {path.name for path in (read / "tables").glob("*.csv")} - {"reports.csv"}
    assert len(tables) > 10
    for name in tables:
        assert (folder / "tables" / name).read_bytes() == (read / "tables" / name).read_bytes(), name


def test_macos_has_whole_nights(on_macos: tuple[Path, Told]) -> None:
    folder, told = on_macos
    assert told["nightly"][0] == 0, told["nightly"]
    assert json.loads(told["nightly"][1])["counts"]["documents"] == len(SAMPLES)
    assert (folder / "data" / "processed").is_symlink()
    for name in ("status", "verify", "inspect"):
        assert told[name][0] == 0, told[name]


def test_the_players_play(tmp_path: Path) -> None:
    """What is lacking there is lacking for our modules, and there for libraries."""
    code = """
import importlib.util, os, sys
spec = importlib.util.spec_from_loader("pipeline.player", None)
player = importlib.util.module_from_spec(spec)
exec("import os, sys, signal", player.__dict__)
lacking = (player.os, "sched_getaffinity"), (player.signal, "pidfd_send_signal")
print(player.sys.platform, *(hasattr(*pair) for pair in lacking))
sys.path.insert(0, ".")
import library
print(library.seen)
"""
    (tmp_path / "library.py").write_text("import os, sys\nseen = sys.platform, hasattr(os, 'fork')\n")
    for system in ("win32", "darwin"):
        said = in_python(system, tmp_path, "-c", code)
        assert said.stdout.splitlines() == [f"{system} False False", str((sys.platform, True))], said.stderr


# ---------------------------------------------------------------- what is installed


def lock_to_missing(sys_platform: str, platform_system: str) -> set[str]:
    """What the locked packages ask for on that system and the lock has not."""
    lock = (ROOT / "locks" / "dev.lock").read_text(encoding="utf-8")
    locked = set(re.findall(r"(?m)^([a-z0-9-]+)==", lock))
    system = {"sys_platform": sys_platform, "platform_system": platform_system, "extra": ""}
    asked = [Requirement(line) for name in locked for line in metadata.requires(name) or ()]
    wanted = {canonicalize_name(one.name) for one in asked if not one.marker or one.marker.evaluate(system)}
    return {str(name) for name in wanted} - locked


@pytest.mark.parametrize(
    ("system", "missing"),
    [
        (("linux", "Linux"), set()),
        (("darwin", "Darwin"), {"appnope"}),  # of ipykernel, which runs the notebooks
        (("win32", "Windows"), {"colorama"}),  # of pytest and ipython
    ],
)
def test_the_lock_is_whole(system: tuple[str, str], missing: set[str]) -> None:
    assert lock_to_missing(*system) == missing


# ---------------------------------------------------------------- this Python


def test_what_is_lacking_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    require_unix("run")
    monkeypatch.setitem(sys.modules, "fcntl", None)
    with pytest.raises(PlatformError, match=r"run needs Linux or macOS: .* has no fcntl: use WSL"):
        require_unix("run")


@pytest.mark.parametrize("name", ["run", "nightly"])
def test_a_python_without_the_packages_is_told_what_to_do(tmp_path: Path, name: str) -> None:
    command = [sys.executable, "-S", "-m", "pipeline", name, "--out", "a b"]  # without site-packages
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=300)
    (line,) = lines_of(done)
    assert (done.returncode, done.stdout) == (2, "")
    assert line.startswith(f"error: {sys.executable} lacks a package that is needed (No module named ")
    again = shlex.join([str(ROOT / ".venv" / "bin" / "python"), "-m", "pipeline", name, "--out", "a b"])
    assert line.endswith(f": run `make -C {shlex.quote(str(ROOT))} run`, then `{again}`")


def test_ctrl_c_while_the_program_is_loaded_is_one_word(tmp_path: Path) -> None:
    code = """
import sys
class Stopped:
    def find_spec(self, name, *rest):
        if name == "pipeline.cli":
            raise KeyboardInterrupt
sys.meta_path.insert(0, Stopped())
from pipeline.__main__ import main
sys.exit(main())
"""
    done = in_python("", tmp_path, "-c", code)
    assert (done.returncode, done.stderr) == (130, "stopped\n")


def test_a_defect_of_ours_is_not_laid_to_the_environment(tmp_path: Path) -> None:
    code = """
import sys
sys.modules["pipeline.cli.run"] = None
from pipeline.__main__ import main
main()
"""
    done = in_python("", tmp_path, "-c", code)
    assert done.returncode == 1
    assert "ModuleNotFoundError" in lines_of(done)[-1]


def test_an_older_python_is_told_so(tmp_path: Path) -> None:
    code = """
import runpy, sys
sys.version_info = (3, 9, 18)
sys.version = "3.9.18 (main)"
runpy.run_module("pipeline", run_name="__main__")
"""
    done = in_python("", tmp_path, "-c", code)
    assert done.returncode == 2
    assert lines_of(done) == ["error: this needs Python 3.11 or newer, and is run by 3.9.18"]
