"""Two nights at once, and nights whose holder died."""

from __future__ import annotations

import errno
import fcntl
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

import pipeline.files.lock
from pipeline.files.lock import LockError
from pipeline.nightly import lock
from pipeline.nightly.lock import BusyError, Holder

pytestmark = pytest.mark.kills

HOLDER = """
import sys, time
from pathlib import Path
from pipeline.nightly.lock import hold

with hold(Path(sys.argv[1]), "2026-11-22T02:00:00Z"):
    print("held", flush=True)
    time.sleep(600)
"""


def test_a_second_night_is_told_who_holds_the_lock(tmp_path: Path) -> None:
    path = tmp_path / lock.NAME
    with subprocess.Popen([sys.executable, "-c", HOLDER, str(path)], stdout=subprocess.PIPE) as holder:
        assert holder.stdout and holder.stdout.readline() == b"held\n"
        assert lock.is_held(path)
        said = f"process {holder.pid}, since 2026-11-22T02:00:00Z"
        with pytest.raises(BusyError, match=said), lock.hold(path, "later"):
            pass
        holder.send_signal(signal.SIGKILL)
    assert not lock.is_held(path)
    with lock.hold(path, "later") as died:
        assert died == Holder(holder.pid, "2026-11-22T02:00:00Z")


def test_a_night_that_ended_leaves_no_holder(tmp_path: Path) -> None:
    path = tmp_path / "data" / lock.NAME
    assert not lock.is_held(path)
    with lock.hold(path, "now") as died:
        assert died is None
        assert lock.read_holder(path) == Holder(os.getpid(), "now")
    with lock.hold(path, "then") as died:
        assert died is None


def test_a_night_that_raised_is_a_dead_holder(tmp_path: Path) -> None:
    path = tmp_path / lock.NAME
    with pytest.raises(OSError, match="full"), lock.hold(path, "now"):
        raise OSError("full")
    with lock.hold(path, "then") as died:
        assert died == Holder(os.getpid(), "now")


@pytest.mark.parametrize("note", ['{"pid": 1', "[]", '{"pid": 1}', ""])
def test_a_note_that_is_cut_off_says_nothing(tmp_path: Path, note: str) -> None:
    path = tmp_path / lock.NAME
    path.write_text(note)
    assert lock.read_holder(path) is None
    with lock.hold(path, "now") as died:
        assert died is None


def test_nobody_else_can_open_a_lock(tmp_path: Path) -> None:
    """Who can open it for reading can hold it, and so keep every night out; one of old is closed too."""
    path = tmp_path / lock.NAME
    with lock.hold(path, "now"):
        assert path.stat().st_mode & 0o777 == 0o600
    assert not path.exists()
    path.touch(mode=0o644)
    with lock.hold(path, "now"):
        assert path.stat().st_mode & 0o777 == 0o600


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can start a process of another user")
def test_another_user_cannot_keep_a_night_out(tmp_path: Path) -> None:
    path = Path(tempfile.mkdtemp(dir="/tmp")) / lock.NAME
    path.parent.chmod(0o755)
    try:
        with pytest.raises(OSError, match="full"), lock.hold(path, "now"):
            raise OSError("full")
        assert path.exists()
        assert as_nobody(lambda: os.close(os.open(path, os.O_RDONLY))) == errno.EACCES
        assert as_nobody(lambda: os._exit(7 if lock.is_held(path) else 8)) == 7
        with lock.hold(path, "then") as died:
            assert died == Holder(os.getpid(), "now")
    finally:
        shutil.rmtree(path.parent)


def as_nobody(do: Callable[[], object]) -> int:
    """The error number with which a process of another user does this; 0 where it can."""
    child = os.fork()
    if not child:
        try:
            os.setgroups([])
            os.setgid(65534)
            os.setuid(65534)
            do()
            os._exit(0)
        except OSError as error:
            os._exit(error.errno or 255)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def test_a_lock_that_is_not_ours_is_refused_and_nothing_is_written_through_it(tmp_path: Path) -> None:
    precious = tmp_path / "precious"
    precious.write_text("keep")
    path = tmp_path / "data" / lock.NAME
    path.parent.mkdir()
    plants: list[Callable[[], object]] = [
        lambda: path.symlink_to(precious),
        lambda: path.symlink_to("nowhere"),
        lambda: path.hardlink_to(precious),
        lambda: os.mkfifo(path),
        path.mkdir,
    ]
    for plant in plants:
        plant()
        told = r"night\.lock: is not a lock .*: remove it"
        with pytest.raises(LockError, match=told), lock.hold(path, "now"):
            pass
        assert precious.read_text() == "keep"
        path.rmdir() if path.is_dir() else path.unlink()


def test_a_look_whether_it_is_held_keeps_no_night_out(tmp_path: Path) -> None:
    """`status` holds the lock for a moment."""
    path = tmp_path / lock.NAME
    path.touch(mode=0o600)
    with path.open() as file:
        fcntl.flock(file, fcntl.LOCK_SH)
        threading.Timer(0.1, lambda: fcntl.flock(file, fcntl.LOCK_UN)).start()
        with lock.hold(path, "now") as died:
            assert died is None


def test_a_file_system_without_locks_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    (tmp_path / lock.NAME).touch(0o600)
    monkeypatch.setattr(fcntl, "flock", refuse)
    with pytest.raises(LockError, match="cannot be locked there"):
        pipeline.files.lock.is_held(tmp_path / lock.NAME)
    with pytest.raises(LockError, match="cannot be locked there"), lock.hold(tmp_path / lock.NAME, "now"):
        pass


def test_of_many_that_take_and_leave_a_lock_two_never_have_it(tmp_path: Path) -> None:
    """Also where its file is removed by the one and made anew by another."""
    path, inside = tmp_path / "x.lock", tmp_path / "inside"
    words = pipeline.files.lock.Words("busy", "wait")

    def take_often() -> None:
        for _ in range(50):
            with pipeline.files.lock.hold(path, "now", words, wait=60):
                inside.mkdir()  # fails where another is there
                inside.rmdir()

    children = []
    for _ in range(4):
        if not (child := os.fork()):
            try:
                pipeline.files.lock._RETRY_PAUSE_SECONDS = 0.0005
                take_often()
                os._exit(0)
            finally:
                os._exit(1)
        children.append(child)
    assert [os.waitpid(child, 0)[1] for child in children] == [0] * 4
    assert list(tmp_path.iterdir()) == []
