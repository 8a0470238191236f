"""Run a worker: `python -m pipeline.workers.child PARENT MEMORY_MB TEMP_MB MODULE …`.

It is a program of its own, and no copy of its parent. So it never runs a user's script again, and it has only
the variables that it was given. It talks to its parent over a socket, which is its standard input.
"""

from __future__ import annotations

import gc
import os
import pickle
import signal
import socket
import struct
import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path

from pipeline.child_processes import OUT_OF_MEMORY, adopt_orphans, die_with_parent, kill_children
from pipeline.errors import QUOTED_MAX_CHARACTERS
from pipeline.workers import sandbox, wire
from pipeline.workers.progress_note import note, silence_libraries
from pipeline.workers.scratch import ScratchFolder

_LENGTH = struct.Struct(">I")
"""The length of a job, which comes before it."""


def main(arguments: Sequence[str]) -> None:
    """Do the jobs that the parent sends, until the parent closes the connection or dies.

    `arguments` are the parent's process number, the memory limit in MB, the limit on temporary files in MB,
    and the modules to load before the sandbox is entered.
    """
    parent, memory_mb, temp_mb, *modules = arguments
    die_with_parent(int(parent))
    adopt_orphans()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    connection = _take_connection()
    sandbox.limit(int(memory_mb), int(temp_mb))
    silence_libraries()
    for module in modules:  # only before the sandbox can Python store compiled code
        import_module(module)
    gc.freeze()  # what is loaded stays: the garbage collector need not look through it for each document
    layers = sandbox.enter(ScratchFolder(Path(os.environ[sandbox.FOLDER_VARIABLE])))
    note.send_to(lambda step: wire.send(connection, wire.STEP, step.encode("utf-8", "replace")))
    wire.send(connection, wire.READY, layers.encode())
    while (job := _next_job(connection)) is not None:
        wire.send(connection, *_job_to_answer(job))


def _take_connection() -> socket.socket:
    """Return the connection to the parent.

    It moves to another descriptor, which no process started here inherits. Standard input then gives nothing.
    """
    connection = socket.socket(fileno=os.dup(0))
    nowhere = os.open(os.devnull, os.O_RDWR)
    os.dup2(nowhere, 0)
    os.close(nowhere)
    return connection


def _next_job(connection: socket.socket) -> bytes | None:
    """Return the next job as bytes, None if the parent has closed the connection."""
    head = _receive(connection, _LENGTH.size)
    return _receive(connection, *_LENGTH.unpack(head)) if head else None


def _receive(connection: socket.socket, length: int) -> bytes:
    """Return `length` bytes, or fewer if the parent has closed the connection."""
    data = bytearray()
    while len(data) < length and (chunk := connection.recv(length - len(data))):
        data += chunk
    return bytes(data)


def _job_to_answer(job: bytes) -> tuple[bytes, bytes]:
    """Do a job, and return the kind and the body of the frame to send back.

    The process exits with OUT_OF_MEMORY if the job needs more memory than it may have.
    """
    try:
        function, arguments = pickle.loads(job[wire.TOKEN_BYTES :])
        return wire.ANSWER, job[: wire.TOKEN_BYTES] + function(*arguments)
    except MemoryError:
        os._exit(OUT_OF_MEMORY)
    except BaseException as error:  # a panic of a Rust library is no Exception
        words = " ".join(f"{type(error).__name__} ({error})".split())
        return wire.ERROR, words[:QUOTED_MAX_CHARACTERS].encode("utf-8", "replace")
    finally:
        kill_children()


if __name__ == "__main__":
    main(sys.argv[1:])
