"""One program in a process of its own, so that neither imports nor memory of two programs mix.

`python -m benchmarks.timing.worker PROGRAM` answers every line of JSON on its input, a list of files, with
one of JSON on its output: seconds of CPU (children such as a JVM too) and wall, and the files it failed on.
The first line that it writes is what its imports took. `Worker` is the other end.
"""

from __future__ import annotations

import json
import logging
import os
import resource
import subprocess
import sys
import threading
import time
import warnings
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from importlib import import_module
from pathlib import Path
from types import TracebackType
from typing import IO, cast

from benchmarks.timing.programs import PROGRAMS, Program

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class Usage:
    """Seconds that something took, and the names of the files on which it raised."""

    cpu: float
    wall: float
    failed: tuple[str, ...] = ()


class WorkerError(Exception):
    """A program that died or was stopped; the message says which, and on how many documents."""


class Worker:
    """A program that waits in a process of its own; to be used in `with`, which ends it."""

    def __init__(self, program: str, limit: float = 120.0) -> None:
        """`limit` is how many seconds a document may take on average."""
        self._program, self._limit = program, limit
        command = [sys.executable, "-m", "benchmarks.timing.worker", program]
        pipe, nowhere = subprocess.PIPE, subprocess.DEVNULL
        self._process = subprocess.Popen(
            command, cwd=ROOT, text=True, stdin=pipe, stdout=pipe, stderr=nowhere
        )
        self.imports = self._answer(1)

    @property
    def pid(self) -> int:
        return self._process.pid

    def __enter__(self) -> Worker:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.kill()
        self._process.communicate()

    def measure(self, files: Sequence[Path]) -> Usage:
        """What these files took; raises WorkerError where the program dies or exceeds its limit."""
        try:
            print(json.dumps([str(file.absolute()) for file in files]), file=self._process.stdin, flush=True)
        except BrokenPipeError:
            raise WorkerError(f"{self._program}: ended before it was given {len(files)} documents") from None
        return self._answer(len(files))

    def _answer(self, documents: int) -> Usage:
        allowed = self._limit * documents
        stop = threading.Timer(allowed, self._process.kill)
        stop.start()
        line = cast(IO[str], self._process.stdout).readline()
        stop.cancel()
        if not line:
            what = f"died, or did not end within {allowed:g} s, on {documents} documents"
            raise WorkerError(f"{self._program}: {what}: try them with --programs {self._program}")
        answer = json.loads(line)
        return Usage(answer["cpu"], answer["wall"], tuple(answer["failed"]))


def timed(work: Callable[[], Sequence[str]]) -> Usage:
    """What `work`, which gives the names it failed on, took in this process and its children."""
    cpu, wall = _cpu_seconds(), time.perf_counter()
    failed = work()
    return Usage(_cpu_seconds() - cpu, time.perf_counter() - wall, tuple(failed))


def _cpu_seconds() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in used)


def _read_all(program: Program, files: Sequence[str]) -> list[str]:
    """The names of the files that the program raised on."""
    return [Path(file).name for file in files if not _reads(program, Path(file))]


def _reads(program: Program, file: Path) -> bool:
    try:
        program.read(file)
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException:  # a panic of a Rust library is no Exception
        return False
    return True


def _import(program: Program) -> list[str]:
    for module in program.modules:
        import_module(module)
    return []


def serve(program: Program, requests: IO[str], answers: IO[str]) -> None:
    """Answer until the requests end."""

    def answer(usage: Usage) -> None:
        print(json.dumps(asdict(usage)), file=answers, flush=True)

    answer(timed(lambda: _import(program)))
    for line in requests:
        files = json.loads(line)
        answer(timed(lambda files=files: _read_all(program, files)))  # type: ignore[misc]


def _own_output() -> IO[str]:
    """Where answers go; what the libraries print goes nowhere."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    logging.disable(logging.CRITICAL)
    warnings.simplefilter("ignore")
    return answers


if __name__ == "__main__":
    serve(PROGRAMS[sys.argv[1]], sys.stdin, _own_output())
