"""Two nights at once, and nights whose holder died."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from pipeline.nightly import lock
from pipeline.nightly.lock import BusyError, Holder

HOLDER = """
import sys, time
from pathlib import Path
from pipeline.nightly.lock import hold
with hold(Path(sys.argv[1]), "2026-11-22T02:00:00Z"):
    print("held", flush=True)
    time.sleep(60)
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
