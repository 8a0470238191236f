"""The program of a worker: `python -m pipeline.workers.child PARENT MEMORY_MB TEMP_MB MODULE …`.

A program of its own rather than a copy of its parent's: it never runs the script of a user again, and has
only the variables that it was given. The line to its parent is its standard input.
"""

from __future__ import annotations

import os
import pickle
import signal
import socket
import struct
import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path

from pipeline.child_processes import adopt_orphans, die_with_parent, kill_children
from pipeline.workers import sandbox, wire
from pipeline.workers.progress_note import OUT_OF_MEMORY, note, silence_libraries
from pipeline.workers.scratch import ScratchFolder


def main(arguments: Sequence[str]) -> None:
    """Wait for jobs, and end with the parent."""
    parent, memory_mb, temp_mb, *modules = arguments
    die_with_parent(int(parent))
    adopt_orphans()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    line = _take_line()
    sandbox.limit(int(memory_mb), int(temp_mb))
    silence_libraries()
    for module in modules:  # before the sandbox: what is compiled now is kept
        import_module(module)
    layers = sandbox.enter(ScratchFolder(Path(os.environ[sandbox.FOLDER_VARIABLE])))
    note.send_to(lambda step: wire.send(line, wire.STEP, step.encode("utf-8", "replace")))
    wire.send(line, wire.READY, layers.encode())
    while (job := _next_job(line)) is not None:
        wire.send(line, *_job_to_answer(job))


def _take_line() -> socket.socket:
    """The line to the parent, moved to where nothing that is started here inherits it."""
    line = socket.socket(fileno=os.dup(0))
    nowhere = os.open(os.devnull, os.O_RDWR)
    os.dup2(nowhere, 0)
    os.close(nowhere)
    return line


def _next_job(line: socket.socket) -> bytes | None:
    """What the parent asks for; None where it asks no more."""
    head = _receive(line, 4)
    return _receive(line, *struct.unpack(">I", head)) if head else None


def _receive(line: socket.socket, length: int) -> bytes:
    """So many bytes; fewer where the parent has gone."""
    data = bytearray()
    while len(data) < length and (chunk := line.recv(length - len(data))):
        data += chunk
    return bytes(data)


def _job_to_answer(job: bytes) -> tuple[bytes, bytes]:
    """Kind and body of what is sent back; a worker out of memory ends here."""
    try:
        function, arguments = pickle.loads(job[wire.TOKEN :])
        return wire.ANSWER, job[: wire.TOKEN] + function(*arguments)
    except MemoryError:
        os._exit(OUT_OF_MEMORY)
    except BaseException as error:  # a panic of a Rust library is no Exception
        words = " ".join(f"{type(error).__name__} ({error})".split())
        return wire.ERROR, words[:200].encode("utf-8", "replace")
    finally:
        kill_children()


if __name__ == "__main__":
    main(sys.argv[1:])
