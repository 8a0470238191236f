"""Whole runs, as a user starts them: cold start, and what 10 to 10,000 documents take."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import cycle, islice
from pathlib import Path
from time import perf_counter
from typing import Any

from benchmarks.timing.compare import spread
from benchmarks.timing.memory import Watch
from benchmarks.timing.worker import ROOT


@dataclass(frozen=True, slots=True)
class Command:
    """What a command and all its processes took: seconds, and MB at most of itself and its largest child."""

    cpu: float
    wall: float
    parent_mb: float | None
    worker_mb: float | None


class CommandError(Exception):
    """A command that was to be measured failed."""


def run_command(arguments: Sequence[str]) -> Command:
    """`python -m pipeline` with these arguments, from start to end; raises CommandError where it fails."""
    command = [sys.executable, "-m", "pipeline", *arguments]
    started = perf_counter()
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    with Watch(process.pid) as watch:
        _, status, used = os.wait4(process.pid, 0)
    wall = perf_counter() - started
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        line = " ".join(["python -m pipeline", *arguments])
        raise CommandError(f"{line}: ended with status {process.returncode}: run it by hand to see why")
    return Command(used.ru_utime + used.ru_stime, wall, watch.own_mb, watch.largest_child_mb)


def cold_start(document: Path, folder: Path, rounds: int) -> list[dict[str, Any]]:
    """What `--help` and a run over one document take, from nothing."""
    help_, one = [], []
    for number in range(rounds):
        help_.append(run_command(["--help"]))
        one.append(run_command(["run", str(document), "--out", str(folder / f"cold{number}")]))
    return [_spread("python -m pipeline --help", help_), _spread("python -m pipeline run, one document", one)]


def _spread(what: str, commands: Sequence[Command]) -> dict[str, Any]:
    wall, cpu = spread([each.wall for each in commands]), spread([each.cpu for each in commands])
    return {"what": what, "wall": wall, "cpu": cpu}


def grow(documents: Sequence[Path], count: int, folder: Path) -> dict[str, Any]:
    """A run over `count` distinct documents, one with nothing new, one with one more; what it wrote.

    The documents are the given ones over and over, each with another comment at its end. What was written
    below `folder` is removed again.
    """
    raw, out = folder / f"raw{count}", folder / f"out{count}"
    write_distinct(documents, count, raw)
    arguments = ["run", str(raw), "--out", str(out)]
    try:
        first = run_command(arguments)
        written = sum(file.stat().st_size for file in out.iterdir())
        again = run_command(arguments)
        _write_copy(documents[0], raw, count)
        one_more = run_command(arguments)
    finally:
        shutil.rmtree(raw)
        shutil.rmtree(out, ignore_errors=True)
    runs: Mapping[str, Command] = {"first": first, "nothing_new": again, "one_more": one_more}
    return {"documents": count, "out_bytes": written, **{name: asdict(run) for name, run in runs.items()}}


def write_distinct(documents: Sequence[Path], count: int, folder: Path) -> None:
    """`count` files, no two with the same bytes; what follows the end of a PDF is not read."""
    folder.mkdir(parents=True)
    for number, document in enumerate(islice(cycle(documents), count)):
        _write_copy(document, folder, number)


def _write_copy(document: Path, folder: Path, number: int) -> None:
    (folder / f"{number:06}.pdf").write_bytes(document.read_bytes() + b"\n%% copy %d\n" % number)
