"""Folders in the temporary directory decide about nobody: a process is ended for its own mark alone."""

from __future__ import annotations

import fcntl
import os
import shlex
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from pipeline.workers import processes
from pipeline.workers.sandbox import FOLDER_VARIABLE
from pipeline.workers.scratch_root import PREFIX, workers_root

ROOT = Path(__file__).parents[2]
pytestmark = [
    pytest.mark.kills,
    pytest.mark.usefixtures("own_temporary"),
    pytest.mark.skipif(sys.platform != "linux", reason="processes are ended by handles that only Linux has"),
]
ODD = ("0", "1", "-1", "12abc", "٣", "99999999999999999999999", "4294967296", " 7", "self")


@contextmanager
def bystander(mark: str = "") -> Iterator[subprocess.Popen[bytes]]:
    """An unrelated process, that leads a session and a group of its own."""
    environment = {**os.environ} | ({FOLDER_VARIABLE: mark} if mark else {})
    sleeper = subprocess.Popen(["sleep", "300"], start_new_session=True, env=environment)
    try:
        yield sleeper
    finally:
        sleeper.kill()
        sleeper.wait()


@pytest.fixture
def planted(own_temporary: Path) -> Iterator[Path]:
    """A folder as a run leaves it that the kernel ended: its lock is free."""
    root = own_temporary / f"{PREFIX}planted"
    root.mkdir(mode=0o700)
    lock = root / "lock"
    lock.touch(mode=0o600)
    lock.chmod(0o600)
    yield root
    subprocess.run(["rm", "-rf", root], check=True)


def clear() -> None:
    """What every run does before it reads."""
    with workers_root():
        pass


def lives(process: subprocess.Popen[bytes], seconds: float = 0.3) -> bool:
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        return True
    return False


def test_a_folder_numbered_like_a_process_ends_nobody(planted: Path) -> None:
    with bystander() as sleeper:
        (planted / str(sleeper.pid) / "tmp").mkdir(parents=True)
        (planted / str(sleeper.pid) / "state").write_text(f"1 {time.monotonic()} pypdfium2")
        clear()
        assert lives(sleeper)
    assert not planted.exists()


def test_a_folder_numbered_like_a_group_or_session_ends_none_of_it(planted: Path) -> None:
    """The leader is gone, its children stay in the session that has its number."""
    code = "import subprocess; print(subprocess.Popen(['sleep', '300']).pid, flush=True)"
    leader = subprocess.Popen(
        [sys.executable, "-c", code],
        start_new_session=True, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert leader.stdout
    child = int(leader.stdout.readline())
    leader.wait()
    try:
        (planted / str(leader.pid)).mkdir()
        clear()
        time.sleep(0.2)
        assert Path(f"/proc/{child}/cmdline").read_bytes().startswith(b"sleep")
    finally:
        os.kill(child, 9)


@pytest.mark.parametrize("name", ODD)
def test_odd_names_end_nobody_and_raise_nothing(planted: Path, name: str) -> None:
    (planted / name).mkdir()
    with bystander() as sleeper:
        clear()
        clear()
        assert lives(sleeper, 0.05)


def test_what_a_link_in_it_leads_to_stays(planted: Path, tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("mine")
    (planted / "17").symlink_to(tmp_path)
    clear()
    assert (tmp_path / "mine").read_text() == "mine"
    assert not planted.exists()


@pytest.mark.parametrize("mode", [0o755, 0o770, 0o701, 0o777, 0o1700, 0o4700])
def test_a_folder_that_others_may_enter_is_left(planted: Path, mode: int) -> None:
    planted.chmod(mode)
    with bystander(f"{planted}/5") as sleeper:
        clear()
        assert lives(sleeper)
    assert (planted / "lock").exists()


def test_a_folder_deeper_than_files_can_be_open_is_cleared_away(planted: Path) -> None:
    deepest = planted.joinpath(*["d"] * 300)
    deepest.mkdir(parents=True)
    code = "from tests.workers.test_scratch_root import clear; clear()"
    command = f"ulimit -n 200; exec {shlex.quote(sys.executable)} -c {shlex.quote(code)}"
    subprocess.run(["sh", "-c", command], cwd=ROOT, check=True)
    assert not planted.exists()


def test_a_link_to_a_folder_is_left(planted: Path) -> None:
    real = planted.rename(planted.with_name("real"))
    planted.symlink_to(real)
    with bystander(f"{planted}/5") as sleeper:
        clear()
        assert lives(sleeper)
    assert (real / "lock").exists()
    planted.unlink()
    subprocess.run(["rm", "-rf", real], check=True)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder away")
@pytest.mark.parametrize("what", ["", "lock"])
def test_what_belongs_to_another_user_is_left(planted: Path, what: str) -> None:
    os.chown(planted / what, 12345, 12345)
    with bystander(f"{planted}/5") as sleeper:
        clear()
        assert lives(sleeper)
    assert (planted / "lock").exists()


@pytest.mark.parametrize("kind", ["none", "pipe", "link", "folder", "written by others"])
def test_a_folder_without_a_lock_of_ours_is_left(planted: Path, tmp_path: Path, kind: str) -> None:
    lock = planted / "lock"
    lock.unlink()
    target = tmp_path / "target"
    target.touch(mode=0o600)
    plant: dict[str, Callable[[], object]] = {
        "none": lambda: None,
        "pipe": lambda: os.mkfifo(lock, 0o600),
        "link": lambda: lock.symlink_to(target),
        "folder": lambda: lock.mkdir(mode=0o600),
        "written by others": lambda: (lock.touch(), lock.chmod(0o666)),
    }
    plant[kind]()
    clear()
    assert planted.exists()


def test_the_folder_of_a_living_run_is_left(planted: Path) -> None:
    with (planted / "lock").open() as held, bystander(f"{planted}/5") as sleeper:
        fcntl.flock(held, fcntl.LOCK_EX)
        clear()
        assert lives(sleeper)
    assert planted.exists()


def test_no_run_takes_the_folder_of_one_that_is_just_beginning() -> None:
    with workers_root() as root:
        clear()
        assert (root / "lock").exists()
        assert root.stat().st_mode & 0o777 == 0o700


def test_what_carries_the_mark_of_an_abandoned_folder_is_ended(planted: Path) -> None:
    with bystander(f"{planted}/5") as left, bystander(f"{planted}-other/5") as other:
        clear()
        assert left.wait(10) == -9
        assert lives(other)
    assert not planted.exists()


def test_a_number_that_goes_to_another_meanwhile_saves_that_one() -> None:
    """It is looked at again once the handle holds it."""
    answers = iter([True, False])
    with bystander() as sleeper:
        assert not processes._kill_if(sleeper.pid, lambda pid: next(answers))
        assert lives(sleeper)


def test_the_number_of_what_is_no_child_ends_nobody() -> None:
    """Such as that of a worker that was waited for behind our back, and goes to another."""
    shell = ["sh", "-c", "setsid sleep 300 > /dev/null 2>&1 & echo $!"]
    stranger = int(subprocess.run(shell, capture_output=True, text=True, check=True).stdout)
    try:
        processes.kill_family(stranger, FOLDER_VARIABLE, "/nowhere")
        time.sleep(0.2)
        assert processes.resident(stranger)
    finally:
        os.kill(stranger, 9)


def test_only_the_session_of_a_worker_ends_with_it() -> None:
    with bystander() as worker, bystander() as other:
        assert not processes.has_ended(worker.pid)
        processes.kill_family(worker.pid, FOLDER_VARIABLE, "/nowhere")
        assert processes.has_ended(worker.pid)
        assert lives(other)
