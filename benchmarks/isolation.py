"""What isolation costs: `python -m benchmarks.isolation`.

The same documents are read by the pipeline's workers, with their limits and their watch, and by the bare
processes of a multiprocessing.Pool, in turns within one run, each turn with fresh processes. Printed and
written to benchmarks/.results/isolation.json: the seconds of every round by the clock and of CPU, and the
median of the rounds' ratios. On a shared machine the clock is noisy; CPU time leaves out waiting: see both.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import statistics
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks.speed import CORPUS, RAW, RESULTS, evenly
from pipeline.acquire import paths_to_documents
from pipeline.config import Settings
from pipeline.workers import Task, silence_libraries, task_to_report, tasks_to_reports
from pipeline.workers.sandbox import LIBRARY_LIMITS

MOST = 1.2
"""The goal: so many times what bare processes take."""


@dataclass(frozen=True, slots=True)
class Span:
    """Seconds by the clock, and of CPU in this process and those that it started."""

    clock: float
    cpu: float


@dataclass(frozen=True, slots=True)
class Round:
    """The same documents read both ways."""

    bare: Span
    isolated: Span


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print, write; 1 where isolation costs more than the goal."""
    options = _parser().parse_args(arguments)
    files = [*sorted(RAW.glob("*.pdf")), *evenly(sorted(options.corpus.glob("*.pdf")), options.documents)]
    tasks = [Task(document) for document in paths_to_documents(files)]
    settings = Settings(jobs=options.jobs)
    rounds = [_round(tasks, settings, number) for number in range(options.rounds)]
    result = {
        "documents": len(tasks),
        "jobs": settings.workers,
        "rounds": [asdict(one) for one in rounds],
        "ratios": rounds_to_ratios(rounds),
    }
    RESULTS.mkdir(parents=True, exist_ok=True)
    (RESULTS / "isolation.json").write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(result["ratios"]))
    return int(rounds_to_ratios(rounds)["clock"] > MOST)


def rounds_to_ratios(rounds: Sequence[Round]) -> Mapping[str, float]:
    """Isolated to bare, the median of the rounds: 1.1 is a cost of a tenth."""
    return {
        "clock": round(statistics.median(one.isolated.clock / one.bare.clock for one in rounds), 3),
        "cpu": round(statistics.median(one.isolated.cpu / one.bare.cpu for one in rounds), 3),
    }


def _round(tasks: Sequence[Task], settings: Settings, number: int) -> Round:
    """Who comes first alternates: the other finds the files in the cache."""
    ways = {"bare": _read_bare, "isolated": _read_isolated}
    spans = {name: _measure(ways[name], tasks, settings) for name in sorted(ways, reverse=bool(number % 2))}
    one = Round(**spans)
    print(f"round {number + 1}: bare {one.bare.clock:.1f} s, isolated {one.isolated.clock:.1f} s,"
          f" CPU {one.bare.cpu:.1f} s and {one.isolated.cpu:.1f} s", file=sys.stderr)  # fmt: skip
    return one


def _measure(
    reading: Callable[[Sequence[Task], Settings], int], tasks: Sequence[Task], settings: Settings
) -> Span:
    clock, cpu = time.perf_counter(), _cpu()
    if (count := reading(tasks, settings)) != len(tasks):
        raise RuntimeError(f"{count} of {len(tasks)} documents were read: the two cannot be compared")
    return Span(time.perf_counter() - clock, _cpu() - cpu)


def _cpu() -> float:
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def _read_isolated(tasks: Sequence[Task], settings: Settings) -> int:
    return sum(report.status != "failed" for report in tasks_to_reports(tasks, settings))


def _read_bare(tasks: Sequence[Task], settings: Settings) -> int:
    with multiprocessing.get_context("spawn").Pool(settings.workers, _prepare_bare) as pool:
        read = sum(pool.imap_unordered(_is_read, tasks))
        pool.close()
        pool.join()
    return read


def _prepare_bare() -> None:
    os.environ.update(LIBRARY_LIMITS)
    silence_libraries()


def _is_read(task: Task) -> bool:
    return task_to_report(task, ()).status != "failed"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.isolation", description=__doc__)
    parser.add_argument("--corpus", type=Path, default=CORPUS, help="a folder of PDFs (default: .corpus)")
    parser.add_argument("--documents", type=int, default=200, help="so many of the corpus (default: 200)")
    parser.add_argument("--rounds", type=int, default=3, help="default: 3")
    parser.add_argument("--jobs", type=int, default=0, help="processes at once (default: every core)")
    return parser


if __name__ == "__main__":
    raise SystemExit(main())
