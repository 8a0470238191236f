"""Readers for the tests of the walls: hostile code in a worker, and documents that only need much."""

from __future__ import annotations

import json
import os
import socket
import struct
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from pipeline.records import Report
from pipeline.workers import Task
from pipeline.workers.wire import ANSWER, LONGEST, STEP
from tests.run.crashing import sound_report

hoard: list[bytes] = []
"""What a document leaves in the memory of its worker."""


def read(task: Task, passwords: tuple[str, ...]) -> Report:
    """What becomes of a document is the word before the first "_" of its name."""
    word = task.document.snapshot.path.stem.partition("_")[0]
    DEEDS.get(word, lambda: None)()
    return sound_report(task)


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
        "environment": dict(os.environ),
        "status": Path("/proc/self/status").read_text(),
        "limits": Path("/proc/self/limits").read_text(),
        "files": [str(Path(f"/proc/self/fd/{n}").readlink()) for n in (0, 1, 2)],
    }


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
    line_to_parent().sendall(struct.pack(">cI", ANSWER, LONGEST + 1) + bytes(1 << 20))
    time.sleep(60)


def send_steps() -> None:
    line = line_to_parent()
    while True:
        line.sendall(struct.pack(">cI", STEP, 7) + b"tablers")


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
    for _ in range(1500):
        os.mkdir("d")  # noqa: PTH102
        os.chdir("d")
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
    "works": lambda: burn(1),
    "hoards": lambda: hoard.append(bytes(300 << 20)),
    "needs": lambda: bytes(300 << 20) and None,
    "nests": nest_folders,
    "breeds": breed,
    "exits": lambda: sys.exit(3),
}
