"""Readers for the tests of the sandbox: hostile code in a worker, and documents that only need much."""

from __future__ import annotations

import ctypes
import gc
import json
import os
import resource
import socket
import struct
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

from pipeline.records import Report
from pipeline.workers import Task
from pipeline.workers.attempts import Attempt
from pipeline.workers.tasks import task_to_answer
from pipeline.workers.wire import ANSWER, FRAME_MAX_BYTES, STEP, TOKEN_BYTES
from tests.workers.crashing import sound_report

if TYPE_CHECKING:  # workers load this module
    from pytest import MonkeyPatch

hoard: list[bytes] = []
"""What a document leaves in the memory of its worker."""


def read(task: Task, passwords: tuple[str, ...]) -> Report:
    """What becomes of a document is the word before the first "_" of its name."""
    word = task.document.snapshot.path.stem.partition("_")[0]
    if word == "repeats":
        send_twice(task)
    DEEDS.get(word, lambda: None)()
    return sound_report(task)


def hurry_the_endless(patch: MonkeyPatch, most: float) -> None:
    """So many seconds, all attempts together, for what never ends; all else has what its settings say."""

    def begin(task: Task, seconds: float) -> Attempt:
        word = task.document.snapshot.path.stem.partition("_")[0]
        return Attempt(task, most if word in ("steps", "spins") else seconds)

    patch.setattr("pipeline.workers.pool.Attempt", begin)


def report_what_can_be_done(task: Task, passwords: tuple[str, ...]) -> Report:
    """A report whose error says, as JSON, what became of each attempt; what to try stands beside the file."""
    tries = json.loads(os.environ.get("LC_TRIES", "{}"))
    return replace(sound_report(task), error=json.dumps(try_all(tries, task.document.snapshot.path)))


def try_all(given: dict[str, str], document: Path) -> dict[str, object]:
    scratch = Path(tempfile.gettempdir())
    parent = os.getppid()
    return {
        "document": tried(lambda: document.read_bytes().decode()),
        "document is written": tried(lambda: document.write_bytes(b"")),
        "neighbour": tried(lambda: Path(given["neighbour"]).read_text()),
        "secret of the parent": tried(lambda: Path(f"/proc/{parent}/environ").read_bytes()),
        "written elsewhere": tried(lambda: Path(given["elsewhere"]).write_text("x")),
        "scratch": tried(lambda: (scratch / "x").write_text("x")),
        "link": tried(lambda: (scratch / "link").symlink_to("/etc/passwd")),
        "pipe": tried(lambda: os.mkfifo(scratch / "pipe")),
        "tcp": tried(lambda: socket.create_connection(("127.0.0.1", int(given["port"])), 5).close()),
        "listens": tried(lambda: socket.create_server(("127.0.0.1", 0)).close()),
        "signal to the parent": tried(lambda: os.kill(parent, 0)),
        "abstract socket": tried(lambda: connect_abstract(given["abstract"])),
        "udp": tried(lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM).close()),
        "unix socket": tried(lambda: socket.socket(socket.AF_UNIX).close()),
        "pair of sockets": tried(lambda: socket.socketpair()[0].close()),
        "rights of a file": tried(lambda: Path(given["neighbour"]).chmod(0o777)),
        "time of a file": tried(lambda: os.utime(given["neighbour"])),
        "limits of the parent": tried(lambda: resource.prlimit(parent, resource.RLIMIT_CORE, (0, 0))),
        "own limits": tried(lambda: resource.prlimit(0, resource.RLIMIT_CORE, (0, 0))),
        "open files": tried(lambda: resource.getrlimit(resource.RLIMIT_NOFILE)),
        "priority of the parent": tried(lambda: os.setpriority(os.PRIO_PROCESS, parent, 19)),
        "other root": tried(lambda: os.chroot(scratch)),
        "outlives the parent": tried(stay_when_the_parent_dies),
        "left out of garbage collection": gc.get_freeze_count(),
        "environment": dict(os.environ),
        "status": Path("/proc/self/status").read_text(),
        "limits": Path("/proc/self/limits").read_text(),
        "files": [str(Path(f"/proc/self/fd/{n}").readlink()) for n in (0, 1, 2)],
    }


def stay_when_the_parent_dies() -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(1, 0, 0, 0, 0):
        raise OSError(ctypes.get_errno(), "PR_SET_PDEATHSIG")


def tried(deed: Callable[[], object]) -> str:
    try:
        return f"done: {deed()!r}"
    except OSError as error:
        return type(error).__name__


def connect_abstract(name: str) -> None:
    with socket.socket(socket.AF_UNIX) as line:
        line.connect(f"\0{name}")


def line_to_parent() -> socket.socket:
    """The line of this worker, found as hostile code would find it."""
    for number in range(3, 256):
        link = Path(f"/proc/self/fd/{number}")
        if link.is_symlink() and str(link.readlink()).startswith("socket:"):
            return socket.socket(fileno=os.dup(number))
    raise RuntimeError("no line to the parent")


def send_too_much() -> None:
    line_to_parent().sendall(struct.pack(">cI", ANSWER, FRAME_MAX_BYTES + 1) + bytes(1 << 20))
    time.sleep(60)


def send(body: bytes) -> None:
    line_to_parent().sendall(struct.pack(">cI", ANSWER, len(body)) + body)


def send_twice(task: Task) -> None:
    """Its answer, to which the true one comes."""
    send(own_token() + task_to_answer(lambda task, passwords: sound_report(task), task, ()))


def own_token() -> bytes:
    """The token of this job, found in memory as hostile code would find it."""
    frames = (frame for frame in frames_above() if frame.f_code.co_name == "_job_to_answer")
    return next(bytes(frame.f_locals["job"][:TOKEN_BYTES]) for frame in frames)


def frames_above() -> Iterator[FrameType]:
    frame = sys._getframe()
    while frame := frame.f_back:  # type: ignore[assignment]
        yield frame


def send_steps() -> None:
    line = line_to_parent()
    while True:
        line.sendall(struct.pack(">cI", STEP, 9) + b"pypdfium2")


def kill_neighbours() -> None:
    """End every worker of the same run but this one, as far as it may."""
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if (
                b"pipeline.workers.child" in (folder / "cmdline").read_bytes()
                and int(folder.name) != os.getpid()
            ):
                os.kill(int(folder.name), 9)
        except OSError:
            continue


def burn(seconds: float) -> None:
    """Use the processor for so many seconds, however long that takes."""
    end = time.process_time() + seconds
    while time.process_time() < end:
        pass


def nest_folders() -> None:
    """Folders deeper than Python can walk down."""
    os.chdir(tempfile.gettempdir())
    for _ in range(1100):
        os.mkdir("d")  # noqa: PTH102
        os.chdir("d")
    time.sleep(60)


def hide_files() -> None:
    """Files that have no name any more, and all of which are open."""
    path = Path(tempfile.gettempdir(), "x")
    opened = []
    for _ in range(40):
        opened.append(path.open("wb"))
        path.unlink()
        opened[-1].write(bytes(1 << 20))
        opened[-1].flush()
    time.sleep(60)


def name_files() -> None:
    """Empty files, that take more than a MB of a disk by their names alone."""
    for number in range(300):
        Path(tempfile.gettempdir(), str(number)).touch()
    time.sleep(60)


def breed() -> None:
    """More processes than any reader needs, all asleep, and small."""
    for _ in range(80):
        subprocess.Popen(["sleep", "60"])
    time.sleep(60)


DEEDS: dict[str, Callable[[], object]] = {
    "junk": lambda: line_to_parent().sendall(struct.pack(">cI", ANSWER, 5) + b"\xc1junk") or time.sleep(60),
    "noise": lambda: line_to_parent().sendall(os.urandom(64)) or time.sleep(60),
    "forges": lambda: line_to_parent().sendall(struct.pack(">cI", ANSWER, 1) + b"\x80") or time.sleep(60),
    "much": send_too_much,
    "steps": send_steps,
    "hangs": lambda: time.sleep(60),
    "closes": lambda: line_to_parent().shutdown(socket.SHUT_RDWR) or time.sleep(60),
    "kills": kill_neighbours,
    "naps": lambda: time.sleep(1),
    "spins": lambda: burn(60),
    "works": lambda: burn(0.5),
    "hoards": lambda: hoard.append(bytes(300 << 20)),
    "needs": lambda: bytes(300 << 20) and None,
    "nests": nest_folders,
    "hides": hide_files,
    "names": name_files,
    "knows": lambda: send(own_token() + b"\xc1junk") or time.sleep(60),
    "breeds": breed,
    "exits": lambda: sys.exit(3),
}
